"""Turn coverage into one HTML page that needs nothing beside itself."""

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from string import Template

from apidouble.mockserver.story.coverage.model import DIMENSIONS, Coverage, Point, Reach, Share
from apidouble.mockserver.story.coverage.universe import ANY
from apidouble.mockserver.story.page import write_page

TEMPLATE = Template(Path(__file__).with_name("page.html").read_text("utf-8"))
STYLE = Path(__file__).with_name("page.css").read_text("utf-8")
CALLS = ("parameters", "replies", "formats", "codes", "failures")
LIVES = ("statuses", "transitions")
LABELLED = ("codes", "failures", "statuses", "control")
MARKS = {Reach.NATURAL: "●", Reach.FORCED: "◐", Reach.NEVER: "○"}


def coverage_page(coverage: Coverage) -> str:
    """Return the page: shares first, then each vendor's operations and machines with all their points."""
    share = coverage.share()
    content = TEMPLATE.substitute(
        percent=f"{share.percent:g}",
        total=_bar(share),
        counts=_counts(share),
        shares="\n".join(_shares(coverage)),
        vendors="".join(_choice("vendor", vendor, vendor) for vendor in coverage.vendors()),
        sections="\n".join(_section(coverage, vendor) for vendor in coverage.vendors()),
    )
    return write_page(f"apidouble coverage: {share.percent:g} %", STYLE, content)


def _shares(coverage: Coverage) -> Iterator[str]:
    for dimension in coverage.dimensions():
        share = coverage.share(dimension)
        yield (
            f'<div class="card share"><h3>{dimension}<b>{share.percent:g} %</b></h3>{_bar(share)}'
            f"<p>{escape(DIMENSIONS[dimension])}: {share.total - share.never} of {share.total}</p></div>"
        )


def _section(coverage: Coverage, vendor: str) -> str:
    own = [point for point in coverage.points if point.vendor == vendor]
    cards: dict[str, list[str]] = {}
    for place, kind, rows in _parts(own):
        cards.setdefault("machines" if kind == "machine" else "calls", []).append(_card(coverage, place, kind, rows))
    share = coverage.share(vendor=vendor)
    title = f"<h2>{escape(vendor)} <small>{share.percent:g} % · {_counts(share)}</small></h2>"
    blocks = "".join(f'<div class="{name}">{"".join(own)}</div>' for name, own in cards.items())
    return f'<section data-vendor="{escape(vendor)}">{title}{blocks}</section>'


def _parts(points: Iterable[Point]) -> Iterator[tuple[str, str, list[tuple[str, list[Point]]]]]:
    """Yield what gets a card: its title, its kind, and its points by row."""
    places: dict[tuple[str, str], dict[str, list[Point]]] = {}
    for point in points:
        kind, row = "operation", point.dimension
        if point.dimension in LIVES:
            kind, row = "machine", point.dimension if point.dimension == "statuses" else point.name.split(" ")[0]
        place = point.place
        if point.dimension == "control":
            place, row = "control plane", "calls"
        elif place == ANY:
            kind, place = "common", "any operation"
        places.setdefault((kind, place), {}).setdefault(row, []).append(point)
    order = ("common", "operation", "machine")
    for (kind, place), rows in sorted(places.items(), key=lambda item: order.index(item[0][0])):
        yield place, kind, list(rows.items())


def _card(coverage: Coverage, title: str, kind: str, rows: list[tuple[str, list[Point]]]) -> str:
    points = [point for _, own in rows for point in own]
    reached = [coverage.reach(point) for point in points]
    share = Share(*(reached.count(reach) for reach in (Reach.NATURAL, Reach.FORCED, Reach.NEVER)))
    lines = [
        f"<dt>{escape(row)}</dt><dd>{''.join(_chip(coverage, point) for point in own)}</dd>"
        for row, own in rows
        if row != "operations"
    ]
    mark = next((_mark(coverage.reach(p)) for p in points if p.dimension == "operations"), "")
    tag = "<small>machine</small>" if kind == "machine" else ""
    return (
        f'<article class="card {kind}"><h3>{mark}{escape(title)}{tag}'
        f"<b>{share.total - share.never}/{share.total}</b></h3>{_bar(share)}<dl>{''.join(lines)}</dl></article>"
    )


def _chip(coverage: Coverage, point: Point) -> str:
    reach, label = coverage.reach(point), coverage.labels.get(point, "")
    name = point.name
    if point.dimension == "transitions":
        name = name.partition(" ")[2]
    words = f" <i>{escape(label)}</i>" if label and point.dimension in LABELLED else ""
    title = escape(f"{point.name}{f': {label}' if label else ''} ({reach.word})")
    return f'<span class="{reach.word}" title="{title}">{escape(name)}{words}</span> '


def _bar(share: Share) -> str:
    parts = ((Reach.NATURAL, share.natural), (Reach.FORCED, share.forced), (Reach.NEVER, share.never))
    bars = "".join(f'<i class="{reach.word}" style="flex-grow:{count}"></i>' for reach, count in parts if count)
    return f'<div class="bar">{bars}</div>'


def _counts(share: Share) -> str:
    parts = ((Reach.NATURAL, share.natural), (Reach.FORCED, share.forced), (Reach.NEVER, share.never))
    return " · ".join(f"{count} {reach.word}" for reach, count in parts if count)


def _mark(reach: Reach) -> str:
    return f'<em class="{reach.word}" title="{reach.word}">{MARKS[reach]}</em>'


def _choice(name: str, value: str, text: str) -> str:
    return f'<label><input type="radio" name="{name}" value="{escape(value)}">{escape(text)}</label>'
