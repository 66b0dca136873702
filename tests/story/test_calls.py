"""Verification: narrowing the calls, counting them, their order, and what a miss says."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import IntEnum
from typing import Any
from unittest.mock import ANY

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from apidouble.mockserver import activate
from apidouble.mockserver.story.calls import Calls
from apidouble.mockserver.testing.double import Double

QCOMMENT, QQTUBE = "https://qcomment.ru/api/", "https://www.qqtube.com/v1-api"
NEW = {"title": "Отзывы", "subjects": 2, "tarif_id": 2, "task": "t", "language": "ru", "pay": 3}


@pytest.fixture
def double() -> Iterator[Double]:
    """A double that has been called: newproject, payproject (refused), revision, blacklist, team, funds."""
    with activate() as opened:
        post(opened, "newproject", NEW)
        post(opened, "payproject", {"project_id": 2, "pay": "1000"})
        post(opened, "revision", {"comment_id": 300000, "operation": 0})
        post(opened, "blacklist", {"action": "del", "id": 99})
        post(opened, "team", {"team_id": 1022, "action": "set", "login[]": ["user1", "user2"]})
        requests.get(QQTUBE, {"api_key": opened.keys["qqtube"], "action": "funds"}, timeout=1)
        yield opened


def post(double: Double, operation: str, parameters: dict[str, Any]) -> None:
    requests.post(QCOMMENT + operation, {"apicode": double.keys["qcomment"], **parameters}, timeout=1)


class Tariff(IntEnum):
    """An enumeration as clients have them."""

    SHORT = 2


@pytest.mark.parametrize(
    "asked",
    [
        {"operation": "newproject"},
        {"operation": "newproject", "title": "Отзывы", "pay": 3, "outcome": "ok", "vendor": "qcomment"},
        {"operation": "newproject", "pay": Decimal("3.00"), "tarif_id": Tariff.SHORT, "stop_words": None, "title": ANY},
        {"title": re.compile("^Отз")},
        {"pay": lambda sent: int(sent) > 100},
        {"outcome": 304},
        {"outcome": "304", "operation": "payproject"},
        {"outcome": "refused"},
        {"operation": "revision", "parameters": {"operation": 0, "comment_id": "300000"}},
        {"operation": "blacklist", "ID": 99},
        {"operation": "team", "login": ["user1", re.compile("2$")]},
        {"vendor": "qqtube"},
    ],
    ids="-".join,
)
def test_a_call_is_found_by_what_was_sent(double: Double, asked: dict[str, Any]) -> None:
    """Text, numbers, patterns, functions, lists, aliases and outcomes, each names one of the six calls."""
    found = double.calls.where(**asked)

    assert found.once() is found[0] is next(iter(found))
    assert len(double.calls) == 6


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ({"operation": "newprojekt"}, "'newprojekt' is no operation; did you mean newproject?"),
        (
            {"operation": "newproject", "tariff_id": 2},
            "'tariff_id' is no parameter of newproject; did you mean tarif_id?",
        ),
        ({"operation": "balance", "x": 1}, "'x' is no parameter of balance; there are: "),
        ({"vendor": "qtube"}, "'qtube' is no vendor; did you mean qqtube?"),
        ({"outcome": 77}, "'77' is no outcome; there are: ok, refused, 104"),
        ({"operation": "add", "vendor": "qcomment"}, "'add' is no operation"),
    ],
)
def test_a_mistake_in_the_question_is_no_miss(double: Double, mistake: dict[str, Any], said: str) -> None:
    """What the specs do not know is an error of its own, which names what was meant."""
    with pytest.raises(ValueError, match=re.escape(said)):
        double.calls.where(**mistake)


@pytest.mark.parametrize(
    ("check", "lines"),
    [
        (
            lambda calls: calls.where("newproject", title="Отзывы", pay=5).once(),
            [
                "newproject(title='Отзывы', pay=5): one call expected, 0 found.",
                "The closest call:",
                "  #1 2021-11-20T09:00:00Z POST newproject title=Отзывы ",
                "    pay: expected 5, was '3'",
                "The last calls:",
            ],
        ),
        (
            lambda calls: calls.where("payproject", pay=1000, outcome="ok").at_least(1),
            [
                "payproject(outcome='ok', pay=1000): at least one call expected",
                "outcome: expected 'ok', was 304 (not eno",
            ],
        ),
        (
            lambda calls: calls.where("returnmoney", project_id=re.compile("^2$")).once(),
            [
                "returnmoney(project_id=/^2$/): one call expected, 0 found.",
                "  #2 2021-11-20T09:00:00Z POST payproject project_id=2 pay=1000 -> {",
                "    operation: expected returnmoney, was payproject",
            ],
        ),
        (
            lambda calls: calls.where(vendor="qcomment").where(outcome="ok").times(2),
            ["calls(vendor='qcomment', outcome='ok'): 2 calls expected, 4 found.", "  #1 ", "  #3 ", "  #4 ", "  #5 "],
        ),
        (lambda calls: calls.where("newproject").never(), ["newproject: no call expected, 1 found.", "  #1 "]),
        (
            lambda calls: calls.in_order("newproject", {"operation": "revision"}, "payproject"),
            ["payproject: step 3 of 3 is not found after call #3.", "  #2 "],
        ),
        (
            lambda calls: calls.in_order("newproject", "newproject"),
            ["newproject: step 2 of 2 is not found after call #1"],
        ),
        (lambda calls: calls.in_order("add"), ["add: step 1 of 1 is not found at all.", "The last calls:"]),
    ],
)
def test_a_miss_says_what_came_closest(double: Double, check: Callable[[Calls], Any], lines: list[str]) -> None:
    """The sentence, the closest call and what differed, in this order; never a key."""
    with pytest.raises(AssertionError) as missed:
        check(double.calls)

    text = str(missed.value)
    places = [text.find(line) for line in lines]
    assert -1 not in places and places == sorted(places), text
    assert not any(key in text for key in double.keys.values())


def test_a_near_miss_in_a_name_is_told(double: Double) -> None:
    """Where what was expected went under another name, the miss names it."""
    post(double, "newproject", {**NEW, "tarif_id": "", "tariff_id": 41})

    with pytest.raises(AssertionError, match=r"tarif_id: expected 41, was ''") as missed:
        double.calls[-1:].where(tarif_id=41).once()
    post(double, "payproject", {"projekt_id": 7, "pay": 1})
    with pytest.raises(AssertionError, match=r"project_id: expected 7, was not sent; projekt_id was, as '7'"):
        double.calls.where("payproject", project_id=7, pay=1).once()

    assert "remark: tariff_id: not a parameter" in str(missed.value)


def test_order_and_numbers_hold(double: Double) -> None:
    """What is true raises nothing, and can be chained."""
    calls = double.calls
    assert calls.in_order("newproject", {"operation": "payproject", "pay": 1000}, "funds") is calls
    assert calls.times(6).at_least(6) is calls
    assert calls.where("add").never() is None  # type: ignore[func-returns-value]
    assert [call.operation for call in calls[1:3]] == ["payproject", "revision"]


def test_a_view_does_not_change(double: Double) -> None:
    """What is called later is in a later view; a reset begins a new story."""
    before = double.calls
    post(double, "balance", {})
    assert (len(before), len(double.calls)) == (6, 7)

    double.reset()
    post(double, "balance", {})

    assert (len(before), len(double.calls)) == (6, 1)


def test_a_double_begins_where_it_is_made(double: Double) -> None:
    """Of a simulator that has been called before, it counts what comes; after a reset, all."""
    later = Double(double.simulator)
    assert len(later.calls) == 0
    post(double, "balance", {})
    assert len(later.calls) == 1
    later.reset()
    post(double, "balance", {})
    assert len(later.calls) == 1


def test_what_the_journal_has_lost_is_not_guessed_at() -> None:
    """Once calls are lost, a number that they could change is neither confirmed nor denied."""
    with activate() as double:
        double.world.journal.limit = 3
        for amount in (1, 2, 3, 4, 4):
            post(double, "payproject", {"project_id": 2, "pay": amount})
        calls = double.calls

        assert (len(calls), calls.lost) == (3, 2)
        assert calls.where(pay=4).at_least(2)
        with pytest.raises(AssertionError, match=r"no call expected, 1 found"):
            calls.where(pay=3).never()
        for unsure in (calls.where(pay=1).never, calls.where(pay=3).once, lambda: calls.where(pay=4).times(2)):
            with pytest.raises(AssertionError, match=r"nobody can tell .* 2 earlier ones are lost"):
                unsure()
        with pytest.raises(AssertionError, match=r"2 earlier calls are lost, .* may be among them"):
            calls.where(pay=1).at_least(1)


AMOUNTS = st.lists(st.integers(1, 4), max_size=8)


@settings(max_examples=25)
@given(amounts=AMOUNTS, wanted=st.integers(1, 4), count=st.integers(0, 3))
def test_counting_agrees_with_counting(amounts: list[int], wanted: int, count: int) -> None:
    """Each verdict is what a count of the list says."""
    with activate() as double:
        for amount in amounts:
            post(double, "payproject", {"project_id": 2, "pay": amount})
        view, found = double.calls.where("payproject", pay=wanted), amounts.count(wanted)

    assert (len(view), holds(lambda: view.times(count))) == (found, found == count)
    assert holds(lambda: view.at_least(count)) == (found >= count)
    assert holds(view.never) == (found == 0)
    assert holds(view.once) == (found == 1)


def holds(check: Callable[[], object]) -> bool:
    try:
        check()
    except AssertionError:
        return False
    return True
