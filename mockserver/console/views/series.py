"""From a world and its journal to series of numbers over virtual time."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from apidouble.mockserver.console.views.entries import CONTROL, FAULT, OK, REFUSED, state_of
from apidouble.mockserver.console.words import Say
from apidouble.mockserver.domain.money import major
from apidouble.mockserver.domain.world import World
from apidouble.mockserver.spec.model import Contract
from apidouble.mockserver.vendors.qqtube.fate import fate_of

HOUR_MS = 3_600_000
MOST_POINTS = 336
STEPS_H = (1, 2, 3, 6, 12, 24, 72, 168, 720)
MOST_SUBMISSIONS = 300
DELIVERY_POINTS = 100
PAID_BY = {1: "by hand", 2: "in a batch", 3: "by itself", 4: "by the administration"}


@dataclass(frozen=True)
class Chart:
    """Series over the same instants: `names` has one for each, `values` their numbers. `kind` is bars or lines."""

    id: str
    heading: str
    kind: str
    unit: str
    at_s: list[int]
    names: list[str]
    values: list[list[float]]

    def plain(self) -> dict[str, Any]:
        """Return the chart as values of JSON."""
        return {name: getattr(self, name) for name in ("id", "heading", "kind", "unit", "at_s", "names", "values")}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(map(any, self.values))


def charts(world: World, contract: Contract, say: Say) -> list[Chart]:
    """Return all charts of a world."""
    return [_arrivals(world, say), _deliveries(world, say), *_money(world, say), _calls(world, contract, say)]


def _arrivals(world: World, say: Say) -> Chart:
    comments = world.accounts["qcomment"].comments.values()
    came = {say("Works handed in"): [c.date_ms for c in comments if c.date_ms is not None]}
    return _counted("arrivals", say("Works by time of arrival"), say("works"), came, say)


def _calls(world: World, contract: Contract, say: Say) -> Chart:
    came: dict[str, list[int]] = {name: [] for name in (OK, REFUSED, FAULT)}
    for entry in world.journal.entries:
        if entry.vendor in contract.vendors and (state := state_of(entry)) != CONTROL:
            came[state].append(entry.at_ms)
    return _counted("calls", say("Calls by outcome"), say("calls"), {say(name): at for name, at in came.items()}, say)


def _deliveries(world: World, say: Say) -> Chart:
    """Return what the newest submissions with a fate have been sent in all, up to now."""
    heading, unit, name = say("Delivered by QQTube, in all"), say("units"), say("delivered")
    here, account = world.here("qqtube"), world.accounts["qqtube"]
    alive = [s for s in list(account.submissions.values())[-MOST_SUBMISSIONS:] if s.fate is not None]
    if not alive:
        return Chart("deliveries", heading, "lines", unit, [], [name], [[]])
    fates = [fate_of(here, submission) for submission in alive]
    begin_ms = min(fate.legs[0].begin_ms for fate in fates)
    step_ms = max((world.now_ms - begin_ms) // DELIVERY_POINTS, 60_000)
    at = list(range(begin_ms, world.now_ms + 1, step_ms))
    totals = [float(sum(fate.delivered(at_ms) for fate in fates)) for at_ms in at]
    return Chart("deliveries", heading, "lines", unit, [at_ms // 1000 for at_ms in at], [name], [totals])


def _money(world: World, say: Say) -> list[Chart]:
    """Return what was paid for works, by how they were paid, and what was spent on submissions, both in all."""
    account = world.accounts["qcomment"]
    paid: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for comment in account.comments.values():
        if comment.date_pay_ms is not None and comment.method_pay in PAID_BY and comment.cost_minor:
            currency = account.projects[comment.project_id].currency
            by = paid.setdefault(currency, {}).setdefault(say(PAID_BY[comment.method_pay]), [])
            by.append((comment.date_pay_ms, comment.cost_minor))
    found = [
        _summed(f"paid-{currency}", say("Paid for works, {currency}", currency=currency), currency, kinds)
        for currency, kinds in sorted(paid.items())
    ]
    orders = [(s.created_ms, s.cost_minor) for s in world.accounts["qqtube"].submissions.values()]
    spent = {say("ordered"): orders} if orders else {}
    return [*found, _summed("ordered", say("Ordered from QQTube, USD"), "USD", spent)]


def _summed(name: str, heading: str, unit: str, kinds: Mapping[str, list[tuple[int, int]]]) -> Chart:
    begin, step, count = _grid(at for moments in kinds.values() for at, _ in moments)
    values = []
    for moments in kinds.values():
        added = [0] * count
        for at_ms, amount_minor in moments:
            added[(at_ms - begin) // step] += amount_minor
        values.append([float(major(total)) for total in accumulate(added)])
    at_s = [(begin + (n + 1) * step) // 1000 for n in range(count)]
    return Chart(name, heading, "lines", unit, at_s, list(kinds), values)


def _counted(name: str, heading: str, unit: str, came: Mapping[str, list[int]], say: Say) -> Chart:
    begin, step, count = _grid(at for moments in came.values() for at in moments)
    values = []
    for moments in came.values():
        counts = Counter((at_ms - begin) // step for at_ms in moments)
        values.append([float(counts[n]) for n in range(count)])
    hours = step // HOUR_MS
    per = f"{unit} / {hours} {say('h')}" if hours > 1 else f"{unit} / {say('h')}"
    return Chart(name, heading, "bars", per, [(begin + n * step) // 1000 for n in range(count)], list(came), values)


def _grid(moments: Iterable[int]) -> tuple[int, int, int]:
    """Return where a grid of whole hours begins, its step, and how many steps hold all moments."""
    known = list(moments)
    if not known:
        return 0, HOUR_MS, 0
    least, most = min(known), max(known)
    step = next(
        (h * HOUR_MS for h in STEPS_H if (most - least) // (h * HOUR_MS) < MOST_POINTS),
        ((most - least) // MOST_POINTS // HOUR_MS + 1) * HOUR_MS,
    )
    begin = least // step * step
    return begin, step, (most - begin) // step + 1
