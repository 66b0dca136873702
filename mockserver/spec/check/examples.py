"""Check the examples of answers: each fits its schema, prints the catalogue's texts, and comes of calls that exist."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from apidouble.mockserver.spec.check.errors import Entry
from apidouble.mockserver.spec.check.instances import Chosen, allowed, from_xml, plain
from apidouble.mockserver.spec.check.places import Place, did_you_mean
from apidouble.mockserver.spec.check.view import Answer, View
from apidouble.mockserver.spec.source import Source, resolve, walk

XML = "text/xml"
NUMBERS, TEXTS = ("error_code", "code", "id"), ("reason", "message")


@dataclass
class Findings:
    """What the examples of one file show: problems, the operations they name, the numbers and texts they print."""

    problems: list[str] = field(default_factory=list)
    operations: list[tuple[str, Place]] = field(default_factory=list)
    numbers: list[tuple[int, Place]] = field(default_factory=list)
    texts: list[tuple[int | None, str, Place]] = field(default_factory=list)


def look(openapi: Source, chosen: Chosen, hidden: tuple[str, ...]) -> Findings:
    """Read all examples of answers, and the calls they come of; `hidden` parameters are understood in every call."""
    return _look(openapi, tuple(chosen.items()), hidden)


@lru_cache(maxsize=8)
def _look(openapi: Source, readings: tuple[tuple[str, str], ...], hidden: tuple[str, ...]) -> Findings:
    view, chosen, findings = View("", openapi, openapi, openapi, {}), dict(readings), Findings()
    for answer in view.answers():
        for name, written in answer.content.get("examples", {}).items():
            place, example = answer.place.below("examples", name), view.resolve(written)
            if "$ref" in written:
                place = Place(view.openapi, ("components", "examples", written["$ref"].rpartition("/")[2]))
            _fit(view, answer, place, example, chosen, findings)
            _calls(view, answer, place, example, hidden, findings)
    for place, operation in view.written():
        _links(view, place, operation, findings)
        for media, content in view.resolve(operation.get("requestBody", {})).get("content", {}).items():
            for name, example in content.get("examples", {}).items():
                at = place.below("requestBody", "content", media, "examples", name, "value")
                _parameters(view, operation.get("operationId", ""), example.get("value"), at, (), findings)
    return findings


@lru_cache(maxsize=8)
def schema_values(source: Source) -> tuple[str, ...]:
    """Return what is wrong with examples and defaults that do not fit the schema they stand in."""
    return tuple(_schema_values(source))


def _schema_values(source: Source) -> Iterator[str]:
    for keys, schema in walk(source.content.get("components", {}).get("schemas", {})):
        given = [*schema.get("examples", ())] if isinstance(schema.get("examples"), list) else []
        if not ({"type", "enum", "const"} & schema.keys()) or schema.get("type") in ("array", "object"):
            continue
        for value in [*given, *([schema["default"]] if "default" in schema else [])]:
            rules = plain(schema, lambda s: resolve(source.content, s), {})
            error = best_match(Draft202012Validator(rules).iter_errors(value))
            if error is not None:
                key = "examples" if value in given else "default"
                yield Place(source, ("components", "schemas", *keys, key)).says(f"{keys[-1]}: {error.message}")


def catalogue_texts(view: View, findings: Findings, catalogue: list[Entry]) -> Iterator[str]:
    """Yield texts that examples print and the catalogue has otherwise, or not at all."""
    numbered = {entry.id: entry for entry in catalogue}
    failures = [entry for entry in catalogue if isinstance(entry.id, str)]
    for number, text, place in findings.texts:
        if number is None:
            if not any(_prints(entry, text) for entry in failures):
                yield place.says(f"no failure in {view.errors.path.name} has the text {text!r}")
        elif number in numbered and not _prints(numbered[number], text):
            yield place.says(f"the example prints {text!r}, and error {number} is {numbered[number].content['text']!r}")


def _prints(entry: Entry, text: str) -> bool:
    pattern = re.sub(r"\\\{\w+\\\}", ".+", re.escape(entry.content["text"]))
    return re.fullmatch(pattern, text) is not None


def _fit(
    view: View, answer: Answer, place: Place, example: Mapping[str, Any], chosen: Chosen, findings: Findings
) -> None:
    """Find the one kind of reply that an example is of."""
    chosen = {**chosen, **{name: values[0] for name, values in example.get("x-reading", {}).items()}}
    kinds, value, at = _kinds(view, answer, example, chosen), example.get("value"), place.below("value")
    if answer.media_type == XML:
        try:
            value = ET.fromstring(str(value))  # noqa: S314 (the spec's own text)
        except ET.ParseError as problem:
            findings.problems.append(at.says(f"the example is not XML: {problem}"))
            return
        roots = {str(view.resolve(kind).get("xml", {}).get("name")): kind for kind in kinds}
        kinds = [kind for kind in kinds if view.resolve(kind).get("xml", {}).get("name") == value.tag]
        if not kinds:
            findings.problems.append(at.says(f"the example's root is {value.tag}, and replies have {', '.join(roots)}"))
            return
    attempts = [_attempt(view, kind, value, chosen, names_only="x-differs" in example) for kind in kinds]
    fitting = [attempt for attempt in attempts if not attempt.errors]
    if len(fitting) == 1:
        _read(view, fitting[0], place, findings)
    elif fitting:
        said = " and ".join(attempt.name for attempt in fitting)
        findings.problems.append(at.says(f"the example fits {said}; it is to fit one kind of reply only"))
    elif attempts:
        nearest = min(attempts, key=lambda attempt: len(attempt.errors))
        error = best_match(nearest.errors) or nearest.errors[0]
        where = tuple(error.absolute_path)
        named = f"{'.'.join(map(str, where))}: " if where else ""
        at = at.below(*where) if nearest.is_json else at
        findings.problems.append(at.says(f"the example does not fit {nearest.name}: {named}{error.message}"))


class _Attempt(NamedTuple):
    """An example read as one kind of reply, and what is then wrong with it."""

    kind: Mapping[str, Any]
    instance: Any
    errors: list[ValidationError]
    is_json: bool

    @property
    def name(self) -> str:
        return str(self.kind.get("$ref", "its schema")).rpartition("/")[2]


def _kinds(view: View, answer: Answer, example: Mapping[str, Any], chosen: Chosen) -> list[Mapping[str, Any]]:
    own = example.get("x-operation", answer.operation.get("operationId"))
    schema = answer.content.get("schema", {})
    return [
        kind
        for kind in schema.get("oneOf", [schema])
        if kind.get("x-operation", own) == own and allowed(view.resolve(kind).get("x-reading", {}), chosen)
    ]


def _attempt(view: View, kind: Mapping[str, Any], value: Any, chosen: Chosen, *, names_only: bool) -> _Attempt:
    is_json = not isinstance(value, ET.Element)
    instance = value if is_json else from_xml(value, kind, view.resolve)
    rules = Draft202012Validator(plain(kind, view.resolve, chosen, names_only=names_only))
    return _Attempt(kind, instance, list(rules.iter_errors(instance)), is_json)


def _read(view: View, fitting: _Attempt, place: Place, findings: Findings) -> None:
    """Take down what a good example prints of the catalogue, and look at keys made from items."""
    for keys, mapping in walk(fitting.instance):
        at = place.below("value", *(keys if fitting.is_json else ()))
        number = next((mapping[k] for k in NUMBERS if type(mapping.get(k)) is int), None)
        text = next((mapping[k] for k in TEXTS if isinstance(mapping.get(k), str)), None)
        if text is not None and (number is not None or fitting.kind.get("x-reply") == "failure"):
            findings.texts.append((number, text, at))
            if number is not None:
                findings.numbers.append((number, at))
    keyed = view.resolve(fitting.kind).get("x-keyed")
    for key, item in fitting.instance.items() if keyed and isinstance(fitting.instance, dict) else ():
        names = re.findall(r"\{(\w+)\}", keyed)
        if all(name in item for name in names) and key != keyed.format_map(item):
            said = f"the key {key} is made from its item: {keyed.format_map(item)}"
            findings.problems.append(place.below("value", key).says(said))


def _calls(
    view: View, answer: Answer, place: Place, example: Mapping[str, Any], hidden: tuple[str, ...], findings: Findings
) -> None:
    own = example.get("x-operation", answer.operation.get("operationId", ""))
    if "x-operation" in example:
        findings.operations.append((own, place.below("x-operation")))
    _parameters(view, own, example.get("x-request"), place.below("x-request"), hidden, findings)
    for index, step in enumerate(example.get("x-given", ())):
        if "operation" in step:
            at = place.below("x-given", index)
            findings.operations.append((step["operation"], at.below("operation")))
            _parameters(view, step["operation"], step.get("parameters"), at.below("parameters"), hidden, findings)


def _parameters(view: View, name: str, sent: Any, place: Place, hidden: tuple[str, ...], findings: Findings) -> None:
    operation = view.operations.get(name)
    if operation is None or not isinstance(sent, dict) or operation.is_open or not operation.properties:
        return
    for parameter in sent:
        if parameter not in operation.names and parameter not in hidden:
            guess = did_you_mean(parameter, sorted(operation.names))
            findings.problems.append(place.below(parameter).says(f"{name} has no parameter {parameter}{guess}"))


def _links(view: View, place: Place, operation: Mapping[str, Any], findings: Findings) -> None:
    """Look at where links lead; a link names the operation as OpenAPI does, before any dispatch."""
    written = {o["operationId"] for _, o in view.written()}
    for status, response in operation["responses"].items():
        for name, link in view.resolve(response).get("links", {}).items():
            target = link.get("operationId")
            at = place.below("responses", status, "links", name)
            if target not in written:
                findings.operations.append((str(target), at.below("operationId")))
            _parameters(view, target, link.get("requestBody"), at.below("requestBody"), (), findings)
