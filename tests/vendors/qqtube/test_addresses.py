"""Several orders for one address: the count that each starts from, those at once, and the lines of custom comments."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

VIDEO, SAME, OTHER = (
    f"https://{rest}" for rest in ("www.youtube.com/watch?v=a", "youtu.be/a", "www.youtube.com/watch?v=b")
)
HOUR_MS = 3_600_000
LIFE: dict[str, Any] = {
    "start_minutes": [0, 0],
    "per_day": {"other": 24_000},
    "spread_percent": 0,
    "geo_percent": 100,
    "retention_percent": 100,
    "drip_percent": 100,
    "slow": {"percent": 0, "speed_percent": 100},
    "endings": {"complete": 1},
    "refund": {"percent": 100, "after_minutes": [60, 60]},
    "count_lag_minutes": [0, 0],
}
LINES = "What a fine video it is!\nb\nc\nd\ne"


def later(qqtube: Any, by_ms: int) -> None:
    qqtube.world.advance(qqtube.world.now_ms + by_ms)


def start(qqtube: Any, url: str, service: int = 3) -> int:
    return int(qqtube.order(service, 1000, url=url).start_count)


@pytest.mark.parametrize("life", [None, LIFE])
def test_a_later_order_starts_from_what_the_earlier_brought(life: Any, another: Callable[..., Any]) -> None:
    """Of the same kind and address, however it is written, by deliveries or by events; nothing else counts."""
    qqtube = another(life=life)
    first = qqtube.order(3, 1000, url=VIDEO)
    likes, views = start(qqtube, OTHER), start(qqtube, VIDEO, 54)
    for done in range(1, 4):
        if life is None:
            qqtube.fire("complete", first)
        later(qqtube, 2 * HOUR_MS)
        next_one = qqtube.order(3, 1000, url=SAME)
        assert next_one.start_count == first.start_count + (done if life else 1) * 1000
    assert start(qqtube, OTHER) == likes + (1000 if life else 0)
    assert start(qqtube, VIDEO, 54) == views + (1000 if life else 0)


def test_an_order_halfway_counts_for_what_it_has_brought(another: Callable[..., Any]) -> None:
    """The next one starts from there, and each goes on by itself."""
    qqtube = another({"qq.same_link": "deliver"}, life=LIFE)
    first = qqtube.order(3, 1000, url=VIDEO)
    later(qqtube, HOUR_MS // 2)
    second = qqtube.order(3, 1000, url=VIDEO)
    assert second.start_count == first.start_count + 500
    later(qqtube, 2 * HOUR_MS)
    assert start(qqtube, VIDEO) == first.start_count + 2000


ACTS = st.lists(st.tuples(st.sampled_from(["order", "wait", "stop", "count"]), st.integers(0, 3)), max_size=14)


@settings(max_examples=60, deadline=None)
@given(acts=ACTS, lag=st.integers(0, 90), living=st.booleans())
def test_a_start_is_the_first_and_all_growth_since(
    acts: Any, lag: int, living: bool, another: Callable[..., Any]
) -> None:
    """Recounted from stats alone, whatever was stopped, set by hand, finished or still lags behind."""
    life = LIFE | {"count_lag_minutes": [lag, lag]} if living else None
    qqtube = another({"qq.same_link": "deliver"}, life=life, funds="100000.00", submissions=())
    orders: list[Any] = []
    for act, value in acts:
        if act == "wait":
            later(qqtube, value * HOUR_MS // 3)
        elif act == "order" or not orders:
            told = [qqtube("stats", id_service_submission=order.id) for order in orders]
            grown = sum(int(t["current_count"]) - int(t["start_count"]) for t in told)
            orders.append(qqtube.order(54, 1000, url=VIDEO))
            assert orders[-1].start_count == orders[0].start_count + grown
        elif act == "stop":
            qqtube.fire("stop", orders[value % len(orders)])
        else:
            chosen = orders[value % len(orders)]
            qqtube.put_counts(chosen, chosen.start_count + 77 * value)


@pytest.mark.parametrize(
    ("reading", "service", "url", "after_ms", "ends"),
    [
        ("duplicate", 3, SAME, 0, "17"),
        ("duplicate", 3, SAME, HOUR_MS // 2, "17"),
        ("duplicate", 3, SAME, 2 * HOUR_MS, "1"),
        ("duplicate", 3, OTHER, 0, "1"),
        ("duplicate", 54, VIDEO, 0, "1"),
        ("duplicate", 64, VIDEO, 0, "1"),
        ("deliver", 3, SAME, 0, "1"),
    ],
)
def test_an_order_beside_one_in_progress_is_a_duplicate(
    reading: str, service: int, url: str, after_ms: int, ends: str, another: Callable[..., Any]
) -> None:
    """Of the same service for the same address, unless the reading says otherwise; it is charged, and refunded."""
    qqtube = another({"qq.same_link": reading}, life=LIFE)
    qqtube.order(3, 1000, url=VIDEO)
    later(qqtube, after_ms)
    before = qqtube("funds")["funds"]
    order = qqtube.order(service, *((500,) if service == 64 else (1000,)), url=url, comment_author="abc")
    assert qqtube("funds")["funds"] != before
    later(qqtube, HOUR_MS)
    told = qqtube("stats", id_service_submission=order.id)
    if ends == "17":
        later(qqtube, HOUR_MS)
        assert qqtube("funds")["funds"] == before
        assert told["current_count"] == told["start_count"]
        ended = [move for entry in qqtube.world.journal.entries for move in entry.moves]
        assert ("fail_duplicate", 17) in [(move.event, move.target) for move in ended]
    else:
        assert told["status"]["id_status"] == ends


@pytest.mark.parametrize(("quantity", "told"), [(5, False), (10, True)])
def test_fewer_comments_than_are_ordered(quantity: int, told: bool, another: Callable[..., Any]) -> None:
    """minlines alone is required, and the journal remarks; by the reading an order of n comments needs n lines."""
    sent = {"url": VIDEO, "quantity": quantity, "id_service": 62, "comments": LINES, "gender": 1}
    qqtube = another()
    assert qqtube("add", **sent)["status"] == "success"
    assert (f"5 lines for a quantity of {quantity}" in qqtube.notes) == told
    strict = another({"qq.comment_lines": "quantity"})("add", **sent)
    assert [m["id"] for m in strict["message"]] == ([9025] if told else [100])


@pytest.mark.parametrize("name", [" abc", "abc \n", "a b"])
def test_blanks_around_a_text_do_not_count(name: str, qqtube: Any) -> None:
    """Three characters are needed: blanks between others count, those around do not."""
    sent = {"url": VIDEO, "quantity": 10, "id_service": 64, "comment_author": name}
    assert qqtube("add", **sent)["status"] == "success"
    refused = qqtube("add", **sent | {"comment_author": " ab "})
    assert [m["id"] for m in refused["message"]] == [9023]
