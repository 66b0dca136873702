"""An answer and the specs into what it is, and each way in which it is not what they say."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from apidouble.mockserver.domain.call import Response
from apidouble.mockserver.live.judging import bodies
from apidouble.mockserver.live.judging.findings import Finding
from apidouble.mockserver.live.judging.nodes import Kind, Node, kinds
from apidouble.mockserver.live.permit import Call
from apidouble.mockserver.spec.check.instances import FORMATS
from apidouble.mockserver.spec.model import JSON, XML, Contract, Failure, Numbered, VendorSpec

BUSY = (429, 503)
OK = 200
NAMES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
ERRORS = ("error", "failure")


@dataclass(frozen=True)
class Judged:
    """An answer as it was understood. `kind` is None where it is of none; `messages` are its codes and texts."""

    kind: Kind | None
    media_type: str
    values: Any
    messages: Sequence[tuple[int | None, str]]
    findings: Sequence[Finding]

    @property
    def codes(self) -> tuple[int | None, ...]:
        """The numbers of its errors or messages."""
        return tuple(code for code, _ in self.messages)


def judge(
    contract: Contract,
    spec: VendorSpec,
    readings: Mapping[str, str],
    call: Call,
    response: Response,
    seconds: float = 0,
) -> Judged:
    """Say what an answer is that took so many seconds, and what is wrong with it by the specs under these readings."""
    judge = _Judge(contract, spec, readings, call)
    judged = judge.judge(response)
    return replace(judged, findings=[*judged.findings, *judge.pace(seconds)])


def wanted_format(call: Call) -> str:
    """Return the media type in which a call is to be answered."""
    return XML if call.tree.get("result") == "xml" and (XML, "ok") in _media(call) else JSON


def _media(call: Call) -> set[tuple[str, str]]:
    return {(media, "ok") for media, _ in call.operation.answers}


class _Judge:
    def __init__(self, contract: Contract, spec: VendorSpec, readings: Mapping[str, str], call: Call) -> None:
        self.contract, self.spec, self.readings, self.call = contract, spec, readings, call
        self.media_type = wanted_format(call)
        self.format = "xml" if self.media_type == XML else "json"

    def judge(self, response: Response) -> Judged:
        if response.status in BUSY:
            said = f"HTTP {response.status}: the service asked to wait"
            return Judged(None, "", None, (), [self._top("busy", str(response.status), said)])
        body = bodies.read(response.body)
        found = list(self._media(response, body))
        known = list(self._known(body.media_type))
        kind = bodies.nearest(body, known)
        if kind is None:
            if body.media_type == self.media_type:
                found.append(self._top("shape", "", "the answer is of no kind that the operation has"))
            return Judged(None, body.media_type, None, (), [*found, *self._status(response, None, ())])
        values = bodies.typed(body, kind)
        if body.media_type == self.media_type:
            found += self._value(kind.node, values, "")
        messages = tuple(_messages(kind.name, values))
        found += self._messages(messages)
        return Judged(kind, body.media_type, values, messages, [*self._status(response, kind, messages), *found])

    def pace(self, seconds: float) -> Iterator[Finding]:
        """Yield that an answer was slow."""
        slow = self.spec.document.get("x-pace", {}).get("slow_seconds")
        if slow is not None and seconds > slow:
            said = f"an answer took {seconds:.0f} s, more than {slow}"
            yield self._of(self.spec.source, ("x-pace", "slow_seconds"), "slow", "", said, reading="http.pace")

    def _known(self, media_type: str) -> Iterator[Kind]:
        operation = self.call.operation
        for kind in kinds(self.spec.source, operation.id, operation.path, media_type):
            if kind.node.exists(self.readings):
                yield kind

    def _media(self, response: Response, body: bodies.Body) -> Iterator[Finding]:
        if body.media_type != self.media_type:
            said = f"the body is {body.media_type}, not {self.media_type}"
            yield self._top("media type", "body", said, reading="http.content_type")
        elif response.content_type.split(";")[0].strip().lower() != self.media_type:
            said = f"Content-Type is {response.content_type or 'absent'}, not {self.media_type}"
            yield self._top("media type", "Content-Type", said, reading="http.content_type")

    def _status(
        self, response: Response, kind: Kind | None, messages: Sequence[tuple[int | None, str]]
    ) -> Iterator[Finding]:
        failures = [f for _, text in messages for f in self.spec.failures.values() if _matches(f, text)]
        expected = next((f.http_status for f in failures if kind and kind.name == "failure"), OK)
        if response.status != expected:
            yield self._top(
                "status", str(response.status), f"HTTP {response.status}, not {expected}", reading="http.status"
            )

    def _value(self, node: Node, value: Any, path: str) -> Iterator[Finding]:
        actual = "null" if value is None else NAMES[type(value)]
        fits = actual in node.types or (actual == "integer" and "number" in node.types)
        if not fits:
            structured = {actual, *node.types} & {"object", "array"}
            kind = "shape" if structured else "retyped"
            said = f"{path or 'the answer'} is {_a(actual)}, not {_a(' or '.join(node.types))}"
            yield self._at(node, kind, path, said, observed=actual if structured else value)
        elif isinstance(value, dict):
            yield from self._keyed(node, value, path) if "x-keyed" in node.schema else self._object(node, value, path)
        elif isinstance(value, list):
            if node.schema.get("maxItems") == 0 and value:
                yield self._at(
                    node, "shape", path, f"{path or 'the answer'} is a list, not an object by id", observed="array"
                )
            elif node.items is not None:
                for below in value:
                    yield from self._value(node.items, below, f"{path}[*]")
        else:
            yield from self._scalar(node, value, path)

    def _keyed(self, node: Node, value: dict[str, Any], path: str) -> Iterator[Finding]:
        template = re.sub(r"\\\{\w+\\\}", ".+", re.escape(node.schema["x-keyed"]))
        if not value and "array" in node.types:
            yield self._at(node, "shape", path, "no items are an object, not a list", observed="object")
        for key, below in value.items():
            if not re.fullmatch(template, key):
                said = f"a key of {path or 'the answer'} is not made as {node.schema['x-keyed']}"
                yield self._at(node, "shape", f"{path}.key", said)
            if node.items is not None:
                yield from self._value(node.items, below, f"{path}.*".lstrip("."))

    def _object(self, node: Node, value: dict[str, Any], path: str) -> Iterator[Finding]:
        for name in node.required(self.readings):
            if name not in value:
                below = node.properties[name]
                yield self._at(
                    node, "missing", _join(path, name), f"{_join(path, name)} is missing", below=below, observed=name
                )
        for name, each in value.items():
            described = node.properties.get(name)
            if described is not None and described.exists(self.readings):
                yield from self._value(described, each, _join(path, name))
            else:
                said = f"{_join(path, name)} is not in the specs"
                yield self._at(node, "extra", _join(path, name), said, below=described, observed=(name, each))

    def _scalar(self, node: Node, value: Any, path: str) -> Iterator[Finding]:
        schema = node.schema
        if value is None:
            return
        listed = [schema["const"]] if "const" in schema else schema.get("enum")
        pattern = schema.get("pattern") or (FORMATS.get(schema.get("format", "")) if isinstance(value, str) else None)
        if listed is not None and value not in listed:
            said = f"{path} is {value!r}, not {' or '.join(map(repr, listed))}"
            yield self._at(node, "value", path, said, observed=value)
        elif pattern is not None and isinstance(value, str) and not re.search(pattern, value):
            empty = value == "" and "default" not in schema and "enum" not in schema
            if not empty:
                yield self._at(node, "value", path, f"{path} does not look like {pattern}")

    def _messages(self, messages: Sequence[tuple[int | None, str]]) -> Iterator[Finding]:
        source, operation = self.spec.errors_source, self.call.operation.id
        for code, text in messages:
            if code is None:
                if not any(_matches(f, text) and operation in f.operations for f in self.spec.failures.values()):
                    said = f"a failure without a number that the specs do not have: {text!r}"
                    yield self._of(source, ("failures",), "text", "reason", said, observed=text)
                continue
            error = self.spec.numbered.get(code)
            keys = _entry(source.content, code)
            if error is None:
                said = f"code {code} is not in the specs: {text!r}"
                yield self._of(source, ("numbers",), "code", str(code), said, observed=(code, text))
            elif operation not in error.operations:
                said = f"code {code} is not one of {operation}'s"
                yield self._of(source, (*keys, "operation"), "code", str(code), said, observed=operation)
            elif not _matches(error, text):
                said = f"the text of {code} is {text!r}, not {error.text!r}"
                yield self._of(source, (*keys, "text"), "text", str(code), said, observed=text)

    def _top(self, kind: str, path: str, said: str, *, reading: str = "") -> Finding:
        operation = self.call.operation
        return self._of(self.spec.source, ("paths", operation.path), kind, path, said, reading=reading)

    def _at(
        self, node: Node, kind: str, path: str, said: str, *, below: Node | None = None, observed: Any = None
    ) -> Finding:
        """Return a finding about a schema, or a property of it that is missing or should not exist."""
        place = below or node
        reading = next(iter(place.schema.get("x-reading", ())), place.schema.get("x-reading-note", ""))
        reading = reading or node.schema.get("x-reading-note", "")
        keys = _changed(node, kind, observed)
        return self._of(self.spec.source, keys, kind, path, said, reading=reading, observed=(node, observed))

    def _of(
        self,
        source: Any,
        keys: tuple[str | int, ...],
        kind: str,
        path: str,
        said: str,
        *,
        reading: str = "",
        observed: Any = None,
    ) -> Finding:
        if not reading:
            entry: Any = source.content
            for key in keys:
                entry = entry[key]
                if isinstance(entry, dict):
                    reading = entry.get("x-reading-note", reading)
        operation = self.call.operation.id
        return Finding(self.spec.name, operation, self.format, kind, path, said, source, keys, reading, observed)


def _changed(node: Node, kind: str, observed: Any) -> tuple[str | int, ...]:
    """Return the keys of what a finding about a schema would change."""
    if kind == "missing" and observed in node.schema.get("required", ()):
        return (*node.keys, "required", node.schema["required"].index(observed))
    if kind == "extra" and node.properties:
        return (*node.keys, "properties")
    if kind == "retyped":
        return node.used if node.keys != node.used else (*node.keys, "type")
    return node.keys


def _messages(kind: str, values: Any) -> Iterator[tuple[int | None, str]]:
    """Yield the codes and texts of an answer; a success may have messages too."""
    if not isinstance(values, dict):
        return
    listed = values.get("message") or values.get("messages")
    if isinstance(listed, list):
        for message in listed:
            if isinstance(message, dict) and isinstance(message.get("message"), str):
                yield _whole(message.get("id")), message["message"]
    elif kind in ERRORS:
        reason = values.get("reason")
        code = _whole(values.get("error_code", values.get("code")))
        if code is not None or isinstance(reason, str):
            yield code, reason if isinstance(reason, str) else ""


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _entry(content: Any, code: int) -> tuple[str | int, ...]:
    """Return the keys of an error's entry."""
    for section in ("errors", "messages", "legacy"):
        for index, entry in enumerate(content.get(section, ())):
            if entry.get("code", entry.get("id")) == code:
                return section, index
    return ("numbers",)


@lru_cache(maxsize=1024)
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[a-z]+\})", template)
    return re.compile("".join(".*" if part.startswith("{") else re.escape(part) for part in parts), re.DOTALL)


def _matches(error: Numbered | Failure, text: str) -> bool:
    return _pattern(error.text).fullmatch(text) is not None


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _a(name: str) -> str:
    return name if name == "null" else f"an {name}" if name[0] in "aeio" else f"a {name}"
