"""A call from plain request to plain response: read, decide, admit, perform, write, spoil, record."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from threading import RLock
from typing import Any, NamedTuple

from apidouble.mockserver.domain.call import Diagnostics, FailedError, RefusedError, Reply, Request, Response
from apidouble.mockserver.domain.faults import BEFORE, Fault, Rule, Struck
from apidouble.mockserver.domain.world import Vendor, World
from apidouble.mockserver.gateway.encode import encode_json, encode_xml, once
from apidouble.mockserver.gateway.meaning import Meaning, Reader
from apidouble.mockserver.gateway.spoil import spoil
from apidouble.mockserver.spec.faults import find_reserved, fits, read_header
from apidouble.mockserver.spec.model import JSON, XML, Contract

log = logging.getLogger("apidouble.calls")

CONTENT_TYPES = {JSON: "application/json; charset=utf-8", XML: "text/xml; charset=utf-8"}


@dataclass(slots=True)
class Tenants:
    """Whose world a key opens. Keys of nobody are answered, refused, in the first tenant's world."""

    worlds: dict[str, World] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)

    @property
    def first(self) -> World:
        """The tenant that stands for all who have no valid key."""
        return next(iter(self.worlds.values()))

    def find(self, vendor: str, key: str | None) -> World | None:
        """Return the world that a vendor's key opens."""
        if key is not None:
            for world in self.worlds.values():
                if world.accounts[vendor].key == key:
                    return world
        return None


@dataclass(slots=True)
class _Visit:
    """A call on its way: what it means, the world that its key has opened, and the one that it happens in."""

    meaning: Meaning
    opened: World | None
    world: World
    diagnostics: Diagnostics


class _Asked(NamedTuple):
    """A fault that is to strike, who asked for it, and the rule to count it by."""

    fault: Fault
    by: str
    rule: Rule | None = None


class Gateway:
    """Answers the calls of both vendors for all tenants, under one choice of readings."""

    def __init__(
        self,
        contract: Contract,
        vendors: Iterable[Vendor],
        tenants: Tenants,
        readings: Mapping[str, str],
        *,
        fault_header: bool = True,
        reserved_inputs: bool = False,
    ) -> None:
        self.contract, self.tenants, self.readings = contract, tenants, readings
        self.fault_header, self.reserved_inputs = fault_header, reserved_inputs
        self.reader = Reader(contract, vendors, readings)
        self.routes = self.reader.routes
        self._writers = contract.writers.setdefault(tuple(readings.items()), {})

    def answer(self, request: Request) -> Response:
        """Answer one call, the only one at a time. Every request gets an answer of the vendor's own; none raises."""
        is_logged = log.isEnabledFor(logging.INFO)
        started = time.perf_counter() if is_logged else 0
        visit = self._enter(self.reader.read(request))
        asked, struck = self._decide(visit, request), None
        if asked is not None and asked.fault.when == BEFORE:
            answer, response, struck = self._strike_before(visit, asked)
        else:
            answer = self._carry_out(visit)
            response = self._write(visit, answer)
            if asked is not None:
                struck = self._strike_after(visit, asked, response)
        visit.world.settle()
        self._record(visit, request, answer, response, struck)
        if is_logged:
            log.info(
                "%-8s  %s  %s  %s  %.1f ms%s%s",
                visit.meaning.route.spec.name,
                visit.meaning.name or "-",
                visit.world.tenant,
                f"{answer.outcome} ({answer.gloss})" if answer.gloss else answer.outcome,
                (time.perf_counter() - started) * 1000,
                f" | fault {struck.fault.kind} {struck.fault.when} commit, by {struck.by}" if struck else "",
                "".join(f" | {note}" for note in visit.diagnostics.notes),
            )
        return struck.sent if struck else response

    def _enter(self, meaning: Meaning) -> _Visit:
        """Find the world that the key opens."""
        opened = self.tenants.find(meaning.route.vendor.name, meaning.key)
        return _Visit(meaning, opened, opened or self.tenants.first, Diagnostics(list(meaning.notes)))

    def _decide(self, visit: _Visit, request: Request) -> _Asked | None:
        """Return the fault that is to strike: the header's, else a reserved input's, else that of the world's plan."""
        world, meaning = visit.world, visit.meaning
        rule = world.faults.decide(world.seed, meaning.route.spec.name, meaning.name, meaning.tree)
        if request.fault and (fault := self._by_header(visit, request.fault)) is not None:
            return _Asked(fault, "header")
        if self.reserved_inputs and (fault := self._by_reserved_input(visit)) is not None:
            return _Asked(fault, "reserved input")
        return None if rule is None else _Asked(rule.fault, f"rule {rule.id}", rule)

    def _by_header(self, visit: _Visit, header: str) -> Fault | None:
        if not self.fault_header:
            visit.diagnostics.note("the header X-Apidouble-Fault is not read here: serve with --fault-header")
            return None
        try:
            fault = read_header(header)
        except ValueError as error:
            visit.diagnostics.note(f"the header X-Apidouble-Fault is ignored: {error}")
            return None
        return self._fitting(visit, fault, "the header X-Apidouble-Fault")

    def _by_reserved_input(self, visit: _Visit) -> Fault | None:
        vendor, tree = visit.meaning.route.vendor, visit.meaning.tree
        texts = (*_texts(tree), *vendor.texts_about(visit.world.accounts[vendor.name], tree))
        fault, remark = find_reserved(self.contract, visit.meaning.name, texts)
        if remark:
            visit.diagnostics.note(remark)
        return fault and self._fitting(visit, fault, "the reserved input")

    def _fitting(self, visit: _Visit, fault: Fault, source: str) -> Fault | None:
        if fits(visit.meaning.route.spec, visit.meaning.name, fault):
            return fault
        visit.diagnostics.note(f"{source} is ignored: {fault.kind} finds nothing to spoil here")
        return None

    def _strike_before(self, visit: _Visit, asked: _Asked) -> tuple[Reply, Response, Struck]:
        """Answer in the vendor's place: nothing has been carried out, and nothing will be."""
        fault = asked.fault
        if fault.kind == "maintenance":
            answer = self._refused(visit, RefusedError(visit.meaning.route.spec.faults.maintenance))
            true = self._write(visit, answer)
        else:
            answer, true = Reply(None, "fault", outcome=f"fault:{fault.kind}"), None
        sent = spoil(fault, true, visit.meaning.route.spec)
        assert sent is not None  # noqa: S101 (only what a true answer holds can be missing)
        self._count(visit, asked)
        return answer, sent, Struck(fault, asked.by, sent)

    def _strike_after(self, visit: _Visit, asked: _Asked, response: Response) -> Struck | None:
        """Spoil the answer of a call that has been carried out, if there is something to spoil in it."""
        sent = spoil(asked.fault, response, visit.meaning.route.spec)
        if sent is None:
            return None
        self._count(visit, asked)
        return Struck(asked.fault, asked.by, sent)

    def _count(self, visit: _Visit, asked: _Asked) -> None:
        if asked.rule is not None:
            visit.world.faults.strike(asked.rule)

    def _carry_out(self, visit: _Visit) -> Reply:
        try:
            return self._perform(visit)
        except RefusedError as refusal:
            return self._refused(visit, refusal)
        except FailedError as failure:
            return self._failed(visit, failure)

    def _perform(self, visit: _Visit) -> Reply:
        meaning, diagnostics = visit.meaning, visit.diagnostics
        if meaning.problem is not None:
            raise meaning.problem
        vendor = meaning.route.vendor
        if meaning.is_keyed:
            account = visit.opened and visit.opened.accounts[vendor.name]
            vendor.admit(meaning.key, account, visit.world.accounts[vendor.name])
        diagnostics.notes += meaning.remarks
        diagnostics.remark = meaning.remark
        if meaning.objection is not None:
            raise meaning.objection
        here = visit.world.here(vendor.name, diagnostics, meaning.sent)
        return vendor.behaviours[meaning.name](here, **meaning.parameters)

    def _refused(self, visit: _Visit, refusal: RefusedError) -> Reply:
        known = [visit.meaning.route.spec.numbered[code] for code in refusal.codes]
        messages = [
            {"id": e.code, "message": e.text.format_map(refusal.words) if refusal.words else e.text} for e in known
        ]
        values = {
            "code": known[0].code,
            "error_code": known[0].code,
            "reason": messages[0]["message"],
            "message": messages,
            "messages": messages,
        }
        codes = "+".join(str(e.code) for e in known)
        return Reply(values, "error", refusal.codes, 200, codes, ", ".join(e.gloss for e in known))

    def _failed(self, visit: _Visit, failed: FailedError) -> Reply:
        failure = visit.meaning.route.spec.failures[failed.name]
        text = failure.text.format_map(failed.words)
        values = {"reason": text, "message": [{"message": text}]}
        return Reply(values, "failure", (), failure.http_status, failure.name, failure.gloss)

    def _write(self, visit: _Visit, answer: Reply) -> Response:
        operation, tree = visit.meaning.operation, visit.meaning.tree
        wants_xml = tree.get("result") == "xml" and (XML, answer.kind) in operation.answers
        media_type = XML if wants_xml else JSON
        place = (visit.meaning.route.spec.name, operation.id, media_type, answer.kind)
        writer = self._writers.get(place)
        if writer is None:
            writer = self._writers[place] = self._writer(visit, media_type, answer.kind)
        return Response(answer.status, CONTENT_TYPES[media_type], writer(answer.values))

    def _writer(self, visit: _Visit, media_type: str, kind: str) -> Callable[[Any], bytes]:
        compiler = visit.meaning.route.spec.compiler(self.readings)
        schema = visit.meaning.operation.answers[media_type, kind]
        encode: Callable[[Any], bytes]
        if media_type == XML:
            write = compiler.xml(schema)
            encode = partial(encode_xml, declaration=self.readings["qc.xml_declaration"] == "emit")
        else:
            write = compiler.json(schema)
            escape = bool(visit.meaning.route.spec.document.get("x-escaped-slashes"))
            encode = partial(encode_json, escape_slashes=escape)

        return once(lambda values: encode(write(values)))

    def _record(
        self, visit: _Visit, request: Request, answer: Reply, response: Response, struck: Struck | None
    ) -> None:
        visit.world.record(
            vendor=visit.meaning.route.spec.name,
            operation=visit.meaning.name,
            request=request,
            parameters=visit.meaning.tree.copy(),
            response=response,
            outcome=answer.outcome,
            diagnostics=tuple(visit.diagnostics.notes),
            kind=answer.kind,
            codes=answer.codes,
            fault=struck,
        )


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a tree of parameters."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)
