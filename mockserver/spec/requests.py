"""Read an operation's parameters as its OpenAPI request component says."""

from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from apidouble.mockserver.domain.call import Diagnostics
from apidouble.mockserver.domain.names import by_likeness, closest, closest_in_parts
from apidouble.mockserver.domain.world import Catalog
from apidouble.mockserver.spec.source import Resolve

if TYPE_CHECKING:
    from apidouble.mockserver.spec.parameters import Parameters

NAMED = 5  # of the parameters that were not sent
MISSING, BLANK, INVALID, RANGE = "missing", "blank", "invalid", "range"


@dataclass(frozen=True, slots=True)
class Violation:
    """One parameter that breaks one rule; `detail` says in English what would be right."""

    parameter: str
    rule: str
    detail: str


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
        self._never_blank = {name for name, p in self.properties.items() if p.get("x-blank") == "kept"}

    @cached_property
    def _parameters(self) -> "Parameters":
        """What types the parameters, made for the first call."""
        from apidouble.mockserver.spec.parameters import Parameters  # noqa: PLC0415 (marshmallow takes long to import)

        return Parameters(self.properties, self.required, self._resolve, self._catalogs)

    def load(
        self, tree: Mapping[str, Any], diagnostics: Diagnostics, hidden: Collection[str] = ()
    ) -> tuple[dict[str, Any], list[Violation], frozenset[str]]:
        """Turn a tree of texts into typed parameters, and name those that the call carries itself.

        Violations come in the document's order of parameters. What an open schema takes beyond its named parameters is
        left as it was sent, for the behaviour to judge. What is `hidden` is not suggested in place of anything.
        """
        remark = partial(self._remark, tree=tree, hidden=hidden)
        sent, violations = self._gather(tree, diagnostics, remark)
        values, broken = self._parameters.load(sent)
        for name, messages in broken:
            self._judge(name, messages, violations, values, diagnostics)
        if self.open:
            values.update((k, v) for k, v in tree.items() if k not in self._names)
            diagnostics.remark = remark
        if violations:
            order = list(self.properties)
            violations.sort(key=lambda v: order.index(v.parameter))
        return values, violations, frozenset(sent)

    def _gather(
        self, tree: Mapping[str, Any], diagnostics: Diagnostics, remark: Callable[[str], str]
    ) -> tuple[dict[str, Any], list[Violation]]:
        sent: dict[str, Any] = {}
        violations: list[Violation] = []
        for key, value in tree.items():
            name = self._names.get(key)
            if name is None:
                if not self.open:
                    diagnostics.note(remark(key))
                continue
            if value == "":
                if name in self._never_blank:
                    violations.append(Violation(name, BLANK, "must not be empty"))
                continue
            sent[name] = value.strip() if name in self._trimmed and isinstance(value, str) else value
        return sent, violations

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


def _leaves(messages: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(messages, dict):
        for key, below in messages.items():
            yield from _leaves(below, where if key == "_schema" else f"{where}[{key}]")
    elif isinstance(messages, list):
        for message in messages:
            yield from _leaves(message, where)
    else:
        yield where, str(messages)
