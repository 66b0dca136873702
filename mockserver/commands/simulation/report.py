"""Turn the figures of a simulation into one HTML page that needs nothing beside itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from html import escape

from apidouble.mockserver.commands.simulation import deliveries
from apidouble.mockserver.commands.simulation.run import Run
from apidouble.mockserver.domain.money import PURSES, RUB, USD, Purse, major
from apidouble.mockserver.story.page import tiles, write_page

WIDTH, HEIGHT = 1040, 280
LEFT, BOTTOM, TOP, RIGHT = 74, 34, 12, 12
BLUE, GREEN, RED, ORANGE, VIOLET, GREY = "#3b6fb6", "#4f9d69", "#c8553d", "#d99a2b", "#7d5ba6", "#8a94a3"
STATUS_COLORS = (GREY, BLUE, GREEN, RED, ORANGE, VIOLET)  # being written, then the statuses by their numbers
MONEY_COLORS = (BLUE, GREEN, VIOLET)
GROUP_COLORS = (BLUE, GREEN, VIOLET, RED, ORANGE)  # as deliveries.GROUPS
WORTH_COLORS = (GREEN, GREY, VIOLET, RED)  # delivered, to come, paid back, lost
PROJECT_COLUMNS = (
    "project", "tariff", "status", "paid works left", "on review", "in rework", "paid", "rejected", "price refused",
)  # fmt: skip
SERVICE_COLUMNS = (
    "service", "orders", "ordered", "delivered", "per cent", *deliveries.GROUPS.values(), "cost, USD", "paid back, USD",
)  # fmt: skip
TICKS = 4
PURSE_MEANS: Mapping[Purse, str] = {"held": "held by projects", "paid": "paid to authors", "spent": "spent on VIP"}
STYLE = """
section{margin:16px 0}
svg{display:block;width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:var(--soft)}
svg line{stroke:var(--line)}
.legend{display:flex;flex-wrap:wrap;gap:6px 18px;font-size:13px;margin:8px 0 0}
.legend i{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:6px}
table{font-variant-numeric:tabular-nums}
th:not(.words),td:not(.words){text-align:right}
"""


def page(run: Run) -> str:
    """Return the page."""
    zone = run.world.rules["qcomment"].zone
    first, last = run.samples[0].at_ms, run.samples[-1].at_ms
    start, end = (datetime.fromtimestamp(at_ms / 1000, zone).strftime("%Y-%m-%d %H:%M") for at_ms in (first, last))
    sections = [
        _section("Works handed in, by hour of the day", *_bars({f"{h:02}": run.hours[h] for h in range(24)})),
        _section("Works handed in, by day", *_bars(dict(sorted(run.days.items())))),
        _section("Works by status", *_statuses(run, zone)),
        *(
            _section(f"Money of the customer outside his balance, {currency}", *_money(run, currency, zone))
            for currency in (RUB, USD)
            if any(_outside(sample.money[currency]) for sample in run.samples)
        ),
        *(_deliveries(run, zone) if run.deliveries else ()),
        _table("Projects", PROJECT_COLUMNS, _projects(run), words=3),
    ]
    name = escape(run.scenario.name)
    return write_page(
        f"{run.scenario.name}: simulated life",
        STYLE,
        f'<header><h1>Simulated life: {name}</h1><p class="note">{escape(run.scenario.description)}<br>'
        f"{start} to {end}, {escape(str(zone))}; seed {run.world.seed}</p>{_tiles(run)}</header>"
        f"<main>{''.join(sections)}</main>",
    )


def _tiles(run: Run) -> str:
    works = sum(run.hours.values())
    refusals = sum(project.refuse_small_price for project in run.account.projects.values())
    counts = {
        "projects": len(run.account.projects),
        "works handed in": works,
        "works paid": run.samples[-1].statuses.get(1, 0) - run.samples[0].statuses.get(1, 0),
        "authors": len({comment.author for comment in run.account.comments.values()}),
        "refusals of the price": refusals,
        **({"submissions": sum(run.deliveries[-1].groups.values())} if run.deliveries else {}),
        "events": run.events,
    }
    return tiles([("", count, said) for said, count in counts.items()])


def _section(title: str, chart: str, legend: str, vendor: str = "QComment") -> str:
    return f'<section class="card"><h2>{escape(title)}<small>{vendor}</small></h2>{chart}{legend}</section>'


def _statuses(run: Run, zone: tzinfo) -> tuple[str, str]:
    states = run.world.rules["qcomment"].machines["comment"].states
    series = {
        run.status_name("comment", status): [sample.statuses.get(status, 0) for sample in run.samples]
        for status in states
    }
    series = {"being written": [sample.writing for sample in run.samples], **series}
    return _area(series, STATUS_COLORS, _instants(run, zone))


def _money(run: Run, currency: str, zone: tzinfo) -> tuple[str, str]:
    series = {
        PURSE_MEANS[purse]: [float(major(sample.money[currency][purse])) for sample in run.samples]
        for purse in PURSES
        if purse in PURSE_MEANS
    }
    return _area(series, MONEY_COLORS, _instants(run, zone))


def _outside(purses: Mapping[Purse, int]) -> int:
    return sum(amount for purse, amount in purses.items() if purse in PURSE_MEANS)


def _instants(run: Run, zone: tzinfo) -> list[str]:
    return [_day(sample.at_ms, zone) for sample in run.samples]


def _day(at_ms: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(at_ms / 1000, zone).strftime("%m-%d")


def _projects(run: Run) -> Iterator[Sequence[str]]:
    for project in run.account.projects.values():
        if not project.comment_ids and not project.pay:
            continue
        tariff = run.world.rules["qcomment"].catalogs["tariffs"][project.settings["tarif_id"]]
        counts = [project.pay, *(project.statuses[status] for status in (0, 3, 1, 2)), project.refuse_small_price]
        words = [str(project.id), f"{tariff['name']}, {tariff['currency']}", run.status_name("project", project.status)]
        yield [*words, *map("{:,}".format, counts)]


def _deliveries(run: Run, zone: tzinfo) -> Iterator[str]:
    """Yield the sections about QQTube."""
    labels = [_day(sample.at_ms, zone) for sample in run.deliveries]
    groups = {name: [sample.groups.get(name, 0) for sample in run.deliveries] for name in deliveries.GROUPS.values()}
    worth = {name: [float(major(sample.worth[name])) for sample in run.deliveries] for name in run.deliveries[0].worth}
    yield _section("Submissions by status", *_area(groups, GROUP_COLORS, labels), "QQTube")
    yield _section("What was ordered, by its cost in USD", *_area(worth, WORTH_COLORS, labels), "QQTube")
    columns = ("id", "status", "kind", "submissions", "per cent")
    yield _table("Statuses of submissions", columns, _statuses_of_submissions(run), words=3)
    yield _table("Services", SERVICE_COLUMNS, map(_service, deliveries.services(run.world)), words=1)


def _statuses_of_submissions(run: Run) -> Iterator[Sequence[str]]:
    states = run.world.rules[deliveries.VENDOR].machines["submission"].states
    counts = deliveries.statuses(run.world)
    for status, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        kind = deliveries.GROUPS[states[status].info["group"]]
        yield str(status), states[status].name, kind, f"{count:,}", f"{100 * count / sum(counts.values()):.1f}"


def _service(service: deliveries.Service) -> Sequence[str]:
    return (
        service.name,
        *map("{:,}".format, (service.orders, service.ordered, service.delivered)),
        f"{100 * service.delivered / service.ordered:.1f}",
        *(f"{service.groups.get(name, 0):,}" for name in deliveries.GROUPS.values()),
        *(f"{major(amount):,}" for amount in (service.cost_minor, service.refunded_minor)),
    )


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], words: int) -> str:
    """Draw a table whose first columns are words and the others numbers."""

    def line(cells: Sequence[str], tag: str) -> str:
        kinds = [" class=words"] * words + [""] * (len(cells) - words)
        return "".join(f"<{tag}{kind}>{escape(cell)}</{tag}>" for cell, kind in zip(cells, kinds, strict=True))

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    return (
        f'<section class="card wide"><h2>{escape(title)}</h2>'
        f"<table><thead><tr>{line(columns, 'th')}</tr></thead><tbody>{body}</tbody></table></section>"
    )


def _bars(counts: Mapping[str, int]) -> tuple[str, str]:
    """Draw a bar for each count."""
    top = _round_up(max(counts.values(), default=0))
    width = (WIDTH - LEFT - RIGHT) / max(len(counts), 1)
    every = -(-len(counts) // 16)
    marks = []
    for place, (name, count) in enumerate(counts.items()):
        left, y = LEFT + place * width, _y(count, top)
        marks.append(
            f'<rect x="{left + width * 0.12:.1f}" y="{y:.1f}" width="{width * 0.76:.1f}" '
            f'height="{HEIGHT - BOTTOM - y:.1f}" '
            f'fill="{BLUE}" rx="2"><title>{escape(name)}: {count:,}</title></rect>'
        )
        if place % every == 0:
            label = name[5:] if len(name) > 5 else name  # noqa: PLR2004 (a date without its year)
            marks.append(
                f'<text x="{left + width / 2:.1f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(label)}</text>'
            )
    return _svg([*_scale(top), *marks]), ""


def _area(series: Mapping[str, Sequence[float]], colors: Sequence[str], labels: Sequence[str]) -> tuple[str, str]:
    """Draw series stacked on each other over the same instants."""
    count = len(labels)
    top = _round_up(max(map(sum, zip(*series.values(), strict=True)), default=0))
    xs = [LEFT + place * (WIDTH - LEFT - RIGHT) / max(count - 1, 1) for place in range(count)]
    below = [0.0] * count
    marks, legend = [], []
    for (name, values), color in zip(series.items(), colors, strict=True):
        if not any(values):
            continue
        above = [low + value for low, value in zip(below, values, strict=True)]
        up = " ".join(f"{x:.1f},{_y(value, top):.1f}" for x, value in zip(xs, above, strict=True))
        down = " ".join(f"{x:.1f},{_y(value, top):.1f}" for x, value in zip(reversed(xs), reversed(below), strict=True))
        marks.append(
            f'<polygon points="{up} {down}" fill="{color}" fill-opacity=".82"><title>{escape(name)}</title></polygon>'
        )
        legend.append(f'<span><i style="background:{color}"></i>{escape(name)}: {values[-1]:,.0f} at the end</span>')
        below = above
    every = max(-(-count // 12), 1)
    marks += [
        f'<text x="{xs[place]:.1f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(labels[place])}</text>'
        for place in range(every // 2, count, every)
    ]
    return _svg([*_scale(top), *marks]), f'<div class="legend">{"".join(legend)}</div>'


def _scale(top: float) -> Iterable[str]:
    for tick in range(TICKS + 1):
        value = top * tick / TICKS
        y = _y(value, top)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:,.0f}</text>'


def _svg(marks: Iterable[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(marks)}</svg>'


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top


def _round_up(value: float) -> float:
    """Return a round number not below the value, to end a scale with."""
    unit = 4.0
    while unit * 10 < value:
        unit *= 10
    return next(
        (unit * factor for factor in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if unit * factor >= value), value or unit
    )
