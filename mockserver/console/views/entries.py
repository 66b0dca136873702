"""From journal entries to what the console shows of calls: a row, all of one call, and those that went wrong."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from apidouble.mockserver.console.views.masks import Mask
from apidouble.mockserver.domain.call import RESET, TRUNCATED, Response
from apidouble.mockserver.domain.journal import Entry, Move
from apidouble.mockserver.spec.model import Contract
from apidouble.mockserver.story.transcript import sent, shorten, write_outcome

OK, REFUSED, FAULT, CONTROL = "ok", "refused", "fault", "control"
SHORT = 120
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Row:
    """A call in a table. `state` is one of OK, REFUSED, FAULT and CONTROL."""

    number: int
    at_ms: int
    vendor: str
    operation: str
    method: str
    told: str
    outcome: str
    meaning: str
    state: str
    remarks: tuple[str, ...]
    fault: str


@dataclass(frozen=True)
class Whole:
    """All of one call."""

    row: Row
    request: str
    body: str
    parameters: Pairs
    answer: str
    answered: str
    kept: str
    moves: list[dict[str, Any]]
    fault: Pairs


def state_of(entry: Entry) -> str:
    """Return what kind of row an entry makes."""
    if entry.vendor == "control":
        return CONTROL
    if entry.fault is not None:
        return FAULT
    return OK if entry.outcome == "ok" else REFUSED


def row(entry: Entry, contract: Contract, mask: Mask) -> Row:
    """Return what a table shows of an entry."""
    state, spec = state_of(entry), contract.vendors.get(entry.vendor)
    outcome = entry.outcome if len(entry.outcome) <= SHORT else f"{entry.outcome[:SHORT]}…"
    said = write_outcome(spec, entry.outcome) if spec else entry.outcome
    struck = f"{entry.fault.fault.kind} {entry.fault.fault.when}" if entry.fault else ""
    told = sent({k: v for k, v in entry.parameters.items() if (k, v) != ("action", entry.operation)})
    return Row(
        entry.sequence,
        entry.at_ms,
        entry.vendor,
        entry.operation or entry.request.path,
        entry.request.method,
        mask.text(shorten(told)),
        outcome,
        said.removeprefix(entry.outcome).strip().removeprefix("(").removesuffix(")"),
        state,
        tuple(map(mask.text, entry.diagnostics)),
        struck,
    )


def whole(entry: Entry, contract: Contract, mask: Mask) -> Whole:
    """Return all that there is to see of an entry."""
    request = entry.request
    line = f"{request.method} {request.path}" + (f"?{mask.form(request.query)}" if request.query else "")
    heads = [f"Content-Type: {request.content_type}"] if request.content_type else []
    heads += [f"X-Apidouble-Fault: {request.fault}"] if request.fault else []
    kept = "" if entry.fault is None else _pretty(entry.response, mask)
    return Whole(
        row=row(entry, contract, mask),
        request="\n".join([mask.text(line), *heads]),
        body=_body(request.body, request.content_type, mask),
        parameters=list(flat(mask.tree(dict(entry.parameters)))),
        answer=_pretty(entry.sent, mask),
        answered=_status(entry.sent),
        kept=kept,
        moves=[_move(move, contract) for move in entry.moves],
        fault=[(name, str(value)) for name, value in entry.fault.fault.plain().items()] if entry.fault else [],
    )


def wrong(entries: Iterable[Entry], most: int, looked_at: int) -> Iterator[Entry]:
    """Yield the last entries of vendors that were refused, spoilt or remarked upon, newest first."""
    suspects = (e for e in islice(entries, looked_at) if e.vendor != "control")
    yield from islice((e for e in suspects if e.outcome != "ok" or e.fault or e.diagnostics), most)


def flat(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield parameters with their whole names: a[0][b]."""
    for name, value in tree.items():
        whole_name = f"{above}[{name}]" if above else str(name)
        if isinstance(value, Mapping):
            yield from flat(value, whole_name)
        elif isinstance(value, list | tuple):
            yield from flat({str(n): each for n, each in enumerate(value)}, whole_name)
        else:
            yield whole_name, str(value)


def _body(raw: bytes, content_type: str, mask: Mask) -> str:
    text = raw.decode("utf-8", "backslashreplace")
    if content_type.startswith(("multipart/", "application/json")):
        return mask.text(text)
    return mask.form(text)


def _status(response: Response) -> str:
    ending = response.delivery.ending
    if ending == RESET:
        return "–"
    late = f", +{response.delivery.delay_ms} ms" if response.delivery.delay_ms else ""
    cut = f", {response.delivery.bytes} B" if ending == TRUNCATED else ""
    return f"{response.status} {response.content_type}{late}{cut}"


def _pretty(response: Response, mask: Mask) -> str:
    if response.delivery.ending == RESET:
        return ""
    body = response.body
    if response.delivery.ending == TRUNCATED:
        return mask.text(body[: response.delivery.bytes].decode("utf-8", "replace"))
    text = body.decode("utf-8", "backslashreplace")
    try:
        return mask.text(json.dumps(json.loads(text), ensure_ascii=False, indent=2))
    except ValueError:
        return mask.text(text.replace("><", ">\n<"))


def _move(move: Move, contract: Contract) -> dict[str, Any]:
    machines = {name: m for spec in contract.vendors.values() for name, m in spec.rules.machines.items()}
    states = machines[move.machine].states
    return {
        "machine": move.machine,
        "event": move.event,
        "source": "" if move.source is None else f"{move.source} {states[move.source].name}",
        "target": f"{move.target} {states[move.target].name}",
        "times": move.times,
        "forced": move.forced,
    }
