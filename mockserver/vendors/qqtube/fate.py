"""From an order, the scenario and keyed draws to its fate: when delivery begins, its pace, how it ends, what then."""

# assumed, all of it: see specs/readings.yaml#qq.delivery

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from apidouble.mockserver.domain.draws import between, drawer
from apidouble.mockserver.domain.world import Here, Item, Problem, Rules
from apidouble.mockserver.vendors.qqtube.state import Submission

VENDOR = "qqtube"
DAY_MS, MINUTE_MS = 86_400_000, 60_000
MOST_TURNS = 4
DUPLICATE = "fail_duplicate"


class Leg(NamedTuple):
    """A stretch of even delivery, from one count to another."""

    begin_ms: int
    end_ms: int
    begin_count: int
    end_count: int


class Fate(NamedTuple):
    """What becomes of one submission while nobody interferes.

    `happenings` are events of the machine with their times, in order. Delivery comes in multiples of `step`; the count
    of the address follows what was sent `lag_ms` later.
    """

    legs: tuple[Leg, ...]
    happenings: tuple[tuple[int, str], ...]
    step: int
    lag_ms: int

    def delivered(self, at_ms: int) -> int:
        """Return how much has been delivered by then; it only grows."""
        if at_ms >= self.legs[-1].end_ms:
            return self.legs[-1].end_count
        for leg in reversed(self.legs):
            if at_ms >= leg.begin_ms:
                passed_ms, lasts_ms = at_ms - leg.begin_ms, leg.end_ms - leg.begin_ms
                count = leg.begin_count + (leg.end_count - leg.begin_count) * passed_ms // lasts_ms
                return count // self.step * self.step
        return 0


def fate_of(here: Here, submission: Submission) -> Fate:
    """Return the fate of a submission that has one; the same each time."""
    life, service = here.world.life[VENDOR], here.rules.catalogs["services"][submission.id_service]
    seed, entity = here.world.seed, f"{submission.id_service} {submission.short_url} {submission.fate}"
    start, spread, ending, share, refund, after, lag, *turns = drawer(seed, entity, "delivery")(0)
    step = int(service["amount_increment"]) if service["is_drip"] == "1" else 1
    event = _ending(here, submission, service, ending)
    goal = _goal(here, submission, event, step, share)
    lasts_ms = _lasts_ms(here, submission, service, spread)
    begin_ms = submission.created_ms + _minutes_ms(life["start_minutes"], start)
    legs, happenings = _legs(life["slow"], turns if goal else (), begin_ms, lasts_ms, goal, submission.missing)
    end_ms = legs[-1].end_ms
    happenings.append((end_ms, event))
    if event != "complete" and between(refund, 1, 100) <= life["refund"]["percent"]:
        happenings.append((end_ms + _minutes_ms(life["refund"]["after_minutes"], after), "refund"))
    return Fate(tuple(legs), tuple(happenings), step, _minutes_ms(life["count_lag_minutes"], lag))


def check(life: Item, rules: Rules) -> Iterator[Problem]:
    """Yield the endings of a scenario that there are not, and the ranges from more to less."""
    for keys, minutes in (
        (("start_minutes",), life["start_minutes"]),
        (("refund", "after_minutes"), life["refund"]["after_minutes"]),
        (("count_lag_minutes",), life["count_lag_minutes"]),
    ):
        if minutes[0] > minutes[1]:
            yield keys, f"{minutes[0]} is more than {minutes[1]}"
    known = ("complete", *map(str, rules.catalogs["endings"]))
    for ending in life["endings"]:
        if ending not in known:
            yield ("endings", ending), f"there is no such ending; there are {', '.join(known)}"


def _ending(here: Here, submission: Submission, service: Item, drawn: int) -> str:
    """Return the event that ends delivery, by the weights of those that can."""
    # assumed: see specs/readings.yaml#qq.endings and #qq.same_link
    if submission.is_duplicate:
        return DUPLICATE
    causes = here.rules.catalogs["endings"]
    weights = here.world.life[VENDOR]["endings"]
    possible = [
        (event, weight) for event, weight in weights.items() if weight and _can(causes.get(event), service, submission)
    ]
    point = between(drawn, 0, sum(weight for _, weight in possible) - 1)
    for event, weight in possible:
        if point < weight:
            return str(event)
        point -= weight
    return "complete"


def _goal(here: Here, submission: Submission, event: str, step: int, drawn: int) -> int:
    """Return how much is delivered in the end: all, nothing, or some portions but not all."""
    if event == "complete":
        return submission.missing
    portions = (submission.missing - 1) // step
    if portions < 1 or here.rules.catalogs["endings"][event]["strikes"] == "at_start":
        return 0
    return step * between(drawn, 1, portions)


def _can(cause: Item | None, service: Item, submission: Submission) -> bool:
    if cause is None:
        return True
    if "needs_country" in cause and submission.country is None:
        return False
    return "types" not in cause or service["type_name"] in cause["types"]


def _lasts_ms(here: Here, submission: Submission, service: Item, spread: int) -> int:
    """Return how long the whole delivery would take at its own pace."""
    life, traits = here.world.life[VENDOR], here.rules.catalogs["service_traits"].get(submission.id_service, {})
    per_day = life["per_day"].get(service["type_name"], life["per_day"]["other"])
    if per_day == "immediately":
        return 0
    percents = [between(spread, 100 - life["spread_percent"], 100 + life["spread_percent"])]
    if submission.country is not None:
        percents.append(life["geo_percent"])
    if service["is_retention"] == "1":
        percents.append(life["retention_percent"])
    if service["is_drip"] == "1":
        percents.append(life["drip_percent"])
    if traits.get("speed_percent_in") in submission.answers:
        percents.append(int(submission.answers[traits["speed_percent_in"]]))
    numerator, denominator = submission.missing * DAY_MS, per_day
    for percent in percents:
        numerator, denominator = numerator * 100, denominator * percent
    return int(numerator // denominator)


def _legs(
    slow: Item, drawn: Sequence[int], begin_ms: int, lasts_ms: int, goal: int, missing: int
) -> tuple[list[Leg], list[tuple[int, str]]]:
    """Return delivery as even stretches, every second of them slow, and the turns from one to the next."""
    turns = 0
    while turns < len(drawn[:MOST_TURNS]) and between(drawn[turns], 1, 100) <= slow["percent"]:
        turns += 1
    cuts = sorted(between(cut, 0, goal) for cut in drawn[MOST_TURNS : MOST_TURNS + turns])
    legs: list[Leg] = []
    happenings = []
    at_ms, count = begin_ms, 0
    for index, until in enumerate((*cuts, goal)):
        pace = slow["speed_percent"] if index % 2 else 100
        end_ms = at_ms + (lasts_ms * (until - count) * 100 // (missing * pace) if missing else 0)
        legs.append(Leg(at_ms, end_ms, count, until))
        if index:
            happenings.append((at_ms, "slow_down" if index % 2 else "resume"))
        at_ms, count = end_ms, until
    return legs, happenings


def _minutes_ms(minutes: Sequence[int], drawn: int) -> int:
    """Return a time between the least and the most number of minutes, in milliseconds."""
    return between(drawn, minutes[0] * MINUTE_MS, minutes[1] * MINUTE_MS)
