"""Documents, simulator, cassettes and live services into one verdict a behaviour: agree, differ or unknown."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from apidouble.mockserver.domain.call import Response
from apidouble.mockserver.live.asking.asking import EXAMPLE_IDS
from apidouble.mockserver.live.asking.behaviours import Behaviour, behaviours
from apidouble.mockserver.live.judging.judgement import judge
from apidouble.mockserver.live.permit import read_call
from apidouble.mockserver.live.recording.cassettes import Cassette, Player
from apidouble.mockserver.live.recording.recording import Seen, asker, look
from apidouble.mockserver.spec.check.view import View
from apidouble.mockserver.spec.model import JSON, VendorSpec
from apidouble.mockserver.stage.simulator import Simulator

SOURCES = ("documents", "simulator", "cassette", "live")
AGREE, DIFFER, UNKNOWN = "agree", "differ", "unknown"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one source shows of one behaviour: agree (with the specs), differ or unknown, why, when it was seen.

    `is_service` tells whether the source is the service itself, not a stand-in for it.
    """

    verdict: str
    why: str = ""
    at: datetime | None = None
    is_service: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One behaviour at all sources."""

    behaviour: Behaviour
    cells: Mapping[str, Cell]

    @property
    def fidelity(self) -> str:
        """Whether the simulator does as the service itself does: unknown while nobody has seen the service."""
        mine = self.cells["simulator"].verdict
        seen = [cell.verdict for cell in self.cells.values() if cell.is_service and cell.verdict != UNKNOWN]
        if not seen or mine == UNKNOWN:
            return UNKNOWN
        return AGREE if set(seen) == {mine} == {AGREE} else DIFFER


@dataclass(frozen=True)
class Scorecard:
    """All behaviours, and of which day it is. `notes` tell what was left out."""

    rows: Sequence[Row]
    at: datetime
    hosts: Mapping[str, str]
    notes: Sequence[str]

    @property
    def counts(self) -> dict[str, int]:
        """How many behaviours agree, differ and are unknown."""
        found = [row.fidelity for row in self.rows]
        return {verdict: found.count(verdict) for verdict in (AGREE, DIFFER, UNKNOWN)}

    @property
    def record(self) -> dict[str, Any]:
        """The scorecard as JSON has it."""
        return {
            "at": self.at.isoformat(timespec="seconds"),
            "counts": self.counts,
            "hosts": dict(self.hosts),
            "notes": list(self.notes),
            "behaviours": [
                {
                    "name": row.behaviour.name,
                    "said": row.behaviour.said,
                    "reading": row.behaviour.reading,
                    "fidelity": row.fidelity,
                    "sources": {
                        source: {
                            "verdict": cell.verdict,
                            "why": cell.why,
                            "at": cell.at.isoformat(timespec="seconds") if cell.at else None,
                            "age_days": (self.at - cell.at).days if cell.at else None,
                        }
                        for source, cell in row.cells.items()
                    },
                }
                for row in self.rows
            ],
        }


def score(
    simulator: Simulator,
    cassettes: Iterable[Cassette],
    live: Mapping[str, Sequence[Seen]],
    live_hosts: Mapping[str, str],
    now: datetime,
    max_age_days: int,
) -> Scorecard:
    """Put the same assertions to every source there is; an expired recording says nothing.

    `live` is what was seen live just now, at `live_hosts`.
    """
    notes: list[str] = []
    played: dict[str, tuple[Cassette, Mapping[str, Seen]]] = {}
    for cassette in sorted(cassettes, key=lambda c: c.recorded_at):
        if cassette.expired(now, max_age_days):
            notes.append(f"{cassette.path.name}: recorded {cassette.recorded_at:%Y-%m-%d}, expired")
            continue
        source = asker(simulator, cassette.vendor, cassette.key, Player(cassette).send, cassette.known)
        played[cassette.vendor] = cassette, {seen.behaviour.name: seen for seen in look(source)}
    rows = []
    hosts = {vendor: cassette.host for vendor, (cassette, _) in played.items()}
    for vendor, spec in simulator.contract.vendors.items():
        key = simulator.world.accounts[vendor].key
        own = {s.behaviour.name: s for s in look(asker(simulator, vendor, key, simulator.answer, EXAMPLE_IDS))}
        printed = documented(simulator, spec)
        own_host = urlsplit(str(spec.document["x-live"])).netloc
        strangers = {hosts.get(vendor), live_hosts.get(vendor)} - {None, own_host}
        notes += [f"{vendor}: {host} is not the service itself, so it says nothing of fidelity" for host in strangers]
        now_seen = {seen.behaviour.name: seen for seen in live.get(vendor, ())}
        for behaviour in behaviours(vendor):
            name = behaviour.name
            cells = {"documents": printed.get(name, Cell(UNKNOWN)), "simulator": _cell(own.get(name), now)}
            if vendor in played:
                cassette, seen = played[vendor]
                cells["cassette"] = _cell(seen.get(name), cassette.recorded_at, is_service=hosts[vendor] == own_host)
            else:
                cells["cassette"] = Cell(UNKNOWN)
            cells["live"] = _cell(now_seen.get(name), now, is_service=live_hosts.get(vendor) == own_host)
            rows.append(Row(behaviour, cells))
    return Scorecard(rows, now, hosts, notes)


def documented(simulator: Simulator, spec: VendorSpec) -> dict[str, Cell]:
    """Say of which behaviours the documents print an example, and whether it is as the specs say."""
    vendor = simulator.world.vendors[spec.name]
    view = View(spec.name, spec.source, spec.errors_source, spec.machines_source, {})
    found: dict[str, Cell] = {}
    for answer in view.answers():
        for example in answer.content.get("examples", {}).values():
            operation = example.get("x-operation", answer.operation["operationId"])
            sent = example.get("x-request", {})
            name = _shown_by(spec.name, operation, sent, answer.media_type)
            readings = {**simulator.stage.readings, **{k: v[0] for k, v in example.get("x-reading", {}).items()}}
            source = asker(simulator, spec.name, "k", simulator.answer, {})
            call = read_call(spec, vendor, source.request(operation, "", sent))
            body = example["value"]
            written = body.encode() if isinstance(body, str) else _json(body)
            judged = judge(simulator.contract, spec, readings, call, Response(200, answer.media_type, written))
            said = next((f.said for f in judged.findings), "")
            if name and found.get(name, Cell(AGREE)).verdict != AGREE:
                continue
            if name:
                # An example whose values cannot be equal still shows names and types.
                found[name] = Cell(DIFFER if said and "x-differs" not in example else AGREE, said)
    return found


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _shown_by(vendor: str, operation: str, sent: Mapping[str, Any], media_type: str) -> str:
    """Return the name of the behaviour that an example shows, if it is one of those."""
    if vendor == "qqtube":
        return f"qqtube.{operation}"
    if sent.get("apicode", "") is None:
        return "qcomment.key.missing"
    if "apicode" in sent:
        return "qcomment.key.wrong_xml" if media_type != JSON else "qcomment.key.wrong"
    action = "_get" if sent.get("action") == "get" else ""
    return f"qcomment.{operation}{action}.{'json' if media_type == JSON else 'xml'}"


def _cell(seen: Seen | None, at: datetime, *, is_service: bool = False) -> Cell:
    return Cell(UNKNOWN) if seen is None else Cell(seen.verdict, seen.why, at, is_service)
