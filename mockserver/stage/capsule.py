"""Turn a capsule's file into its story, told again in this process, and say where it goes another way."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from jsonschema.exceptions import best_match

from apidouble.mockserver.domain.call import AT_ONCE, Delivery, Request, Response
from apidouble.mockserver.domain.instants import END_MS, read_instant, write_instant
from apidouble.mockserver.spec.source import Source, SpecError, validator
from apidouble.mockserver.stage.differences import differing_lines
from apidouble.mockserver.stage.pacer import Pace
from apidouble.mockserver.stage.recording import VERSION, dump, libraries, record, sent_and_kept
from apidouble.mockserver.stage.scenarios import Scenario
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.stage.worlds import WorldFile


class CapsuleError(ValueError):
    """A file is no capsule, or none that can be replayed here; the text, one line, says where and why."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a story: its number in the journal, the virtual time when it came, and the answer that it had.

    `kept` is the true answer where a fault has spoilt it or kept it back.
    """

    number: int
    at_ms: int
    operation: str
    request: Request
    response: Response
    kept: Response | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A call that was answered otherwise in the replay: `recorded` is the capsule's answer, `replayed` the new one."""

    call: Call
    recorded: Response
    replayed: Response

    def __str__(self) -> str:
        call = self.call
        where = f"Call {call.number}, {call.operation} at {write_instant(call.at_ms)}, is answered differently:"
        return "\n".join((where, *differing_lines(self.recorded, self.replayed)))


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of a replay: how many calls were answered, the last of them otherwise if there is a difference.

    `simulator` is as the replay has left it.
    """

    calls: int
    first_difference: Difference | None
    simulator: Simulator


class Capsule:
    """A story that can be told again: what it began with, and each call with its answer."""

    def __init__(self, document: Mapping[str, Any], name: str = "capsule") -> None:
        """Take a document of the schema `capsule` in specs/extensions.schema.json; raises CapsuleError."""
        self.document, self.name = dict(document), name
        self._check()
        try:
            self.calls = tuple(map(_call, self.document["calls"]))
        except (ValueError, binascii.Error) as error:
            raise CapsuleError(f"{name}: {error}") from error
        for before, after in pairwise(self.calls):
            if after.at_ms < before.at_ms or after.number <= before.number:
                raise CapsuleError(f"{name}: call {after.number} stands behind call {before.number}, which came later")
        try:
            self._world, self._scenario = self._parsed()
        except SpecError as error:
            raise CapsuleError("; ".join(error.problems)) from error

    @classmethod
    def of(cls, simulator: Simulator) -> "Capsule":
        """Return the story of a simulator since its start or last reset; raises ForgottenError where it is too long."""
        with simulator.stage.tenants.lock:
            return cls(record(simulator.stage))

    @classmethod
    def read(cls, path: str | Path) -> "Capsule":
        """Read a capsule's file; raises CapsuleError."""
        try:
            content = Path(path).read_bytes()
        except OSError as error:
            raise CapsuleError(f"{path}: {error.strerror}") from error
        return cls.parse(content, str(path))

    @classmethod
    def parse(cls, content: bytes, name: str = "capsule") -> "Capsule":
        """Make sense of the content of a capsule's file; raises CapsuleError."""
        try:
            document = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise CapsuleError(f"{name}: not JSON: {error}") from error
        if not isinstance(document, dict) or "capsule" not in document:
            raise CapsuleError(f"{name}: no capsule: it would be an object with the key 'capsule'")
        return cls(document, name)

    def write(self, path: str | Path) -> None:
        """Write the capsule's file."""
        Path(path).write_bytes(dump(self.document))

    @property
    def specs(self) -> str:
        """A hash over the specs by which the answers were given, to be held against `Contract.digest`."""
        return str(self.document["specs"])

    def changes(self, simulator: Simulator) -> Iterator[tuple[str, str, str]]:
        """Yield name, then and now of what the answers depend on and is not as it was: the specs, Faker's words."""
        now = {"specs": simulator.contract.digest, "faker": libraries()["faker"]}
        then = {"specs": self.specs, "faker": self.document["libraries"]["faker"]}
        yield from ((name, then[name], now[name]) for name in now if then[name] != now[name])

    def open(self) -> Simulator:
        """Return a simulator at the beginning of the story; raises CapsuleError where the specs do not allow it."""
        clock, faults = self.document["clock"], self.document["faults"]
        try:
            return Simulator.open(
                self._world,
                self.document["readings"],
                Pace(clock["mode"], clock["rate"], clock["step_ms"]),
                scenario=self._scenario,
                fault_header=faults["header"],
                reserved_inputs=faults["reserved_inputs"],
            )
        except SpecError as error:
            raise CapsuleError("; ".join(error.problems)) from error
        except ValueError as error:
            raise CapsuleError(f"{self.name}: readings: {error}") from error

    def replay(self, simulator: Simulator | None = None) -> Replay:
        """Make every call again, at its time, until one is answered otherwise.

        A simulator that `open` returned and nobody called can be given. Raises CapsuleError.
        """
        simulator = simulator or self.open()
        for count, call in enumerate(self.calls, 1):
            if call.at_ms > simulator.world.now_ms:
                simulator.world.advance(call.at_ms)
            response = simulator.answer_now(call.request)
            if response != call.response:
                return Replay(count, Difference(call, call.response, response), simulator)
            _, kept = sent_and_kept(simulator.world.journal.entries[-1])
            if kept != call.kept:
                return Replay(count, Difference(call, call.kept or response, kept or response), simulator)
        return Replay(len(self.calls), None, simulator)

    def _check(self) -> None:
        version = self.document.get("capsule")
        if version != VERSION:
            raise CapsuleError(
                f"{self.name}: a capsule of version {version!r}, and this apidouble reads version {VERSION}; "
                f"apidouble {self.document.get('apidouble', 'that wrote it')} replays it"
            )
        problem = best_match(validator("capsule").iter_errors(self.document))
        if problem:
            place = ".".join(map(str, problem.absolute_path)) or "the capsule"
            raise CapsuleError(f"{self.name}: {place}: {_short(problem.message)}")

    def _parsed(self) -> tuple[WorldFile, Scenario]:
        world, scenario = (
            (part["name"], Source.parse(Path(f"{self.name}, {key}"), part["yaml"].encode()))
            for key, part in ((key, self.document[key]) for key in ("world", "scenario"))
        )
        seed, start_ms = self.document["seed"], _instant(self.document["start"])
        return (
            replace(WorldFile.of(world[1]), name=world[0], start_ms=start_ms),
            replace(Scenario.of(scenario[1]).with_customer(), name=scenario[0], seed=seed),
        )


def _call(written: Mapping[str, Any]) -> Call:
    request = written["request"]
    return Call(
        number=written["number"],
        at_ms=_instant(written["at"]),
        operation=written["operation"],
        request=Request(
            request["method"],
            request["path"],
            _bytes(request, "query").decode("utf-8", "surrogateescape"),
            request["content_type"],
            _bytes(request, "body"),
            fault=request.get("fault", ""),
        ),
        response=_response(written["answer"]),
        kept=_response(written["kept"]) if "kept" in written else None,
    )


def _response(written: Mapping[str, Any]) -> Response:
    return Response(
        written["status"],
        written["content_type"],
        _bytes(written, "body"),
        retry_after=written.get("retry_after", ""),
        delivery=Delivery(**written["delivery"]) if "delivery" in written else AT_ONCE,
    )


def _bytes(written: Mapping[str, str], name: str) -> bytes:
    if name in written:
        return written[name].encode()
    return base64.b64decode(written[f"{name}_base64"], validate=True)


def _instant(text: str) -> int:
    at_ms = read_instant(text)
    if at_ms > END_MS:
        raise ValueError(f"{text} is after the end of virtual time, {write_instant(END_MS)}")
    return at_ms


def _short(message: str, most: int = 200) -> str:
    return message if len(message) <= most else f"{message[: most // 2]} … {message[-most // 2 :]}"
