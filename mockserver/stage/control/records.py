"""What has happened and how things are: the state, the journal, what is odd in it, the readings."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any

import orjson

from apidouble.mockserver.domain.call import RESET, TRUNCATED, Response
from apidouble.mockserver.domain.faults import Struck
from apidouble.mockserver.domain.instants import write_instant
from apidouble.mockserver.domain.journal import Entry
from apidouble.mockserver.domain.shown import MASK, masked
from apidouble.mockserver.domain.world import vendor_of
from apidouble.mockserver.stage.control.pages import Unwritten
from apidouble.mockserver.stage.control.problems import ConflictError
from apidouble.mockserver.stage.stage import Stage

JSON = "application/json; charset=utf-8"
STATE_LIMIT = 500
MASKED = "masked"


def get_state(
    stage: Stage,
    vendor: str | None = None,
    limit: int = STATE_LIMIT,
    before: int | None = None,
    keys: str = MASKED,
) -> dict[str, Any]:
    """Return the accounts as they are held, money in minor units and times in milliseconds since the epoch.

    Of each kind of things the newest are shown, at most `limit`; of those with a lower id than `before` if it is given.
    """
    world = stage.world
    accounts: dict[str, dict[str, Any]] = {}
    left_out: dict[str, dict[str, int]] = {}
    for name in (name for name in world.accounts if vendor in (None, name, vendor_of(name))):
        account = world.present(name)
        parts = {each.name: getattr(account, each.name) for each in fields(account)}
        accounts[name], left_out[name] = {}, {}
        for part, held in parts.items():
            shown = held
            if _holds_things(held) and (before is not None or len(held) > limit):
                below = sorted(number for number in held if before is None or number < before)
                shown = {number: held[number] for number in below[-limit:]}
                left_out[name][part] = len(held) - len(shown)
            accounts[name][part] = MASK if part == "key" and keys == MASKED else shown
    answer = {"now": write_instant(world.now_ms), "vendors": accounts}
    return {**answer, "left_out": left_out} if any(left_out.values()) else answer


def _holds_things(held: Any) -> bool:
    """Tell whether a part of an account is what the vendor keeps by ids: projects, works, submissions."""
    if not isinstance(held, dict) or not held:
        return False
    number, thing = next(iter(held.items()))
    return isinstance(number, int) and is_dataclass(thing)


def journal(stage: Stage, limit: int = 100, since: int | None = None, keys: str = MASKED) -> Unwritten:
    """Return the last calls, or the first after number `since`, oldest first."""
    kept = stage.world.journal.entries
    newest = list(islice(reversed(stage.world.journal.entries), limit))
    if since is not None:
        start = max(since + 1 - kept[0].sequence, 0) if kept else 0
        newest = list(islice(kept, start, start + limit))[::-1]

    def pieces() -> Iterator[bytes]:
        yield b'{"entries":['
        for number, entry in enumerate(reversed(newest)):
            told = _entry(entry, entry.parameters if keys != MASKED else masked(entry.parameters))
            yield b"," * bool(number) + orjson.dumps(told)
        yield b"]}"

    return Unwritten(JSON, pieces)


def get_lint(stage: Stage) -> Unwritten:
    """Return what the client does that will not go well."""
    entries, contract = tuple(stage.world.journal.entries), stage.contract

    def pieces() -> Iterator[bytes]:
        from apidouble.mockserver.story.lint import lint

        yield orjson.dumps({"findings": [finding._asdict() for finding in lint(entries, contract)]})

    return Unwritten(JSON, pieces)


def get_capsule(stage: Stage) -> Unwritten:
    """Return the story since the start, or since the last reset, to be replayed elsewhere."""
    from apidouble.mockserver.stage.recording import ForgottenError, dump, recollect

    try:
        story = recollect(stage)
        return Unwritten(JSON, lambda: iter((dump(story()),)))
    except ForgottenError as error:
        raise ConflictError(
            str(error),
            "Start with --journal and a larger number, or POST /_apidouble/reset before what shall be kept.",
        ) from error


def readings(stage: Stage) -> dict[str, Any]:
    """Return the readings that have a switch, and its position."""
    switches = [reading for reading in stage.contract.readings.values() if reading.values]
    return {
        "readings": [
            {
                "id": reading.id,
                "value": stage.readings[reading.id],
                "default": reading.default,
                "values": list(reading.values),
                "evidence": reading.evidence,
            }
            for reading in switches
        ]
    }


def _entry(entry: Entry, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sequence": entry.sequence,
        "at": write_instant(entry.at_ms),
        "vendor": entry.vendor,
        "operation": entry.operation or None,
        "method": entry.request.method,
        "path": entry.request.path,
        "parameters": parameters,
        "status": entry.response.status,
        "outcome": entry.outcome,
        "diagnostics": entry.diagnostics,
        "moves": [
            {
                "machine": m.machine,
                "event": m.event,
                "from": m.source,
                "to": m.target,
                "forced": m.forced,
                "times": m.times,
            }
            for m in entry.moves
        ],
        "answer": entry.response.body.decode(),
        "fault": None if entry.fault is None else _fault(entry.fault),
    }


def _fault(struck: Struck) -> dict[str, Any]:
    sent = struck.sent
    return {
        "by": struck.by,
        **struck.fault.plain(),
        "ending": sent.delivery.ending,
        "sent_status": None if sent.delivery.ending == RESET else sent.status,
        "sent": sent.body[: _sent_bytes(sent)].decode("utf-8", "replace"),
    }


def _sent_bytes(sent: Response) -> int:
    return {RESET: 0, TRUNCATED: sent.delivery.bytes}.get(sent.delivery.ending, len(sent.body))


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "getState": get_state,
    "journal": journal,
    "lint": get_lint,
    "getCapsule": get_capsule,
    "readings": readings,
}
