"""What becomes of submissions by themselves, under any scenario: counts, statuses, money; and what changes nothing."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from apidouble.mockserver.domain.journal import CREATED
from apidouble.mockserver.spec.load import load
from apidouble.mockserver.spec.source import SpecError
from apidouble.mockserver.stage.control.plane import encode
from apidouble.specs import ROOT

RULES = load().vendors["qqtube"].rules
MACHINE, CAUSES, SERVICES = RULES.machines["submission"], RULES.catalogs["endings"], RULES.catalogs["services"]
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
ORDERS: dict[int, tuple[int, dict[str, Any]]] = {
    3: (1000, {}),
    5: (2000, {"geo-countries": "US"}),
    54: (3000, {}),
    55: (1500, {"watch_minutes": 10}),
    58: (5000, {"delivery_speed": 150}),
    60: (150, {}),
    62: (10, {"comments": "What a fine video it is!\nb\nc\nd\ne", "gender": 1}),
}
ENDINGS = ["complete", *map(str, CAUSES)]


def shipped(name: str) -> dict[str, Any]:
    """The deliveries of a scenario that comes with the specs."""
    section: dict[str, Any] = yaml.safe_load((ROOT / "scenarios" / f"{name}.yaml").read_text("utf-8"))["qqtube"]
    return section


def ranges(most: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, most), min_size=2, max_size=2).map(sorted)


SPEEDS = st.integers(1, 50_000) | st.just("immediately")
LIVES = st.fixed_dictionaries(
    {
        "start_minutes": ranges(2000),
        "per_day": st.fixed_dictionaries({"other": SPEEDS}, optional={"views": SPEEDS, "likes": SPEEDS}),
        "spread_percent": st.integers(0, 99),
        "geo_percent": st.integers(1, 300),
        "retention_percent": st.integers(1, 300),
        "drip_percent": st.integers(1, 300),
        "slow": st.fixed_dictionaries({"percent": st.integers(0, 100), "speed_percent": st.integers(1, 200)}),
        "endings": st.dictionaries(st.sampled_from(ENDINGS), st.integers(0, 5), min_size=1),
        "refund": st.fixed_dictionaries({"percent": st.integers(0, 100), "after_minutes": ranges(5000)}),
        "count_lag_minutes": ranges(5000),
    }
)
LINKS = st.integers(0, 5).map("https://www.youtube.com/watch?v=video{}".format)
ORDERED = st.lists(st.tuples(LINKS, st.sampled_from(sorted(ORDERS))), min_size=1, max_size=6)
STEPS_MS = st.lists(st.sampled_from([0, 1, HOUR_MS, DAY_MS, 30 * DAY_MS]) | st.integers(0, 3 * DAY_MS), max_size=8)
few = settings(max_examples=100, deadline=None)


def opened(another: Callable[..., Any], life: Any, ordered: list[tuple[str, int]], seed: int = 1) -> Any:
    """A rich customer who has placed orders, each a link and a service."""
    qqtube = another(life=life, seed=seed, funds="100000.00", submissions=())
    for url, service in ordered:
        quantity, more = ORDERS[service]
        qqtube.order(service, quantity, url=url, **more)
    return qqtube


def later(qqtube: Any, by_ms: int) -> None:
    qqtube.world.advance(qqtube.world.now_ms + by_ms)


def state(qqtube: Any) -> bytes:
    """All of the account as it is now, as getState writes it."""
    return encode(qqtube.world.present("qqtube"))


@few
@given(life=LIVES, service=st.sampled_from(sorted(ORDERS)), steps_ms=STEPS_MS, seed=st.integers(0, 99))
def test_counts_only_grow_and_statuses_follow_the_table(
    life: Any, service: int, steps_ms: list[int], seed: int, another: Callable[..., Any]
) -> None:
    """However it is watched: counts grow up to what was ordered and no further, and the journal's moves are a path."""
    qqtube = opened(another, life, [("https://youtu.be/video", service)], seed)
    number, (wanted, _) = max(qqtube.account.submissions), ORDERS[service]
    before, status, entries = None, MACHINE.initial, qqtube.world.journal.entries
    told_moves = 0

    for step_ms in (0, *steps_ms):
        later(qqtube, step_ms)
        told = qqtube("stats", id_service_submission=number)

        moves = [move for entry in entries for move in entry.moves if move.event != CREATED]
        where = Counter({status: 1})
        for move in moves[told_moves:]:
            assert MACHINE.events[move.event].moves[move.source] == move.target
            where.update({move.source: -move.times, move.target: move.times})
        (status,) = (state for state, count in where.items() if count)
        told_moves = len(moves)
        assert told["status"]["id_status"] == str(status)
        assert (told["sent_count"] is None) == (service not in (54, 55))
        grown = int(told["current_count"]) - int(told["start_count"])
        sent = grown if told["sent_count"] is None else int(told["sent_count"])
        assert 0 <= grown <= sent <= wanted
        assert before is None or (grown >= before[0] and sent >= before[1])
        assert (status == 1) == (sent == wanted)
        before = (grown, sent)


@few
@given(life=LIVES, ordered=ORDERED, steps_ms=STEPS_MS)
def test_many_steps_with_readings_are_one_step(
    life: Any, ordered: list[tuple[str, int]], steps_ms: list[int], another: Callable[..., Any]
) -> None:
    """Advancing by parts and looking at everything in between leads, byte for byte, where advancing once leads."""
    watched, left_alone = opened(another, life, ordered), opened(another, life, ordered)

    for step_ms in steps_ms:
        later(watched, step_ms)
        qqtube_sees = state(watched)
        watched("funds")
        assert state(watched) == qqtube_sees
    later(left_alone, sum(steps_ms))

    assert state(watched) == state(left_alone)


@few
@given(life=LIVES, ordered=ORDERED, steps_ms=STEPS_MS)
def test_money_is_conserved_at_every_instant(
    life: Any, ordered: list[tuple[str, int]], steps_ms: list[int], another: Callable[..., Any]
) -> None:
    """The funds, what is held and what is paid agree with a recount over the submissions, whoever looks."""
    qqtube = opened(another, life, ordered)
    costs_minor = [s.cost_minor for s in qqtube.account.submissions.values()]

    for step_ms in (0, *steps_ms):
        later(qqtube, step_ms)
        account = qqtube.world.present("qqtube")
        placed = list(account.submissions.values())

        assert [*account.ledger.imbalances(), *qqtube.account.ledger.imbalances()] == []
        over = {s.id for s in placed if s.status in (1, 8)}
        purses = {purse: account.ledger.amount("USD", purse) for purse in ("balance", "held", "paid")}
        assert purses["held"] == sum(s.cost_minor for s in placed if s.id not in over)
        assert purses["paid"] == sum(s.cost_minor - s.refunded_minor for s in placed if s.id in over)
        deposited = account.ledger.deposited["USD"]
        assert purses["balance"] == deposited - sum(costs_minor) + sum(s.refunded_minor for s in placed)
        assert qqtube.funds_minor == purses["balance"]
        assert all(s.refunded_minor == (s.worth_minor(s.missing) if s.status == 8 else 0) for s in placed)


@few
@given(life=LIVES, others=ORDERED, more=ORDERED, by_ms=st.integers(0, 90 * DAY_MS))
def test_other_submissions_change_nothing(
    life: Any, others: list[tuple[str, int]], more: list[tuple[str, int]], by_ms: int, another: Callable[..., Any]
) -> None:
    """Orders for other links, before or after, leave this one's life as it is."""
    mine = ("https://www.youtube.com/watch?v=mine", 54)
    alone, among = opened(another, life, [mine]), opened(another, life, [*others, mine, *more])
    number = 123457 + len(others)

    for qqtube in (alone, among):
        later(qqtube, by_ms)

    told = [alone("stats", id_service_submission=123457), among("stats", id_service_submission=number)]
    assert told[0] | {"id_service_submission": ""} == told[1] | {"id_service_submission": ""}


def test_the_seed_decides(another: Callable[..., Any]) -> None:
    """The same seed gives the same lives, another one others."""
    ordered = [(f"https://www.youtube.com/watch?v=v{n}", 54) for n in range(20)]
    worlds = [opened(another, shipped("hostile"), ordered, seed) for seed in (1, 1, 2)]
    for qqtube in worlds:
        later(qqtube, 10 * DAY_MS)

    fates = [[s.status for s in qqtube.world.present("qqtube").submissions.values()] for qqtube in worlds]
    assert fates[0] == fates[1] != fates[2]


@pytest.mark.parametrize("cause", CAUSES)
def test_every_error_has_a_cause_that_a_scenario_can_weigh(cause: str, another: Callable[..., Any]) -> None:
    """A scenario in which nothing but one thing happens brings about its status, then the refund."""
    life = shipped("realistic") | {"endings": {cause: 1}, "refund": {"percent": 100, "after_minutes": [60, 60]}}
    types = CAUSES[cause].get("types", ["views"])
    service = 5 if "needs_country" in CAUSES[cause] else next(n for n in ORDERS if SERVICES[n]["type_name"] in types)
    qqtube = opened(another, life, [("https://youtu.be/video", service)])
    qqtube("stats", id_service_submission=123457)

    seen: list[int] = []
    for _ in range(24 * 90):
        later(qqtube, HOUR_MS // 2)
        status = qqtube.world.present("qqtube").submissions[123457].status
        seen += [status] if seen[-1:] != [status] else []
        if status == 8:
            break

    assert seen[-2:] == [MACHINE.events[cause].moves[2], 8]
    started = qqtube.world.present("qqtube").submissions[123457].delivered > 0
    assert started == (CAUSES[cause]["strikes"] == "under_way")


def test_causes_are_all_that_ends_a_delivery_but_completion() -> None:
    """Every event that leads out of progress is a cause, and the kinds of service that a cause names exist."""
    out_of_progress = {e.name for e in MACHINE.events.values() if {2, 3} <= e.moves.keys()}
    assert {"complete", *CAUSES} == out_of_progress
    kinds = {service["type_name"] for service in SERVICES.values()}
    assert all(set(cause.get("types", ())) <= kinds for cause in CAUSES.values())


def test_what_cannot_befall_a_service_does_not(another: Callable[..., Any]) -> None:
    """Views do not fail because comments are closed: an order that nothing can befall completes."""
    life = shipped("realistic") | {"endings": {"fail_comments_disabled": 1, "fail_country_unavailable": 1}}
    qqtube = opened(another, life, [("https://youtu.be/video", 54)])
    later(qqtube, 60 * DAY_MS)
    assert qqtube("stats", id_service_submission=123457)["status"]["id_status"] == "1"


def test_delivery_that_falls_behind_is_in_status_3(another: Callable[..., Any]) -> None:
    """Where every turn is taken, a delivery is slow, usual and slow again before it completes."""
    life = shipped("realistic") | {"endings": {"complete": 1}, "slow": {"percent": 100, "speed_percent": 10}}
    qqtube = opened(another, life, [("https://youtu.be/video", 54)])
    statuses: list[str] = []
    while statuses[-1:] != ["1"]:
        later(qqtube, HOUR_MS // 4)
        statuses.append(qqtube("stats", id_service_submission=123457)["status"]["id_status"])
    changes = [s for s, before in zip(statuses, [None, *statuses], strict=False) if s != before]
    assert changes == ["2", "3", "2", "3", "2", "1"]


def test_drip_feed_comes_in_portions(another: Callable[..., Any]) -> None:
    """A drip-feed service delivers its increment at a time."""
    life = shipped("realistic") | {"endings": {"complete": 1}, "slow": {"percent": 0, "speed_percent": 1}}
    qqtube = opened(another, life, [("https://youtu.be/video", 58)])
    portions = set()
    for _ in range(24 * 5):
        later(qqtube, HOUR_MS)
        portions.add(qqtube.world.present("qqtube").submissions[123457].delivered)
    assert portions == {0, 1000, 2000, 3000, 4000, 5000}


@pytest.mark.parametrize(
    ("service", "change", "more"),
    [
        (54, {"per_day": {"other": 1000}}, {}),
        (5, {"geo_percent": 50}, {"geo-countries": "US"}),
        (55, {"retention_percent": 50}, {"watch_minutes": 10}),
        (58, {"drip_percent": 50}, {}),
        (58, {}, {"delivery_speed": 100}),
    ],
)
def test_what_makes_a_delivery_slow(
    service: int, change: dict[str, Any], more: dict[str, Any], another: Callable[..., Any]
) -> None:
    """Speed by service, country, retention, drip feed and the service's own parameter."""
    even: dict[str, Any] = {"endings": {"complete": 1}, "slow": {"percent": 0, "speed_percent": 1}}
    even |= {"per_day": {"other": 2000}}
    even |= {"geo_percent": 100, "retention_percent": 100, "drip_percent": 100, "start_minutes": [0, 0]}
    fast, slow = (another(life=shipped("realistic") | even | extra) for extra in ({}, change))
    video = {"url": "https://youtu.be/video"}
    fast.order(service, 4000, **video | more | ({"delivery_speed": 200} if "delivery_speed" in more else {}))
    slow.order(service, 4000, **video | more)

    delivered = []
    for qqtube in (fast, slow):
        later(qqtube, 20 * HOUR_MS)
        delivered.append(qqtube.world.present("qqtube").submissions[123457].delivered)
    assert delivered[0] > delivered[1] > 0 or (delivered[0] > 0 == delivered[1] and service == 58)


def test_the_journal_tells_each_move_once(another: Callable[..., Any]) -> None:
    """What happened is journaled when it is first told, or when the money returns, and never again."""
    life = shipped("realistic") | {
        "endings": {"fail_removed": 1},
        "slow": {"percent": 0, "speed_percent": 1},
        "refund": {"percent": 100, "after_minutes": [2880, 2880]},
    }
    qqtube = opened(another, life, [("https://youtu.be/video", 54)])
    while qqtube("stats", id_service_submission=123457)["status"]["id_status"] != "6":
        later(qqtube, HOUR_MS)
    for _ in range(3):
        qqtube("stats", id_service_submission=123457)
        later(qqtube, DAY_MS)
    qqtube("funds")

    moves = [(m.event, m.source, m.target) for entry in qqtube.world.journal.entries for m in entry.moves]
    assert moves == [(CREATED, None, 2), ("fail_removed", 2, 6), ("refund", 6, 8)]


def test_a_delivery_goes_on_from_where_the_world_has_it(another: Callable[..., Any]) -> None:
    """A submission that the world begins with is delivered as to what is missing."""
    life = shipped("realistic") | {"endings": {"complete": 1}}
    qqtube = another(life=life)
    first = qqtube("stats", id_service_submission=123456)
    later(qqtube, 365 * DAY_MS)
    last = qqtube("stats", id_service_submission=123456)

    assert (first["current_count"], first["sent_count"]) == ("580000", "4000")
    assert (last["current_count"], last["sent_count"], last["status"]["id_status"]) == ("676000", "100000", "1")


def test_without_deliveries_nothing_happens_by_itself(qqtube: Any) -> None:
    """In the documented world, submission 123456 is as printed after a year, and so is an order as placed."""
    qqtube.order(3, 1000)
    before = state(qqtube)
    later(qqtube, 365 * DAY_MS)
    assert state(qqtube) == before


def test_instant_orders_are_complete_at_once(another: Callable[..., Any]) -> None:
    """The answer of add has the count at the start, the next stats all that was ordered, and the cost is paid."""
    qqtube = another(life=shipped("instant"))
    added = qqtube("add", url="https://youtu.be/video", quantity=2000, id_service=54)
    told = qqtube("stats", id_service_submission=added["id_service_submission"])

    assert added["current_count"] == added["start_count"]
    assert int(told["current_count"]) == added["start_count"] + 2000
    assert (told["sent_count"], told["status"]["id_status"]) == ("2000", "1")
    assert qqtube.world.present("qqtube").ledger.amount("USD", "held") == 0


def test_an_instant_refund_is_in_the_funds_at_once(another: Callable[..., Any]) -> None:
    """Where all fails and is refunded immediately, an order takes nothing from the funds, with the clock at a stand."""
    qqtube = another(life=shipped("instant") | {"endings": {"fail_invalid_link": 1}})
    before = qqtube.funds_minor
    qqtube.order(54, 2000)
    assert qqtube.funds_minor == before
    assert qqtube("stats", id_service_submission=123457)["status"]["id_status"] == "8"


@few
@given(life=LIVES, event=st.sampled_from(sorted(MACHINE.events)), before_ms=st.integers(0, 5 * DAY_MS))
def test_an_event_from_outside_ends_the_drawn_life(
    life: Any, event: str, before_ms: int, another: Callable[..., Any]
) -> None:
    """Once somebody has let something happen, all stays so; a refused event leaves the drawn life alone."""
    qqtube = opened(another, life, [("https://youtu.be/video", 54)])
    untouched = opened(another, life, [("https://youtu.be/video", 54)])
    for world in (qqtube, untouched):
        later(world, before_ms)
    submission = qqtube.account.submissions[123457]
    now = qqtube.world.present("qqtube").submissions[123457]
    allowed = MACHINE.allows(now, event)

    if allowed:
        qqtube.fire(event, submission)
        happened = encode(submission)
        later(qqtube, 400 * DAY_MS)
        assert (submission.status, encode(submission)) == (MACHINE.events[event].moves[now.status], happened)
        assert submission.delivered >= now.delivered
    else:
        later(qqtube, 400 * DAY_MS)
        later(untouched, 400 * DAY_MS)
        assert state(qqtube) == state(untouched)
    assert not list(qqtube.world.present("qqtube").ledger.imbalances())


@pytest.mark.parametrize(
    "wrong", [{"endings": {"fail_bored": 1}}, {"start_minutes": [2, 1]}, {"count_lag_minutes": [9, 3]}]
)
def test_a_scenario_that_makes_no_sense_is_refused(wrong: dict[str, Any], another: Callable[..., Any]) -> None:
    """An ending that there is not and a range from more to less are named."""
    with pytest.raises(SpecError, match=r"fail_bored|_minutes: \d is more than \d"):
        another(life=shipped("realistic") | wrong)
