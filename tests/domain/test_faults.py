"""The plan of faults: what it refuses to read, and which call which rule strikes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apidouble.mockserver.domain.faults import KINDS, Fault, Plan, Rule

RESET, LATE = Fault.read({"kind": "reset"}), Fault.read({"kind": "latency", "delay_ms": 5})
BALANCE, ADD = ("qcomment", "balance"), ("qqtube", "add")
CALLS = st.lists(st.sampled_from([BALANCE, ADD]), max_size=40)


def rule(fault: Fault = RESET, *places: tuple[str, str], **more: Any) -> Rule:
    return Rule(fault, frozenset(places or {BALANCE, ADD}), **more)


def struck(plan: Plan, calls: list[tuple[str, str]], seed: int = 1) -> list[int | None]:
    """Play calls and return the number of the rule that struck each."""
    found: list[int | None] = []
    for vendor, operation in calls:
        chosen = plan.decide(seed, vendor, operation, {})
        if chosen is not None:
            plan.strike(chosen)
        found.append(chosen.id if chosen is not None else None)
    return found


def planned(*rules: Rule) -> Plan:
    plan = Plan()
    plan.add(rules)
    return plan


NONSENSE = [
    ({}, "kind: there is no fault None"),
    ({"kind": "rest"}, "kind: there is no fault 'rest'"),
    ({"kind": ["reset"]}, "kind: "),
    ({"kind": "reset", "when": "during"}, "when: 'during'"),
    ({"kind": "maintenance", "when": "after"}, "when: maintenance cannot strike after the commit"),
    ({"kind": "latency", "when": "before"}, "when: latency cannot strike before the commit"),
    ({"kind": "reset", "status": 502}, "status: reset does not take it; it takes when, delay_ms"),
    ({"kind": "server_error", "status": 418}, "status: 418 is none of 500, 502, 503, 504"),
    ({"kind": "latency", "delay_ms": -1}, "delay_ms: -1 is no whole number from 0 to 600000"),
    ({"kind": "latency", "delay_ms": 600_001}, "delay_ms: "),
    ({"kind": "latency", "delay_ms": True}, "delay_ms: True"),
    ({"kind": "truncated", "bytes": 1, "when": "before"}, "bytes: before the commit there is no answer to cut"),
    ({"kind": "content_type", "content_type": "a\r\nX: y"}, "content_type: "),
    ({"kind": "content_type", "content_type": ""}, "content_type: "),
    ({"kind": "message_shape", "shape": "list"}, "shape: 'list' is none of renamed, object"),
]


@pytest.mark.parametrize(("plain", "said"), NONSENSE)
def test_a_fault_that_makes_no_sense_is_refused(plain: dict[str, Any], said: str) -> None:
    """The sentence begins with what is wrong."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the text is looked at)
        Fault.read(plain)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_is_read_from_what_it_is_written_as(kind: str) -> None:
    """Through JSON and back, at every time that its kind allows."""
    for when in KINDS[kind].whens:
        fault = Fault.read({"kind": kind, "when": when, "delay_ms": 7})
        assert Fault.read(json.loads(json.dumps(fault.plain()))) == fault


@given(CALLS, st.integers(1, 5))
def test_a_rule_strikes_the_next_calls_that_it_is_for(calls: list[tuple[str, str]], times: int) -> None:
    """As many as it says and no other; then it is gone."""
    plan = planned(rule(RESET, BALANCE, times=times))
    wanted = [place for place in calls if place == BALANCE]

    found = struck(plan, calls)

    assert [place for place, number in zip(calls, found, strict=True) if number] == wanted[:times]
    assert [r.times for r in plan.rules] == ([] if len(wanted) >= times else [times - len(wanted)])


@given(CALLS, st.integers(0, 9))
def test_the_draws_of_a_rule_are_its_own(calls: list[tuple[str, str]], seed: int) -> None:
    """Another rule, which strikes other calls or none, does not shift them; the same calls give the same."""
    shy = [rule(RESET, BALANCE, probability=0.5, times=None)]
    more = [*shy, rule(LATE, ADD, probability=0.5, times=None)]

    alone, again, beside = (struck(planned(*map(_fresh, rules)), calls, seed) for rules in (shy, shy, more))

    assert alone == again == [number if number == 1 else None for number in beside]


def _fresh(old: Rule) -> Rule:
    return Rule(old.fault, old.places, probability=old.probability, times=old.times)


def test_a_probability_is_kept_in_the_long_run() -> None:
    """A tenth of the calls, and not the same for another seed."""
    first, second = (struck(planned(rule(probability=0.1, times=None)), [ADD] * 5000, seed) for seed in (1, 2))

    assert 400 < sum(number is not None for number in first) < 600
    assert first != second


def test_the_first_rule_that_is_for_a_call_strikes() -> None:
    """Order decides; a rule that only asks for parameters lets other calls pass."""
    plan = planned(rule(LATE, times=None, parameters={"project_id": "2"}), rule(RESET, times=None))

    found = [plan.decide(1, *BALANCE, parameters) for parameters in ({"project_id": "2"}, {"project_id": "3"}, {})]

    assert [chosen and chosen.id for chosen in found] == [1, 2, 2]


def test_a_rule_that_found_nothing_to_spoil_has_not_struck() -> None:
    """Only what has struck counts, so that it waits for the next call."""
    plan = planned(rule())

    assert plan.decide(1, *ADD, {}) is plan.decide(1, *ADD, {})
    assert plan.calls == 2
