"""Turn journal entries into lines that a person reads: what was asked, what was answered, what was remarked."""

from collections.abc import Iterable, Mapping
from typing import Any

from apidouble.mockserver.domain.instants import write_instant
from apidouble.mockserver.domain.journal import Entry
from apidouble.mockserver.spec.model import VendorSpec

SHOWN_CHARS = 160
UNSAID = frozenset({"apicode", "api_key", "result"})


def write_line(method: str, name: str, parameters: Mapping[str, Any], answer: str) -> str:
    """Return one call of a vendor, without its key."""
    told = {key: value for key, value in parameters.items() if (key, value) != ("action", name)}
    return " ".join(filter(None, (method, name, sent(told), "->", shorten(answer))))


def write_happening(name: str, path: str, parameters: Mapping[str, Any]) -> str:
    """Return one call of the control plane."""
    return " ".join(filter(None, ("(world)", name, path.removeprefix("/_apidouble"), sent(parameters))))


def write_entries(entries: Iterable[Entry]) -> list[str]:
    """Return a line for each entry, with its number and virtual time, and one for each remark."""
    lines = []
    for entry in entries:
        name = entry.operation or entry.request.path
        if entry.vendor == "control":
            line = write_happening(name, entry.request.path, entry.parameters)
        else:
            line = write_line(entry.request.method, name, entry.parameters, entry.response.body.decode())
        lines.append(f"#{entry.sequence} {write_instant(entry.at_ms)} {line}")
        if entry.fault is not None:
            fault = entry.fault.fault
            lines.append(f"    fault: {fault.kind} {fault.when} the commit, by {entry.fault.by}")
        lines += (f"    remark: {note}" for note in entry.diagnostics)
    return lines


def write_outcome(spec: VendorSpec, outcome: str) -> str:
    """Return an outcome with what it means: 303 (project not found)."""
    if outcome in spec.failures:
        return f"{outcome} ({spec.failures[outcome].gloss})"
    if not outcome[:1].isdigit():
        return outcome
    return f"{outcome} ({', '.join(spec.numbered[int(code)].gloss for code in outcome.split('+'))})"


def sent(parameters: Mapping[str, Any]) -> str:
    """Return parameters as they were sent, without what every call has."""
    return " ".join(f"{name}={value}" for name, value in parameters.items() if name not in UNSAID)


def shorten(text: str) -> str:
    """Cut a text to a length that is read."""
    return text if len(text) <= SHOWN_CHARS else text[:SHOWN_CHARS] + "…"
