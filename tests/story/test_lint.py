"""The client lint: each rule finds its habit, says what would be right, and leaves decent clients alone."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from apidouble.client import QComment, QQTube, RefusedError
from apidouble.mockserver import activate
from apidouble.mockserver.commands.main import main
from apidouble.mockserver.story.lint import RULES
from apidouble.mockserver.testing.double import Double
from tests.ways import reached

QCOMMENT, QQTUBE = "https://qcomment.ru/api/", "https://www.qqtube.com/v1-api"
NEW: dict[str, Any] = {"title": "t", "subjects": 2, "tarif_id": 2, "task": "t", "language": "ru"}
VIEWS: dict[str, Any] = {
    "action": "add",
    "id_service": 3,
    "url": "https://www.youtube.com/watch?v=jofNR_WkoCE",
    "quantity": 100,
}


class Caller:
    """Calls both vendors as a client in a hurry does."""

    def __init__(self, double: Double) -> None:
        self.double, self.control, self.clock = double, double.control, double.clock

    def qc(self, operation: str, query: str = "", **parameters: Any) -> Any:
        """Call QComment."""
        form = {"apicode": self.double.keys["qcomment"], **parameters}
        return requests.post(f"{QCOMMENT}{operation}{query}", form, timeout=1).json()

    def qq(self, **parameters: Any) -> Any:
        """Call QQTube."""
        return requests.post(QQTUBE, {"api_key": self.double.keys["qqtube"], **parameters}, timeout=1).json()


@pytest.fixture
def caller() -> Iterator[Caller]:
    """A client of a fresh double."""
    with activate() as double:
        yield Caller(double)


def error_taken_for_success(caller: Caller) -> None:
    project = caller.qc("newproject", **NEW, pay=100_000).get("project_id")
    caller.qc("payproject", project_id=str(project), pay=1)


def error_taken_for_success_without_an_id(caller: Caller) -> None:
    order = caller.qq(**VIEWS | {"quantity": 1}).get("id_service_submission")
    caller.qq(action="stats", id_service_submission=order)


def permanent_error_retried(caller: Caller) -> None:
    caller.clock.poll("30s")
    for _ in range(3):
        caller.qc("payproject", project_id=2, pay=1000)


def duplicate_add(caller: Caller) -> None:
    caller.qq(**VIEWS)
    caller.qq(**VIEWS | {"quantity": 200})


def key_in_url(caller: Caller) -> None:
    caller.qc("balance", f"?apicode={caller.double.keys['qcomment']}")


def near_miss_parameter(caller: Caller) -> None:
    caller.qc("newproject", **NEW, premoderaton=1)


def unread_parameter(caller: Caller) -> None:
    caller.qc("balance", verbose=1)


def polling_too_often(caller: Caller) -> None:
    for _ in range(2):
        caller.qq(action="stats", id_service_submission=123456)
        caller.clock.advance("30s")


def stats_of_completed(caller: Caller) -> None:
    caller.control("POST", "/qqtube/submissions/123456/events/complete")
    for _ in range(2):
        caller.qq(action="stats", id_service_submission=123456)
        caller.clock.advance("1h")


HABITS: dict[Callable[[Caller], None], tuple[str, str, tuple[int, ...]]] = {
    error_taken_for_success: (
        "error-taken-for-success",
        r"^payproject was called with project_id=None, right after newproject had been refused with 201 .* gave none: ",
        (1, 2),
    ),
    error_taken_for_success_without_an_id: (
        "error-taken-for-success",
        r'^stats was called without id_service_submission, right after add .* only an answer with "status":"success"',
        (1, 2),
    ),
    permanent_error_retried: (
        "permanent-error-retried",
        r"^payproject was sent again as it was after 304 \(not enough money\), .*: do not repeat it$",
        (2, 3, 4),
    ),
    duplicate_add: (
        "duplicate-add",
        r"^add ordered service 3 .* while submission 123457, .*: wait until stats",
        (1, 2),
    ),
    key_in_url: ("key-in-url", r"^balance was sent with apicode in its URL, .*: send it in the body of a POST$", (1,)),
    near_miss_parameter: ("near-miss-parameter", r"premoderaton: .*; did you mean premoderation\?$", (1,)),
    unread_parameter: ("unread-parameter", r"^balance was sent what is not read: verbose: not a parameter", (1,)),
    polling_too_often: ("polling-too-often", r"same submission .* within the last minute; wait longer than a mi", (3,)),
    stats_of_completed: ("stats-of-completed", r"^stats was called for what is over: .*completed before; ask no", (4,)),
}


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.__name__)
def test_each_habit_is_found_and_no_other(caller: Caller, habit: Callable[[Caller], None]) -> None:
    """One finding, of this rule, in these calls; none once the rule is allowed."""
    rule, said, calls = HABITS[habit]

    habit(caller)

    findings = caller.double.lint()
    assert [(f.rule, f.severity, f.calls) for f in findings] == [(rule, RULES[rule][0], calls)]
    assert re.search(said, findings[0].sentence)
    assert caller.double.lint(allow=[rule]) == []
    assert caller.control("GET", "/lint") == {"findings": json.loads(json.dumps([f._asdict() for f in findings]))}


def test_every_rule_has_its_habit() -> None:
    """No rule is left untested."""
    assert {rule for rule, *_ in HABITS.values()} == set(RULES)


def paid_in_between(caller: Caller) -> None:
    caller.qc("payproject", project_id=2, pay=1000)
    caller.control("POST", "/qcomment/account/deposit", {"amount": "1", "currency": "RUB"})
    caller.qc("payproject", project_id=2, pay=1000)


def changed_in_between(caller: Caller) -> None:
    caller.qc("payproject", project_id=2, pay=13)
    caller.qc("returnmoney", project_id=4)
    caller.qc("payproject", project_id=2, pay=13)


def later(caller: Caller) -> None:
    caller.clock.poll("61s")
    for _ in range(2):
        caller.qc("project", project_id=99)


def asked_otherwise(caller: Caller) -> None:
    caller.qc("project", project_id=98)
    caller.qc("project", project_id=99)


def maintenance(caller: Caller) -> None:
    caller.control("PUT", "/qcomment/maintenance", {"on": True})
    for _ in range(2):
        caller.qc("balance")


def nothing_there(caller: Caller) -> None:
    for _ in range(2):
        caller.qc("list_ready_comments", project_id=2)


def answer_lost(caller: Caller) -> None:
    for when in ("after", "before"):
        caller.double.faults.add("truncated", when=when, operation="newproject", times=2)
        for _ in range(2):
            with suppress(requests.RequestException):
                caller.qc("newproject", **NEW, pay=100_000)
    caller.qc("payproject", project_id="", pay=1)


def other_project(caller: Caller) -> None:
    caller.qc("newproject", **NEW, pay=100_000)
    caller.qc("payproject", project_id=2, pay=100_000)


def order_over(caller: Caller) -> None:
    number = caller.qq(**VIEWS)["id_service_submission"]
    caller.control("POST", f"/qqtube/submissions/{number}/events/complete")
    caller.qq(**VIEWS)
    caller.qq(**VIEWS | {"id_service": 54, "quantity": 100})


def order_seen_over(caller: Caller) -> None:
    number = caller.qq(**VIEWS)["id_service_submission"]
    caller.double.world.accounts["qqtube"].submissions[int(number)].status = 5
    caller.qq(action="stats", id_service_submission=number)
    caller.qq(**VIEWS)


DECENT = [
    paid_in_between, changed_in_between, later, asked_otherwise, maintenance, nothing_there, answer_lost, other_project,
    order_over, order_seen_over,
]  # fmt: skip


@pytest.mark.parametrize("story", DECENT, ids=lambda story: story.__name__)
def test_what_looks_alike_is_left_alone(caller: Caller, story: Callable[[Caller], None]) -> None:
    """What only resembles a habit is none: something has changed, time has passed, the error passes by itself."""
    story(caller)

    assert caller.double.lint() == []


def test_rules_are_named_rightly(caller: Caller) -> None:
    """A rule that does not exist is not silently allowed."""
    with pytest.raises(ValueError, match=r"there is no rule 'duplicate-ad'; did you mean duplicate-add\?"):
        caller.double.lint(allow=["duplicate-ad"])
    with pytest.raises(ValueError, match=r"rules are a list: \['duplicate-add'\]"):
        caller.double.lint(allow="duplicate-add")


steps = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.integers(1, 3)),
        st.tuples(st.just("project"), st.integers(8909, 8912)),
        st.tuples(st.just("order"), st.integers(0, 3)),
        st.just(("create", 0)),
        st.just(("progress", 0)),
    ),
    max_size=8,
)


@settings(max_examples=30)
@given(story=steps)
def test_the_reference_client_has_no_bad_habits(story: list[tuple[str, int]]) -> None:
    """Whatever is done by the client of this package, once each and an hour apart, nothing is found."""
    double = Double.open()
    qcomment, qqtube = QComment(double.keys["qcomment"]), QQTube(double.keys["qqtube"])
    acts: dict[str, Callable[[int], Any]] = {
        "pay": lambda n: qcomment.payproject(2, n),
        "project": qcomment.project,
        "create": lambda _: qcomment.newproject(title="t", subjects=2, tarif_id=2, task="t", language="ru"),
        "order": lambda n: qqtube.add(f"https://youtu.be/jofNR_WkoC{n}", 100, 3),
        "progress": lambda _: qqtube.stats(123456),
    }
    orders: set[int] = set()
    with reached(double.simulator):
        for name, number in story:
            if name == "order" and number in orders:
                continue
            orders |= {number} if name == "order" else set()
            with suppress(RefusedError):
                acts[name](number)
            double.clock.advance("1h")

    assert double.lint() == []


def test_sequence_numbers_are_those_of_the_journal(caller: Caller) -> None:
    """Findings are in the order of their first calls, and each says once what happens often."""
    for _ in range(3):
        caller.qc("balance", verbose=1)
    duplicate_add(caller)

    findings = caller.double.lint()

    assert [finding.calls for finding in findings] == [(1, 2, 3), (4, 5)]
    assert all(a.calls[0] < b.calls[0] for a, b in pairwise(findings))


def test_command_line_asks_a_server(caller: Caller) -> None:
    """`apidouble lint` tells what a running server has found, and ends with 1."""
    with caller.double.serve() as server:
        quiet = CliRunner().invoke(main, ["lint", "--url", server.url])
        near_miss_parameter(caller)
        found = CliRunner().invoke(main, ["lint", "--url", server.url])
        allowed = CliRunner().invoke(main, ["lint", "--url", server.url, "--allow", "near-miss-parameter"])
        wrong = CliRunner().invoke(main, ["lint", "--url", server.url, "--allow", "near-mis-parameter"])

    assert (quiet.exit_code, quiet.output) == (allowed.exit_code, allowed.output) == (0, "Nothing to remark.\n")
    assert found.exit_code == 1 and found.output.startswith(
        "error  near-miss-parameter  newproject was sent a parameter"
    )
    assert wrong.exit_code == 1 and "did you mean near-miss-parameter?" in wrong.output
