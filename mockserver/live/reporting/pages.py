"""A scorecard, or findings, into one HTML page that needs nothing beside itself."""

from collections.abc import Iterable
from datetime import datetime
from html import escape

from apidouble.mockserver.live.reporting.drift import Drift
from apidouble.mockserver.live.reporting.scorecard import SOURCES, UNKNOWN, Cell, Scorecard
from apidouble.mockserver.story.page import tiles, write_page

STYLE = """
.tiles div{border-left:5px solid}.tiles b{color:var(--ink)}
.note+.note,.card{margin-top:12px}
td small{display:block;color:var(--soft)}
code{font-size:13px}
i{font-style:normal;border-radius:10px;padding:1px 9px;font-size:13px;white-space:nowrap;
background:var(--tint,var(--line))}
.agree{color:var(--good);--tint:var(--good-back)}
.differ,.error{color:var(--bad);--tint:var(--bad-back)}
.warning{color:var(--fair);--tint:var(--fair-back)}
.unknown,.remark{color:var(--soft)}
"""


def scorecard_page(card: Scorecard) -> str:
    """Return the page of a scorecard."""
    rows = []
    for row in card.rows:
        behaviour = row.behaviour
        reading = f"<small><code>{escape(behaviour.reading)}</code></small>" if behaviour.reading else ""
        cells = "".join(f"<td>{_cell(row.cells[source], card.at)}</td>" for source in SOURCES)
        rows.append(
            f"<tr><td>{escape(behaviour.said)}<small><code>{escape(behaviour.name)}</code></small>{reading}</td>"
            f"<td>{_badge(row.fidelity)}</td>{cells}</tr>"
        )
    head = "".join(f"<th>{name}</th>" for name in ("behaviour", "fidelity", *SOURCES))
    said = {"agree": "agree with the service", "differ": "differ from it", UNKNOWN: "unknown: nobody has looked lately"}
    return _page(
        "Fidelity scorecard",
        f"Whether the simulator does as the services do, {card.at:%Y-%m-%d}. The same assertions are put to each "
        "source; fidelity is known only where the service itself was seen, live or in a recording not yet expired.",
        {verdict: (count, said[verdict]) for verdict, count in card.counts.items()},
        card.notes,
        f"<table><tr>{head}</tr>{''.join(rows)}</table>",
    )


def drift_page(report: Drift, now: datetime) -> str:
    """Return the page of findings."""
    rows = [
        f"<tr><td>{_badge(f.severity)}</td><td>{escape(f.operation)}<small>{f.vendor}, {f.format}</small></td>"
        f"<td>{escape(f.said)}<small>{f.kind}</small></td>"
        f"<td><code>{escape(f.line)}</code><small><code>{escape(f.reading)}</code></small></td></tr>"
        for f in report.findings
    ]
    head = "".join(f"<th>{name}</th>" for name in ("severity", "operation", "finding", "specs, reading"))
    table = f"<table><tr>{head}</tr>{''.join(rows)}</table>" if rows else "<p>Nothing has drifted.</p>"
    counts = {s: (sum(f.severity == s for f in report.findings), f"{s}s") for s in ("error", "warning", "note")}
    seen = ", ".join(f"{c.vendor} at {c.host} on {c.recorded_at:%Y-%m-%d}" for c in report.cassettes) or "nothing"
    return _page(
        "Drift",
        f"{report.answers} answers against the specs, {report.compared} against the simulator, {now:%Y-%m-%d}: {seen}.",
        counts,
        report.left_out,
        table,
    )


def _cell(cell: Cell, now: datetime) -> str:
    why = f"<small>{escape(cell.why)}</small>" if cell.why and cell.verdict != "agree" else ""
    when = f"<small>{cell.at:%Y-%m-%d}, {(now - cell.at).days} days old</small>" if cell.at and cell.at != now else ""
    return _badge(cell.verdict) + why + when


def _badge(word: str) -> str:
    return f'<i class="{_kind(word)}">{word}</i>'


def _kind(word: str) -> str:
    return {"note": "remark"}.get(word, word)  # a note is something else in every page


def _page(title: str, about: str, counts: dict[str, tuple[int, str]], notes: Iterable[str], body: str) -> str:
    shown = tiles((_kind(word), count, said) for word, (count, said) in counts.items())
    listed = "".join(f'<p class="note">{escape(note)}</p>' for note in notes)
    return write_page(
        f"apidouble: {title}",
        STYLE,
        f'<header><h1>{title}</h1><p class="note">{escape(about)}</p>{shown}</header>'
        f'<main>{listed}<div class="card wide">{body}</div></main>',
    )
