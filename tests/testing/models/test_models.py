"""Model tests of a sloppy client: each planted bug is found and named, and the client without bugs passes."""

import importlib
import re
import sys
import types
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from apidouble.mockserver.testing.models import ClientMistakeError, Progress, QCommentStateMachine, QQTubeStateMachine
from apidouble.mockserver.testing.models.adapters import Decision
from apidouble.mockserver.testing.models.double import attach
from apidouble.mockserver.testing.models.machine import ModelMachine, contract, take_tour
from tests.testing.models.sloppy_client import QCOMMENT_KEY, ServiceError, SloppyClient

BUDGET = settings(
    max_examples=50,
    stateful_step_count=12,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
SEARCH = settings(BUDGET, max_examples=200)
SHORT = settings(BUDGET, max_examples=10)
PAGE = Path(__file__).parents[3] / "docs" / "model-tests.md"

QCOMMENT_BUGS = {
    "error_body_is_success": r"returned \S+, but the double had refused it with \d+ .*: an error was taken for success",
    "failure_envelope_is_success": r"returned 'no', but the double had refused it with the failure envelope",
    "retries_refusals": r"sent \w+ 3 times although .* a refused payment was retried",
    "float_money": r"returned [\d.]+ as a binary float",
    "no_status_4": r"left out comment \d+, which has status 4 \(approved\)",
    "swapped_status": r"comments\(\d+\) returned [23], but comment \d+ has status [23] \((rejected|in_rework)\)",
    "paid_is_assumed": r"returned 1, but comment \d+ has status 4 \(approved\)",
    "empty_list": r"waiting\(\) failed on the answer \[\] with AttributeError",
    "tariff_id": r"sent newproject wrongly: tariff_id: .* did you mean tarif_id",
    "key_in_url": r"with its parameters in the URL, where proxies and logs keep the key",
}
QQTUBE_BUGS = {
    "missing_success_is_ok": r"order\(.*\) returned 0, but the double had refused it with",
    "text_numbers": r"returned '\d+' \(str\) where a whole number is due: order \d+ has current_count",
    "polls_what_is_over": r"poll\(\) sent stats too often: .* retrieved as completed before",
    "refund_is_failure": r"returned 4, but order \d+ has status 8 \(Refunded\)",
    "url_unquoted": r"order\(.*\) sent add wrongly: t: not a parameter",
}
LOSING_BUGS = {"retries_lost_answers": r"it was paid 2 times"}
OPERATIONS: Mapping[Decision, int] = {"pay": 0, "rework": 1, "reject": 2}


class QComment:
    """The adapter to the sloppy client of QComment."""

    def __init__(self, client: SloppyClient) -> None:
        self.client = client

    def create_project(self, title: str, task: str, subject: int, tariff: int, count: int, premoderation: bool) -> int:
        return self.client.newproject(
            premoderation, title=title, task=task, subjects=subject, tarif_id=tariff, pay=count or None
        )

    def pay(self, project_id: int, count: int) -> Any:
        return self.client.qcomment("payproject", project_id=project_id, pay=count).get("money")

    def return_money(self, project_id: int, count: int | None) -> Any:
        return self.client.qcomment("returnmoney", project_id=project_id, cnt_return=count)["money"]

    def set_active(self, project_id: int, active: bool) -> None:
        self.client.qcomment("projectedit", project_id=project_id, status=1 if active else 2)

    def decide(self, comment_id: int, decision: Decision, reason: str) -> int:
        return self.client.revision(comment_id, OPERATIONS[decision], reason)

    def balance(self) -> Any:
        return self.client.qcomment("balance").get("balance", Decimal(0))

    def project_status(self, project_id: int) -> int:
        return int(self.client.qcomment("project", project_id=project_id).get("status", 0))

    def comments(self, project_id: int) -> Mapping[int, int]:
        return self.client.comments(project_id)

    def waiting(self) -> list[int]:
        return self.client.waiting()


class QQTube:
    """The adapter to the sloppy client of QQTube."""

    def __init__(self, client: SloppyClient) -> None:
        self.client = client

    def order(self, service: int, url: str, quantity: int, parameters: Mapping[str, str]) -> int:
        return self.client.add(id_service=service, url=url, quantity=quantity, **parameters)

    def progress(self, order_id: int) -> Progress:
        return Progress(*self.client.stats(order_id))

    def poll(self) -> Mapping[int, Progress]:
        return {order: self.progress(order) for order in sorted(self.client.open_orders)}

    def funds(self) -> Decimal:
        return Decimal(self.client.qqtube("GET", "funds")["funds"])

    def services(self) -> list[int]:
        return [int(service["id_service"]) for service in self.client.qqtube("GET", "services")]


class Sloppy:
    """What the machines are told about the client."""

    bugs: ClassVar[tuple[str, ...]] = ()
    refused: ClassVar[tuple[type[Exception], ...]] = (ServiceError,)
    lost: ClassVar[tuple[type[Exception], ...]] = (requests.ConnectionError,)


class QCommentMachine(Sloppy, QCommentStateMachine):
    """The model test of the sloppy client of QComment."""

    def adapter(self) -> QComment:
        return QComment(SloppyClient(self.base_url, self.bugs))


class QQTubeMachine(Sloppy, QQTubeStateMachine):
    """The model test of the sloppy client of QQTube."""

    def adapter(self) -> QQTube:
        return QQTube(SloppyClient(self.base_url, self.bugs))


TestQComment = QCommentMachine.TestCase
TestQComment.settings = BUDGET
TestQQTube = QQTubeMachine.TestCase
TestQQTube.settings = BUDGET


def hunt(machine: type[ModelMachine]) -> None:
    """Look for mistakes as a suite does: all that matters once, then by search."""
    take_tour(machine)
    run_state_machine_as_test(machine, settings=SEARCH)


def sentence(machine: type[ModelMachine], **about: Any) -> str:
    """Return the first line of what the machine says about its client."""
    planted = type(machine.__name__, (machine,), about)
    with pytest.raises(ClientMistakeError) as caught:
        hunt(planted)
    return str(caught.value).splitlines()[0]


@pytest.mark.parametrize("bug", QCOMMENT_BUGS)
def test_a_planted_bug_of_qcomment_is_found_and_named(bug: str) -> None:
    """The sentence says what the client did wrong."""
    assert re.search(QCOMMENT_BUGS[bug], sentence(QCommentMachine, bugs=(bug,)))


@pytest.mark.parametrize("bug", QQTUBE_BUGS)
def test_a_planted_bug_of_qqtube_is_found_and_named(bug: str) -> None:
    """The sentence says what the client did wrong."""
    assert re.search(QQTUBE_BUGS[bug], sentence(QQTubeMachine, bugs=(bug,)))


@pytest.mark.parametrize("machine", [QCommentMachine, QQTubeMachine])
def test_a_retry_after_a_lost_answer_is_found_to_pay_twice(machine: type[ModelMachine]) -> None:
    """Where answers can be lost, the retry shows as a double payment."""
    assert re.search(LOSING_BUGS["retries_lost_answers"], sentence(machine, bugs=("retries_lost_answers",)))


@pytest.mark.parametrize("bug", [*QCOMMENT_BUGS, *QQTUBE_BUGS, *LOSING_BUGS])
def test_the_tour_finds_every_planted_bug(bug: str) -> None:
    """What is found does not hang on what hypothesis comes across: the tour alone, always the same, finds it."""
    bugs = {**QCOMMENT_BUGS, **QQTUBE_BUGS, **LOSING_BUGS}
    machine: type[ModelMachine] = QQTubeMachine if bug in QQTUBE_BUGS else QCommentMachine
    with pytest.raises(ClientMistakeError) as caught:
        take_tour(type(machine.__name__, (machine,), {"bugs": (bug,)}))
    assert re.search(bugs[bug], str(caught.value).splitlines()[0])


@pytest.mark.parametrize("machine", [QCommentMachine, QQTubeMachine])
def test_the_tour_sees_every_operation_and_status(machine: type[ModelMachine]) -> None:
    """Each status of what your client is asked about is there when it is asked."""
    statuses: dict[str, set[int]] = {}

    class Watched(machine):  # type: ignore[misc, valid-type]
        def check_number(self, asked: Any, value: Any, truth: int, what: str, machine: str = "") -> None:
            super().check_number(asked, value, truth, what, machine)
            statuses.setdefault(machine, set()).add(truth)

    take_tour(Watched)

    machines = contract().vendors[machine.vendor].rules.machines
    expected = {name: set(machines[name].states) for name in statuses if name}
    if machine is QCommentMachine:
        expected["project"].discard(4)  # by the readings that nobody has changed, projects wait for no moderation
    assert {name: seen for name, seen in statuses.items() if name} == expected


def test_what_is_wrong_stands_first(pytester: pytest.Pytester) -> None:
    """pytest shows the sentence, and no frames of hypothesis or of the machine above it."""
    pytester.makepyfile(
        """
        from tests.testing.models.test_models import BUDGET, QCommentMachine

        class Planted(QCommentMachine):
            bugs = ("empty_list",)

        TestPlanted = Planted.TestCase
        TestPlanted.settings = BUDGET
        """
    )

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly")

    lines = [line for line in result.outlines if "hypothesis" not in line.lower() or line.startswith("E ")]
    shown = lines[
        next(n for n, line in enumerate(lines) if "TestPlanted.runTest" in line or "Planted.TestCase" in line) :
    ]
    first = next(line for line in shown if line.startswith("E "))
    assert re.search(r"ClientMistakeError: waiting\(\) failed on the answer \[\] with AttributeError", first)
    assert not [line for line in result.outlines if re.search(r"(stateful|machine|core)\.py:\d+", line)]


def test_the_page_lists_every_planted_bug_with_its_sentence() -> None:
    """The table of docs/model-tests.md shows what the machines say."""
    page = PAGE.read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \|[^|]*\| (.*) \|$", page, re.MULTILINE))
    assert rows.keys() == {**QCOMMENT_BUGS, **QQTUBE_BUGS, **LOSING_BUGS}.keys()
    for bug, pattern in {**QCOMMENT_BUGS, **QQTUBE_BUGS, **LOSING_BUGS}.items():
        assert re.search(pattern, rows[bug]), bug


def test_the_example_of_the_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twenty lines of docs/model-tests.md are a model test, given the client that they speak of."""

    class Client(QComment):
        def __init__(self, base_url: str, key: str) -> None:
            super().__init__(SloppyClient(base_url))
            assert key == QCOMMENT_KEY

        def new_project(self, title: str, task: str, subject: int, tariff: int, works: int, premoderated: bool) -> int:
            return QComment.create_project(self, title, task, subject, tariff, works, premoderated)

        def refund(self, project_id: int, works: int | None) -> Any:
            return QComment.return_money(self, project_id, works)

        def edit_project(self, project_id: int, status: int) -> None:
            QComment.set_active(self, project_id, active=status == 1)

        def revision(self, comment_id: int, operation: int, reason: str) -> int:
            return self.client.revision(comment_id, operation, reason)

    shop: Any = types.ModuleType("shop.qcomment")
    shop.Client, shop.NoAnswer, shop.Refused = Client, requests.ConnectionError, ServiceError
    monkeypatch.setitem(sys.modules, "shop", types.ModuleType("shop"))
    monkeypatch.setitem(sys.modules, "shop.qcomment", shop)
    written = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert written is not None
    example: dict[str, Any] = {"__name__": "example"}
    exec(written[1], example)  # noqa: S102
    run_state_machine_as_test(example["ClientMachine"], settings=SHORT)


def test_what_is_allowed_is_no_mistake() -> None:
    """A remark that the user allows, and floats that he wants, pass."""
    chatty = type("Chatty", (QQTubeMachine,), {"bugs": ("polls_what_is_over",), "allow": ("excessive",)})
    floating = type("Floating", (QCommentMachine,), {"bugs": ("float_money",), "floats": True})
    for machine in (chatty, floating):
        run_state_machine_as_test(machine, settings=SHORT)


def test_an_exception_that_is_not_listed_is_a_mistake() -> None:
    """A client may only say no in the words that its user has listed."""
    assert "with ServiceError: " in sentence(QCommentMachine, refused=())


def test_a_refusal_that_was_none_is_a_mistake() -> None:
    """A client that reports a failure after it has paid is found out."""

    class Pessimist(QComment):
        def pay(self, project_id: int, count: int) -> Decimal | None:
            super().pay(project_id, count)
            raise ServiceError("timed out, I suppose")

    said = sentence(QCommentMachine, adapter=lambda machine: Pessimist(SloppyClient(machine.base_url)))
    assert said.startswith("pay(")
    assert said.endswith("but the double had carried it out: success was taken for an error.")


def test_a_call_that_does_nothing_is_a_mistake() -> None:
    """A client that pays in its dreams is found out."""

    class Dreamer(QComment):
        def pay(self, project_id: int, count: int) -> None:
            """Do nothing."""

    said = sentence(QCommentMachine, adapter=lambda machine: Dreamer(SloppyClient(machine.base_url)))
    assert re.search(r"pay\(\d+, \d+\) returned None, but ", said)


def test_a_double_on_this_machine_is_reached_past_any_proxy(server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As every other command of apidouble reaches it."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")

    assert attach(f"{server_url}/", None).last_calls(1) == []


def test_the_machine_runs_against_a_double_at_an_address(server_url: str) -> None:
    """The truth comes through the control plane of a double that somebody else has started."""
    remote = type("Remote", (QQTubeMachine,), {"address": server_url})
    run_state_machine_as_test(remote, settings=SHORT)
    assert "order(" in sentence(remote, bugs=("missing_success_is_ok",))


def test_the_last_calls_are_shown_without_the_key() -> None:
    """The message ends with what was called, and can be pasted anywhere."""
    planted = type("Planted", (QCommentMachine,), {"bugs": ("error_body_is_success",)})
    with pytest.raises(ClientMistakeError) as caught:
        run_state_machine_as_test(planted, settings=SEARCH)
    _, heading, *calls = str(caught.value).splitlines()
    assert heading == "The last calls:"
    assert "-> {" in calls[-1]
    assert QCOMMENT_KEY not in str(caught.value)


def test_without_hypothesis_the_import_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the package does without it."""
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, "apidouble.mockserver.testing.models")
    with pytest.raises(ImportError, match=r"pip install 'apidouble\[model\]'"):
        importlib.import_module("apidouble.mockserver.testing.models")
