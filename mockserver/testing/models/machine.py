"""Turn a call of your client, and what the double saw of it, into nothing or a sentence that says what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine

from apidouble.mockserver.serve.doors.delivery import Application
from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.spec.load import load
from apidouble.mockserver.spec.model import Contract
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.story.lint import COMPLETED, KEY_IN_URL, PASSING, POLLING, rule_of
from apidouble.mockserver.story.transcript import shorten, write_happening, write_line
from apidouble.mockserver.testing.double import CONFLICT, ControlError
from apidouble.mockserver.testing.models.double import Served, attach, start

SHOWN_CALLS = 6


class ClientMistakeError(AssertionError):
    """Your client did something wrong; the first line says what, the others show the last calls."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of the adapter: what it said, and the account and the journal around it."""

    words: str
    value: Any
    error: Exception | None
    before: Any
    after: Any
    calls: list[Any]

    @property
    def returned(self) -> bool:
        """Whether it returned at all."""
        return self.error is None

    @property
    def ending(self) -> str:
        """How it came back, as a verb."""
        return f"returned {self.value!r}" if self.error is None else f"raised {_named(self.error)}"


class ModelMachine(RuleBasedStateMachine):
    """What the machines of both vendors share. Set these in your subclass:

    `refused`: the exceptions by which your client says that the service refused a call, and nothing was spent.
    `lost`: those by which it says that it does not know whether a call was carried out. With any, answers get lost.
    `allow`: parts of the journal's remarks that are all right with you.
    `floats`: True if your client may hold money in binary floats.
    `world`: the world to start in. `address`, `token`: a double that runs already; it is reset again and again.
    """

    vendor: ClassVar[str]
    spending: ClassVar[frozenset[str]]

    refused: ClassVar[tuple[type[Exception], ...]] = ()
    lost: ClassVar[tuple[type[Exception], ...]] = ()
    allow: ClassVar[tuple[str, ...]] = ()
    floats: ClassVar[bool] = False
    world: ClassVar[str] = "documented"
    address: ClassVar[str | None] = None
    token: ClassVar[str | None] = None

    def __init__(self) -> None:
        super().__init__()
        self._served = _served(type(self))
        self.double = self._served.double
        self.double.reset()
        self.base_url = self._served.base_url
        self._heard = 0
        self.client = self.adapter()

    def adapter(self) -> Any:
        """Return the adapter to a fresh client of yours that calls `self.base_url`. Yours to write."""
        raise NotImplementedError(f"{type(self).__name__} has no adapter(self)")

    def balance_of(self, account: Any) -> Decimal:
        """Return what an account can spend."""
        raise NotImplementedError

    @classmethod
    def application(cls, simulator: Simulator) -> Application:
        """Return what is served; override it to put something between your client and the double."""
        return create_app(simulator).wsgi_app

    def lose_next_answer(self) -> None:
        """Let the next call be carried out and its answer get lost."""
        self.happens("/faults", {"kind": "reset", "when": "after", "vendor": self.vendor})

    @classmethod
    def loses_answers(cls) -> bool:
        """Tell whether your client has a word for a lost answer, so that spending is tried without one."""
        return bool(cls.lost)

    def ask(
        self, method: str, *arguments: Any, by: tuple[str, ...], wrong: tuple[str, ...] = (), empty: str = ""
    ) -> Asked:
        """Call the adapter and judge how it came back.

        `by` names the vendor's operations that do what was asked; `wrong` the parameters that are wrong on purpose;
        `empty` the refusal that may as well be read as an empty list.
        """
        self._check_silence()
        before = self.double.state(self.vendor)
        value, error = None, None
        try:
            value = getattr(self.client, method)(*arguments)
        except Exception as caught:
            error = caught
        calls = self._vendors(self._served.calls_since(self._heard))
        self._heard = calls[-1]["sequence"] if calls else self._heard
        words = f"{method}({', '.join(map(repr, arguments))})"
        asked = Asked(words, value, error, before, self.double.state(self.vendor), calls)
        self._check_remarks(asked, wrong)
        self._check_repeats(asked)
        self._check_ending(asked, by, empty, on_purpose=bool(wrong))
        return asked

    def happens(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """Let the world do something; return None where it cannot happen now."""
        try:
            return self.double.control(method, path, body)
        except ControlError as refusal:
            if refusal.status == CONFLICT:
                return None
            raise

    def _check_silence(self) -> None:
        """Let a client that has come back make no more calls."""
        late = self._vendors(self._served.calls_since(self._heard))
        if late:
            raise self.mistake(f"{late[0]['operation']} was called when no call of the adapter was under way")

    def mistake(self, sentence: str) -> ClientMistakeError:
        """Return the exception that says what is wrong and shows the last calls."""
        lines = [f"  {self._line(entry)}" for entry in self._served.last_calls(SHOWN_CALLS)]
        return ClientMistakeError("\n".join([sentence.rstrip(".?") + ".", "The last calls:", *(lines or ["  none"])]))

    def check_money(self, asked: Asked, value: Any, truth: Decimal, what: str) -> None:
        """Compare an amount that the client believes; None says nothing."""
        if value is None:
            return
        if isinstance(value, float) and not self.floats:
            raise self.mistake(
                f"{asked.words} returned {value!r} as a binary float, which cannot hold most amounts exactly "
                f"(0.1 + 0.2 is {0.1 + 0.2!r}): read money as Decimal, e.g. json.loads(text, parse_float=Decimal)"
            )
        try:
            same = Decimal(str(value)) == truth
        except InvalidOperation:
            same = False
        if not same:
            raise self.mistake(f"{asked.words} returned {value!r}, but {what} {truth}")

    def check_number(self, asked: Asked, value: Any, truth: int, what: str, machine: str = "") -> None:
        """Compare an id, a count or, where a machine is named, a status that the client believes."""
        shown = self.state_name(machine, truth) if machine else str(truth)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.mistake(
                f"{asked.words} returned {value!r} ({type(value).__name__}) where a whole number is due: {what} {shown}"
            )
        if value != truth:
            raise self.mistake(f"{asked.words} returned {value}, but {what} {shown}")

    def ask_free(self, method: str, *arguments: Any, **about: Any) -> Asked:
        """Ask for what costs nothing."""
        asked = self.ask(method, *arguments, **about)
        self.check_unspent(asked)
        return asked

    def trouble(self, kind: str, *, on: bool) -> None:
        """Begin or end maintenance of the service or a block of the account."""
        if kind == "maintenance":
            self.happens(f"/{self.vendor}/maintenance", {"on": on}, "PUT")
        else:
            self.happens(f"/{self.vendor}/account/{'block' if on else 'unblock'}")

    def check_kind(self, asked: Asked, kind: type) -> None:
        """Refuse what is no mapping or no collection where one is due."""
        if not isinstance(asked.value, kind) or isinstance(asked.value, str):
            raise self.mistake(f"{asked.words} returned {asked.value!r} where a {kind.__name__} is due")

    def check_unspent(self, asked: Asked) -> None:
        """Let no call that does not pay, or that was refused, cost anything."""
        before, after = self.balance_of(asked.before), self.balance_of(asked.after)
        if before != after:
            raise self.mistake(
                f"{asked.words} {asked.ending}, but the double charged {before - after}: "
                f"the balance was {before} and is {after}"
            )

    def state_name(self, machine: str, state: int) -> str:
        """Return a status with its name."""
        return f"{state} ({contract().vendors[self.vendor].rules.machines[machine].states[state].name})"

    def _vendors(self, calls: list[Any]) -> list[Any]:
        return [call for call in calls if call["vendor"] == self.vendor]

    def _check_remarks(self, asked: Asked, wrong: tuple[str, ...]) -> None:
        for call in asked.calls:
            for remark in call["diagnostics"]:
                about_wrong = any(remark.startswith((f"{name} ", f"{name}:")) for name in wrong)
                if not about_wrong and not any(part in remark for part in self.allow):
                    raise self.mistake(self._remarked(asked, call, remark))

    def _remarked(self, asked: Asked, call: Any, remark: str) -> str:
        where = f"{asked.words} sent {call['operation'] or call['path']}"
        kind = rule_of(remark, contract())
        if kind == KEY_IN_URL:
            return f"{where} with its parameters in the URL, where proxies and logs keep the key: {remark}"
        if kind in (POLLING, COMPLETED):
            return f"{where} too often: {remark}"
        return f"{where} wrongly: {remark}"

    def _check_repeats(self, asked: Asked) -> None:
        """A refusal is final: to repeat it cannot help, and spends twice where it was no refusal."""
        for number, call in enumerate(asked.calls):
            passing = call["outcome"] == "ok" or call["outcome"] in PASSING or call["fault"] is not None
            if passing or call["operation"] not in self.spending:
                continue
            alike = [c for c in asked.calls[number:] if _asks(c) == _asks(call)]
            if len(alike) > 1:
                raise self.mistake(
                    f"{asked.words} sent {call['operation']} {len(alike)} times although the double had refused "
                    f"it with {self._outcome(call)}: a refused payment was retried"
                )

    def _check_ending(self, asked: Asked, by: tuple[str, ...], empty: str, *, on_purpose: bool) -> None:
        deciding = [call for call in asked.calls if call["operation"] in by] or asked.calls
        last = deciding[-1] if deciding else None
        refused = last if last is not None and last["outcome"] != "ok" else None
        if asked.error is None:
            if refused is not None and refused["outcome"] != empty:
                raise self.mistake(
                    f"{asked.words} {asked.ending}, but the double had refused it with {self._outcome(refused)}: "
                    f"an error was taken for success"
                )
        elif isinstance(asked.error, self.lost):
            return
        elif not isinstance(asked.error, self.refused):
            heard = f"on the answer {shorten(last['answer'])}" if last else "before it called the double"
            raise self.mistake(
                f"{asked.words} failed {heard} with {_named(asked.error)}, which is none of the exceptions you listed"
            ) from asked.error
        elif last is None and not on_purpose:
            raise self.mistake(f"{asked.words} {asked.ending} without asking the double")
        elif last is not None and refused is None:
            raise self.mistake(
                f"{asked.words} {asked.ending}, but the double had carried it out: success was taken for an error"
            )

    def _outcome(self, call: Any) -> str:
        """Return an error with what it means."""
        spec = contract().vendors[self.vendor]
        if call["outcome"].startswith("fault:"):
            return str(call["outcome"])
        if call["outcome"] in spec.failures:
            return f"the failure envelope {shorten(call['answer'])} ({spec.failures[call['outcome']].gloss})"
        glosses = [spec.numbered[int(code)].gloss for code in call["outcome"].split("+")]
        return f"{call['outcome']} ({', '.join(glosses)})"

    def _line(self, entry: Any) -> str:
        name = entry["operation"] or entry["path"]
        if entry["vendor"] != self.vendor:
            return write_happening(name, entry["path"], entry["parameters"])
        line = write_line(entry["method"], name, entry["parameters"], entry["answer"])
        fault = entry["fault"]
        return f"{line} (fault {fault['kind']} {fault['when']} commit)" if fault else line


def _asks(call: Any) -> tuple[str, Mapping[str, Any]]:
    return call["operation"], call["parameters"]


def _named(error: Exception) -> str:
    text = str(error)
    return f"{type(error).__name__}: {shorten(text)}" if text else type(error).__name__


@cache
def contract() -> Contract:
    """Return what the specs say."""
    return load()


@cache
def _served(machine: type[ModelMachine]) -> Served:
    if machine.address is not None:
        return attach(machine.address, machine.token)
    return start(machine.world, machine.application)
