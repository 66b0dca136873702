"""Cassettes into findings: each answer against the specs, and against the simulator in the state that they show."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apidouble.mockserver.live.judging.findings import Finding, unique
from apidouble.mockserver.live.judging.judgement import Judged, judge
from apidouble.mockserver.live.judging.nodes import Node
from apidouble.mockserver.live.recording.cassettes import Cassette, Exchange
from apidouble.mockserver.live.recording.equivalent import items, number, simulator_like
from apidouble.mockserver.spec.model import Contract
from apidouble.mockserver.spec.source import SpecError
from apidouble.mockserver.stage.simulator import Simulator

OF_THE_ACCOUNT = {103, 104}  # blocked, and maintenance: no call shows beforehand that they are so

NOT_SHOWN = {"limit", "date", "sort", "tarif_id"}  # these choose by dates, an order or ids that pseudonyms do not keep
OF_THE_VENDOR = {"services"}  # what it lists is its own, no state of the account


@dataclass(frozen=True)
class Drift:
    """What cassettes show. `left_out` says which were not looked at, or not compared with the simulator, and why."""

    findings: Sequence[Finding]
    cassettes: Sequence[Cassette]
    left_out: Sequence[str]
    answers: int
    compared: int


def drift(
    contract: Contract,
    readings: Mapping[str, str],
    cassettes: Iterable[Cassette],
    now: datetime,
    max_age_days: int,
) -> Drift:
    """Compare cassettes with the specs and the simulator; what has expired is left out."""
    found: list[Finding] = []
    looked: list[Cassette] = []
    left_out: list[str] = []
    answers = compared = 0
    for cassette in cassettes:
        if cassette.expired(now, max_age_days):
            left_out.append(
                f"{cassette.path}: recorded {cassette.recorded_at:%Y-%m-%d}, older than {max_age_days} days"
            )
            continue
        looked.append(cassette)
        spec = contract.vendors[cassette.vendor]
        seen = [(e, judge(contract, spec, readings, e.call, e.response, e.seconds)) for e in cassette.exchanges]
        by_the_specs = [finding for _, judged in seen for finding in judged.findings]
        found += by_the_specs
        answers += len(seen)
        known = {(f.operation, f.format) for f in by_the_specs if f.kind in ("code", "shape", "media type", "status")}
        places = {(f.operation, f.format, f.path) for f in by_the_specs}
        try:
            simulator = simulator_like(contract, readings, cassette, seen)
        except (SpecError, ValueError, LookupError, TypeError) as error:
            left_out.append(f"{cassette.path}: not compared with the simulator, which has no such state: {error}")
            continue
        for exchange, judged in seen:
            if not _comparable(exchange, judged, simulator) or (exchange.call.operation.id, _format(judged)) in known:
                continue
            compared += 1
            answer = judge(contract, spec, readings, exchange.call, simulator.answer(exchange.request))
            differences = _differences(cassette, spec.source, exchange, judged, answer)
            found += (f for f in differences if (f.operation, f.format, f.path) not in places)
    return Drift(unique(found), looked, left_out, answers, compared)


def _comparable(exchange: Exchange, judged: Judged, simulator: Simulator) -> bool:
    """Tell whether the simulator can be asked the same: it has all that the call and its answer name.

    The call only reads, its answer was understood, and depends on nothing that a recording does not show.
    """
    sent, account = exchange.call.tree, simulator.world.accounts["qcomment"]
    if not exchange.call.only_reads or judged.kind is None or OF_THE_ACCOUNT & set(judged.codes):
        return False
    if NOT_SHOWN & sent.keys():
        return False
    if number(sent.get("project_id")) not in {0, *account.projects}:
        return False
    works = exchange.call.operation.id in ("comments", "requests", "requestsinfo")
    named = {number(item.get("id")) for item in items(judged.values)} if works and judged.kind.name == "ok" else set()
    if works and isinstance(sent.get("requests"), list):
        named |= {number(ident) for ident in sent["requests"]}
    return bool(named <= account.comments.keys())


def _format(judged: Judged) -> str:
    return "xml" if judged.media_type == "text/xml" else "json"


def _differences(
    cassette: Cassette, source: Any, exchange: Exchange, live: Judged, double: Judged
) -> Iterator[Finding]:
    operation = exchange.call.operation

    def finding(path: str, said: str, node: Node | None = None) -> Finding:
        keys = node.keys if node else ("paths", operation.path)
        reading = str(node.schema.get("x-reading-note", "")) if node else ""
        return Finding(cassette.vendor, operation.id, _format(live), "simulator", path, said, source, keys, reading)

    if live.kind is None or double.kind is None or live.kind.name != double.kind.name or live.codes != double.codes:
        said = f"the service answers {_said(live)}, the simulator {_said(double)}"
        yield finding("reply", said, double.kind.node if double.kind else None)
        return
    if operation.id in OF_THE_VENDOR:
        return
    for path, said, node in _values(live.kind.node, live.values, double.values, ""):
        yield finding(path, said, node)


def _said(judged: Judged) -> str:
    codes = "+".join("?" if code is None else str(code) for code in judged.codes)
    return f"{judged.kind.name} {codes}".strip() if judged.kind else "nothing known"


def _values(node: Node, live: Any, double: Any, path: str) -> Iterator[tuple[str, str, Node]]:
    """Yield where two answers of the same state differ, in what does not depend on more than was recorded."""
    if isinstance(live, dict) and isinstance(double, dict) and "x-keyed" not in node.schema:
        for name, below in node.properties.items():
            if name in live and name in double:
                yield from _values(below, live[name], double[name], f"{path}.{name}".lstrip("."))
    elif isinstance(live, dict | list) and type(live) is type(double):
        mine, theirs = _by_id(live), _by_id(double)
        if mine.keys() != theirs.keys():
            yield path or "items", f"the service lists {len(live)}, the simulator {len(double)}, or others", node
        elif node.items is not None:
            below_path = f"{path}[*]" if isinstance(live, list) else f"{path}.*".lstrip(".")
            for key, each in mine.items():
                yield from _values(node.items, each, theirs[key], below_path)
    elif type(live) is type(double) and live != double and _is_fixed(node):
        yield path, f"the service says {live!r}, the simulator {double!r}", node


def _by_id(items: Mapping[str, Any] | list[Any]) -> Mapping[Any, Any]:
    """Return items by their ids, since pseudonyms have another order; by their place where they have none."""
    if isinstance(items, Mapping):
        return items
    return {item.get("id", index) if isinstance(item, dict) else index: item for index, item in enumerate(items)}


def _is_fixed(node: Node) -> bool:
    return "enum" in node.schema or "const" in node.schema or node.schema.get("x-public") == "value"
