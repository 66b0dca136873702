"""Turn a stage and its journal into a capsule's document: what the story began with, and every call with its answer."""

import base64
import json
import platform
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import yaml

from apidouble.mockserver.domain.call import AT_ONCE, Response
from apidouble.mockserver.domain.instants import write_instant
from apidouble.mockserver.domain.journal import Entry
from apidouble.mockserver.stage.scenarios import Scenario
from apidouble.mockserver.stage.stage import Stage

VERSION = 1
NO_PART = ("control", "resetCoverage")  # says much and changes nothing
Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class ForgottenError(Exception):
    """The journal no longer holds how the story began: calls 1 to `missing` have fallen out."""

    def __init__(self, missing: int, remember: int) -> None:
        super().__init__(
            f"Calls 1 to {missing} are no longer in the journal, which keeps {remember:,}; "
            "without them the rest cannot be replayed."
        )
        self.missing = missing


def record(stage: Stage) -> dict[str, Any]:
    """Return the document, of the schema `capsule` in specs/extensions.schema.json; raises ForgottenError."""
    journal, pace, scenario = stage.world.journal, stage.first_pace, stage.scenario
    missing = journal.sequence - len(journal.entries)
    if missing:
        raise ForgottenError(missing, journal.limit)
    return {
        "capsule": VERSION,
        "apidouble": version("apidouble"),
        "specs": stage.contract.digest,
        "libraries": libraries(),
        "readings": dict(stage.readings),
        "world": {"name": stage.file.name, "yaml": _yaml(stage.file.source.content)},
        "scenario": {
            "name": scenario.name,
            "yaml": _yaml({"description": scenario.description, **_life(scenario)}),
        },
        "seed": stage.world.seed,
        "start": write_instant(stage.file.start_ms),
        "clock": {"mode": pace.mode, "rate": pace.rate, "step_ms": pace.step_ms},
        "faults": {"header": stage.fault_header, "reserved_inputs": stage.reserved_inputs},
        "calls": [_call(entry) for entry in journal.entries if (entry.vendor, entry.operation) != NO_PART],
    }


def libraries() -> dict[str, str]:
    """Return the versions of what else has a say in the answers: Faker has the words of texts and names."""
    return {"python": platform.python_version(), "faker": version("faker")}


def dump(document: dict[str, Any]) -> bytes:
    """Return the text of a capsule's file."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def body(raw: bytes) -> dict[str, str]:
    """Return bytes as text where they are some, else in base64: {"body": …} or {"body_base64": …}."""
    try:
        return {"body": raw.decode()}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(raw).decode()}


def sent_and_kept(entry: Entry) -> tuple[Response, Response | None]:
    """Return the answer as it went out, and the true one where a fault has spoilt it or kept it back."""
    if entry.fault is None:
        return entry.response, None
    return entry.fault.sent, entry.response


def _life(scenario: Scenario) -> dict[str, Any]:
    return {**scenario.life, **({"faults": list(scenario.faults)} if scenario.faults else {})}


def _call(entry: Entry) -> dict[str, Any]:
    request, (sent, kept) = entry.request, sent_and_kept(entry)
    return {
        "number": entry.sequence,
        "at": write_instant(entry.at_ms),
        "operation": f"{entry.vendor}.{entry.operation}" if entry.operation else entry.vendor,
        "request": {
            "method": request.method,
            "path": request.path,
            **_query(request.query),
            "content_type": request.content_type,
            **body(request.body),
            **({"fault": request.fault} if request.fault else {}),
        },
        "answer": _answer(sent),
        **({"kept": _answer(kept)} if kept else {}),
    }


def _answer(answer: Response) -> dict[str, Any]:
    late = {"retry_after": answer.retry_after} if answer.retry_after else {}
    broken = {"delivery": asdict(answer.delivery)} if answer.delivery != AT_ONCE else {}
    return {"status": answer.status, "content_type": answer.content_type, **late, **broken, **body(answer.body)}


def _query(query: str) -> dict[str, str]:
    """Return a query like a body: one that is not UTF-8 came in with surrogates in the place of its bytes."""
    found = body(query.encode("utf-8", "surrogateescape"))
    return {name.replace("body", "query"): text for name, text in found.items()}


def _yaml(content: Any) -> str:
    return str(yaml.dump(content, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=120))
