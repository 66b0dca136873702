"""A scorecard, or findings, into one HTML page that needs nothing beside itself."""

from collections.abc import Iterable
from datetime import datetime
from html import escape

from apidouble.mockserver.live.drift import Drift
from apidouble.mockserver.live.scorecard import SOURCES, UNKNOWN, Cell, Scorecard

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#1d2430;background:#f5f6f8;margin:0}
main{max-width:1104px;margin:0 auto;padding:28px 16px 60px}
h1{font-size:25px;margin:0 0 4px}h2{font-size:17px;margin:22px 0 8px}p.note{color:#5f6b7a;margin:0 0 14px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:16px 0}
.tiles div{background:#fff;border:1px solid #e1e5ea;border-left:5px solid;border-radius:8px;padding:12px 16px}
.tiles b{display:block;font-size:22px;color:#1d2430}.tiles span{color:#5f6b7a;font-size:13px}
table{border-collapse:collapse;width:100%;background:#fff;border:1px solid #e1e5ea;border-radius:8px}
th,td{text-align:left;padding:6px 10px;border-bottom:1px solid #eceff2;vertical-align:top}
th{color:#5f6b7a;font-weight:600;font-size:13px}td small{display:block;color:#5f6b7a}
code{font-size:13px}i{font-style:normal;border-radius:10px;padding:1px 9px;font-size:13px;white-space:nowrap}
.agree{background:#d9f0df;color:#1c5a2f;border-color:#4f9d69}.differ,.error{background:#f8dcd6;color:#8a2c18;border-color:#c8553d}
.unknown,.note-{background:#e9ecf0;color:#4d5866;border-color:#8a94a3}.warning{background:#fbeed3;color:#7a5310;border-color:#d99a2b}
.tiles .agree,.tiles .differ,.tiles .unknown,.tiles .error,.tiles .warning,.tiles .note-{background:#fff}
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
    return f'<i class="{word.replace("note", "note-")}">{word}</i>'


def _page(title: str, about: str, tiles: dict[str, tuple[int, str]], notes: Iterable[str], body: str) -> str:
    shown = "".join(
        f'<div class="{name.replace("note", "note-")}"><b>{count}</b><span>{said}</span></div>'
        for name, (count, said) in tiles.items()
    )
    listed = "".join(f'<p class="note">{escape(note)}</p>' for note in notes)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>apidouble: {title}</title><style>{STYLE}</style><main><h1>{title}</h1>"
        f'<p class="note">{escape(about)}</p><div class="tiles">{shown}</div>{listed}{body}</main></html>\n'
    )
