"""What has happened and how things are: the state, the journal, what is odd in it, the readings."""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from apidouble.mockserver.domain.call import RESET, TRUNCATED, Response
from apidouble.mockserver.domain.faults import Struck
from apidouble.mockserver.domain.instants import write_instant
from apidouble.mockserver.domain.journal import Entry
from apidouble.mockserver.stage.control.pages import Page
from apidouble.mockserver.stage.control.problems import ConflictError
from apidouble.mockserver.stage.stage import Stage


def get_state(stage: Stage, vendor: str | None = None) -> dict[str, Any]:
    """Return the accounts as they are held, money in minor units and times in milliseconds since the epoch."""
    world = stage.world
    accounts = {name: world.present(name) for name in world.accounts if vendor in (None, name)}
    return {"now": write_instant(world.now_ms), "vendors": accounts}


def journal(stage: Stage, limit: int = 100) -> dict[str, Any]:
    """Return the last calls, oldest first."""
    newest = list(islice(reversed(stage.world.journal.entries), limit))
    return {"entries": [_entry(entry) for entry in reversed(newest)]}


def get_lint(stage: Stage) -> dict[str, Any]:
    """Return what the client does that will not go well."""
    from apidouble.mockserver.story.lint import lint

    return {"findings": [finding._asdict() for finding in lint(stage.world.journal.entries, stage.contract)]}


def get_capsule(stage: Stage) -> Page:
    """Return the story since the start, or since the last reset, to be replayed elsewhere."""
    from apidouble.mockserver.stage.recording import ForgottenError, dump, record

    try:
        return Page(dump(record(stage)), "application/json; charset=utf-8")
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


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "sequence": entry.sequence,
        "at": write_instant(entry.at_ms),
        "vendor": entry.vendor,
        "operation": entry.operation or None,
        "method": entry.request.method,
        "path": entry.request.path,
        "parameters": entry.parameters,
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
