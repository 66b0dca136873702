"""Read an operation's parameters as its OpenAPI request component says."""

from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from apidouble.mockserver.domain.call import Diagnostics, Repeated
from apidouble.mockserver.domain.names import by_likeness, closest, closest_in_parts
from apidouble.mockserver.domain.world import Catalog
from apidouble.mockserver.spec.source import Resolve

if TYPE_CHECKING:
    from apidouble.mockserver.spec.parameters import Parameters

NAMED = 5  # of the parameters that were not sent
MISSING, BLANK, INVALID, RANGE = "missing", "blank", "invalid", "range"
KEPT, CLEARS = "kept", "clears"
BLANKS = " \t\n\r\v\0"  # what PHP's trim takes off


@dataclass(frozen=True, slots=True)
class Violation:
    """One parameter that breaks one rule; `detail` says in English what would be right."""

    parameter: str
    rule: str
    detail: str


class Loaded(NamedTuple):
    """Typed parameters and what is wrong with others; which of them the call carries, and which of these empty."""

    values: dict[str, Any]
    violations: list[Violation]
    sent: frozenset[str]
    cleared: frozenset[str]


def is_blank(value: Any) -> bool:
    """Tell whether a value is an empty text, or one of nothing but blanks."""
    # assumed of blanks: see specs/readings.yaml#php.empty
    return isinstance(value, str) and not value.strip(BLANKS)


def last_wins(tree: Mapping[str, Any], lists: Collection[str], diagnostics: Diagnostics) -> dict[str, Any]:
    """Return a tree in which a plain name that was sent several times has its last value, but where it is a list."""
    # see specs/readings.yaml#php.arrays
    settled = dict(tree)
    for name, value in tree.items():
        if isinstance(value, Repeated) and name not in lists:
            settled[name] = value[-1]
            diagnostics.note(f"{name}: sent {len(value)} times, the last one counts")
    return settled


class RequestSchema:
    """The parameters of one operation: what is read, what is refused, what is only remarked upon."""

    def __init__(self, schema: Mapping[str, Any], resolve: Resolve, catalogs: Mapping[str, Catalog]) -> None:
        self.open = bool(schema.get("additionalProperties", False))
        required = set(schema.get("required", ()))
        self.properties = {name: resolve(below) for name, below in schema["properties"].items()}
        self.required = required
        self._resolve, self._catalogs = resolve, catalogs
        self._names = {alias: name for name, p in self.properties.items() for alias in (name, *p.get("x-aliases", ()))}
        self._mistakes = {w: name for name, p in self.properties.items() for w in p.get("x-mistaken-for", ())}
        self._trimmed = {name for name, p in self.properties.items() if p.get("x-trim")}
        self._never_blank = {name for name, p in self.properties.items() if p.get("x-blank") == KEPT}
        self._cleared = {name: p.get("x-cleared") for name, p in self.properties.items() if p.get("x-blank") == CLEARS}
        self._whole = [name for name, p in self.properties.items() if p.get("type") == "integer"]
        self.lists = {
            alias
            for alias, name in self._names.items()
            if self.properties[name].get("type") == "array" and "x-split" not in self.properties[name]
        }

    @cached_property
    def _parameters(self) -> "Parameters":
        """What types the parameters, made for the first call."""
        from apidouble.mockserver.spec.parameters import Parameters  # noqa: PLC0415 (marshmallow takes long to import)

        return Parameters(self.properties, self.required, self._resolve, self._catalogs)

    def load(self, tree: Mapping[str, Any], diagnostics: Diagnostics, hidden: Collection[str] = ()) -> Loaded:
        """Turn a tree of texts into typed parameters, and name those that the call carries itself.

        Violations come in the document's order of parameters. What an open schema takes beyond its named parameters is
        left as it was sent, for the behaviour to judge. A parameter that an empty text clears has its cleared value.
        What is `hidden` is not suggested in place of anything.
        """
        tree = last_wins(tree, self.lists, diagnostics)
        remark = partial(self._remark, tree=tree, hidden=hidden)
        sent, cleared, violations = self._gather(tree, diagnostics, remark)
        values, broken = self._parameters.load(sent)
        for name in self._whole:
            if isinstance(text := sent.get(name), str) and (number := values.get(name)) is not None:
                _remark_on_number(name, text, number, diagnostics)
        for name, messages in broken:
            self._judge(name, messages, violations, values, diagnostics)
        if self.open:
            values.update((k, v) for k, v in tree.items() if k not in self._names)
            diagnostics.remark = remark
        if violations:
            order = list(self.properties)
            violations.sort(key=lambda v: order.index(v.parameter))
        values.update(cleared)
        read = sent.keys() - {name for name, _ in broken} | cleared.keys()
        return Loaded(values, violations, frozenset(read), frozenset(cleared))

    def _gather(
        self, tree: Mapping[str, Any], diagnostics: Diagnostics, remark: Callable[[str], str]
    ) -> tuple[dict[str, Any], dict[str, Any], list[Violation]]:
        sent: dict[str, Any] = {}
        cleared: dict[str, Any] = {}
        violations: list[Violation] = []
        for key, value in tree.items():
            name = self._names.get(key)
            if name is None:
                if not self.open:
                    diagnostics.note(remark(key))
                continue
            if is_blank(value):
                if name in self._never_blank:
                    violations.append(Violation(name, BLANK, "must not be empty"))
                elif name in self._cleared:
                    cleared[name] = deepcopy(self._cleared[name])
                elif self._cleared:
                    diagnostics.note(f"{name}: empty, left as it is")
                continue
            sent[name] = value.strip() if name in self._trimmed and isinstance(value, str) else value
        return sent, {name: value for name, value in cleared.items() if name not in sent}, violations

    def _remark(self, key: str, tree: Mapping[str, Any], hidden: Collection[str]) -> str:
        carried = {self._names.get(each) for each in tree}.union(hidden)
        unsent = [name for name in self.properties if name not in carried]
        ignored = f"{key}: not a parameter of this operation, ignored"
        meant = self._mistakes.get(key) or closest(key, self.properties) or closest_in_parts(key, unsent)
        if meant is not None:
            return f"{ignored}; did you mean {meant}?"
        if not unsent:
            return ignored
        more = f" and {len(unsent) - NAMED} more" if len(unsent) > NAMED else ""
        return f"{ignored}; it takes, and was not sent: {', '.join(by_likeness(key, unsent)[:NAMED])}{more}"

    def _judge(
        self,
        name: str,
        messages: Any,
        violations: list[Violation],
        values: dict[str, Any],
        diagnostics: Diagnostics,
    ) -> None:
        if "default" in self.properties[name] and name not in self.required:
            values[name] = deepcopy(self.properties[name]["default"])
        where, text = next(_leaves(messages, name))
        rule, _, detail = text.partition(": ")
        if rule not in (MISSING, INVALID, RANGE):
            rule, detail = INVALID, text
        if where != name and rule == MISSING:
            rule = INVALID
        if self.properties[name].get("x-invalid") == "default":
            diagnostics.note(f"{where}: {detail}; read as {values.get(name)}")
        else:
            violations.append(Violation(name, rule, f"{where} {detail}"))


def _remark_on_number(name: str, text: str, number: int, diagnostics: Diagnostics) -> None:
    if text != str(number) and number >= 0:
        diagnostics.note(f"{name}: {text!r} is read as {number}")


def _leaves(messages: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(messages, dict):
        for key, below in messages.items():
            yield from _leaves(below, where if key == "_schema" else f"{where}[{key}]")
    elif isinstance(messages, list):
        for message in messages:
            yield from _leaves(message, where)
    else:
        yield where, str(messages)
