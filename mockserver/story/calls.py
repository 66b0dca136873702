"""Turn a journal into an immutable view of calls that can be narrowed, counted and ordered, and says what it missed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, NamedTuple, Self, overload

from apidouble.mockserver.domain.faults import KINDS
from apidouble.mockserver.domain.journal import Entry, Journal
from apidouble.mockserver.domain.names import closest
from apidouble.mockserver.spec.model import Contract, Operation, VendorSpec
from apidouble.mockserver.story.transcript import write_entries, write_outcome

SHOWN_CALLS = 8
REFUSED = "refused"


class _Criterion(NamedTuple):
    """One thing that is asked of a call. `kind` is operation, vendor, outcome or parameter."""

    kind: str
    name: str
    expected: Any


class Calls(Sequence[Entry]):
    """The calls of the vendors, oldest first. Nothing that happens later changes a view.

    `lost` is how many earlier calls the journal, which is bounded, holds no more.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        contract: Contract,
        lost: int = 0,
        asked: tuple[_Criterion, ...] = (),
        among: Sequence[Entry] | None = None,
    ) -> None:
        self._entries, self._contract, self.lost, self._asked = tuple(entries), contract, lost, asked
        self._among = self._entries if among is None else among

    @classmethod
    def of(cls, journal: Journal, contract: Contract, since: int = 0) -> Self:
        """Return the calls of the vendors with a greater number than `since`."""
        held = [entry for entry in journal.entries if entry.sequence > since]
        lost = journal.sequence - since - len(held)
        return cls([entry for entry in held if entry.vendor in contract.vendors], contract, lost)

    def where(
        self,
        operation: str | None = None,
        *,
        vendor: str | None = None,
        outcome: object = None,
        parameters: Mapping[str, object] | None = None,
        **named: object,
    ) -> "Calls":
        """Narrow to calls of an operation with these parameters.

        A value is compared as it was sent: 5 and Decimal("5.00") with "5", a list with an array; None is for what was
        not sent, a compiled pattern is searched for, a function is asked. `parameters` takes those names that are no
        keywords, or that stand for something else here (revision's `operation`). `outcome` is "ok", "refused", an
        error's number or name, or what took its place: "fault:reset". Raises ValueError for what the specs do not know.
        """
        specs = self._specs(vendor)
        if operation is not None:
            _known("operation", operation, [name for spec in specs for name in spec.operations])
            specs = [spec for spec in specs if operation in spec.operations]
        asked = [_Criterion("vendor", "vendor", vendor), _Criterion("operation", "operation", operation)]
        if isinstance(outcome, str | int):
            outcome = str(outcome)
            _known("outcome", outcome, _outcomes(specs))
        asked.append(_Criterion("outcome", "outcome", outcome))
        asked = [criterion for criterion in asked if criterion.expected is not None]
        for name, expected in {**(parameters or {}), **named}.items():
            self._check_parameter(name, specs, operation)
            asked.append(_Criterion("parameter", name, expected))
        found = [entry for entry in self._entries if all(self._meets(entry, criterion) for criterion in asked)]
        return Calls(found, self._contract, self.lost, (*self._asked, *asked), self._among)

    def once(self) -> Entry:
        """Return the one call; raise AssertionError if there are more, or none."""
        __tracebackhide__ = True
        self.times(1)
        return self[0]

    def never(self) -> None:
        """Raise AssertionError if there is any such call."""
        __tracebackhide__ = True
        self.times(0)

    def times(self, count: int) -> Self:
        """Raise AssertionError unless there are exactly so many."""
        __tracebackhide__ = True
        if len(self) != count:
            raise self._wrong(f"{_times(count)} expected, {len(self)} found", missing=len(self) < count)
        self._sure()
        return self

    def at_least(self, count: int) -> Self:
        """Raise AssertionError if there are fewer."""
        __tracebackhide__ = True
        if len(self) < count:
            raise self._wrong(f"at least {_times(count)} expected, {len(self)} found", missing=True)
        return self

    def in_order(self, *steps: str | Mapping[str, Any]) -> Self:
        """Raise AssertionError unless these calls were made one after the other; others may lie between.

        A step is an operation, or a mapping of what `where` takes.
        """
        __tracebackhide__ = True
        after = 0
        for number, step in enumerate(steps, 1):
            view = self.where(step) if isinstance(step, str) else self.where(**step)
            found = next((entry for entry in view if entry.sequence > after), None)
            if found is None:
                before = f"after call #{after}" if after else "at all"
                raise view._wrong(  # noqa: SLF001 (of this class)
                    f"step {number} of {len(steps)} is not found {before}", missing=not len(view)
                )
            after = found.sequence
        return self

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> "Calls": ...
    def __getitem__(self, index: int | slice) -> "Entry | Calls":
        if isinstance(index, slice):
            return Calls(self._entries[index], self._contract, self.lost, self._asked, self._among)
        return self._entries[index]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __repr__(self) -> str:
        return f"<{len(self)} of {len(self._among)} calls: {self._words()}>"

    def __str__(self) -> str:
        return "\n".join(write_entries(self._entries)) or "no calls"

    def _specs(self, vendor: str | None) -> list[VendorSpec]:
        if vendor is None:
            return list(self._contract.vendors.values())
        _known("vendor", vendor, self._contract.vendors)
        return [self._contract.vendors[vendor]]

    def _check_parameter(self, name: str, specs: list[VendorSpec], operation: str | None) -> None:
        operations = [
            (spec, found)
            for spec in specs
            for found in spec.operations.values()
            if operation is None or found.id == operation
        ]
        known = [n for spec, found in operations for n in _parameters(spec, found)]
        _known(f"parameter of {operation or 'any operation'}", name, known)

    def _meets(self, entry: Entry, criterion: _Criterion) -> bool:
        kind, name, expected = criterion
        if kind == "parameter":
            return _alike(expected, self._sent(entry, name))
        if kind == "outcome":
            return (expected == REFUSED and entry.outcome != "ok" and entry.kind != "fault") or (
                _alike(expected, entry.outcome) or any(expected == code for code in entry.outcome.split("+"))
            )
        return bool(expected == getattr(entry, kind))

    def _sent(self, entry: Entry, name: str) -> Any:
        if name in entry.parameters or not entry.operation:
            return entry.parameters.get(name)
        properties = self._contract.vendors[entry.vendor].operations[entry.operation].request.properties
        aliases = properties.get(name, {}).get("x-aliases", ())
        return next((entry.parameters[alias] for alias in aliases if alias in entry.parameters), None)

    def _sure(self) -> None:
        """Raise AssertionError where calls that nobody remembers might change the number."""
        __tracebackhide__ = True
        if self.lost:
            raise AssertionError(
                f"nobody can tell how often {self._words()} was called: the journal holds the last calls only, and "
                f"{self.lost} earlier ones are lost. Ask sooner, or reset() in between."
            )

    def _wrong(self, sentence: str, *, missing: bool) -> AssertionError:
        lines = [f"{self._words()}: {sentence}."]
        if missing and self.lost:
            lines.append(f"{self.lost} earlier calls are lost, because the journal is bounded: they may be among them.")
        nearest = self._nearest() if missing else None
        if nearest is not None:
            lines += ["The closest call:", *_indented(write_entries([nearest]))]
            lines += (f"    {self._differs(nearest, c)}" for c in self._asked if not self._meets(nearest, c))
        if not missing:
            return AssertionError("\n".join([*lines, *_indented(write_entries(self._entries[-SHOWN_CALLS:]))]))
        lines += ["The last calls:", *(_indented(write_entries(self._among[-SHOWN_CALLS:])) or ["  none"])]
        return AssertionError("\n".join(lines))

    def _nearest(self) -> Entry | None:
        """Return the call that meets most of what was asked, the operation before all; the latest of several."""

        def merit(entry: Entry) -> tuple[int, int, int]:
            met = [c for c in self._asked if self._meets(entry, c)]
            return sum(c.kind == "operation" for c in met), len(met), entry.sequence

        apart = [entry for entry in self._among if entry not in self._entries]
        return max(apart, key=merit, default=None)

    def _differs(self, entry: Entry, criterion: _Criterion) -> str:
        kind, name, expected = criterion
        if kind == "outcome":
            spec = self._contract.vendors[entry.vendor]
            return f"outcome: expected {_shown(expected)}, was {write_outcome(spec, entry.outcome)}"
        if kind != "parameter":
            return f"{name}: expected {expected}, was {getattr(entry, kind) or 'none'}"
        value = self._sent(entry, name)
        if value is not None:
            return f"{name}: expected {_shown(expected)}, was {value!r}"
        similar = closest(name, entry.parameters)
        instead = f"; {similar} was, as {entry.parameters[similar]!r}" if similar else ""
        return f"{name}: expected {_shown(expected)}, was not sent{instead}"

    def _words(self) -> str:
        operation = next((c.expected for c in self._asked if c.kind == "operation"), "calls")
        others = ", ".join(f"{c.name}={_shown(c.expected)}" for c in self._asked if c.kind != "operation")
        return f"{operation}({others})" if others else operation


def _known(what: str, name: str, known: Any) -> None:
    if name not in known:
        meant = closest(name, known)
        hint = f"did you mean {meant}?" if meant else f"there are: {', '.join(dict.fromkeys(known))}"
        raise ValueError(f"{name!r} is no {what}; {hint}")


def _outcomes(specs: list[VendorSpec]) -> list[str]:
    numbers = [str(code) for spec in specs for code in spec.numbered]
    faults = (f"fault:{kind}" for kind in KINDS)
    return ["ok", REFUSED, *numbers, *(name for spec in specs for name in spec.failures), *faults]


def _parameters(spec: VendorSpec, operation: Operation) -> Iterator[str]:
    for name, schema in operation.request.properties.items():
        yield name
        yield from schema.get("x-aliases", ())
    if operation.request.open:
        yield "geo-countries"
        for service in spec.rules.catalogs["services"].values():
            yield from (param["field_name"] for param in service["params"])


def _alike(expected: Any, value: Any) -> bool:
    """Tell whether a value that was sent, text or a tree of texts, is the one that is expected."""
    if isinstance(expected, Enum):
        expected = expected.value
    if expected is None or value is None:
        return expected is value
    if callable(expected):
        return bool(expected(value))
    if isinstance(expected, Mapping | list | tuple):
        return _same_tree(expected, value)
    return isinstance(value, str) and _same_text(expected, value)


def _same_tree(expected: Any, value: Any) -> bool:
    if isinstance(expected, Mapping):
        named = {str(key): each for key, each in expected.items()}
        return (
            isinstance(value, Mapping)
            and named.keys() == value.keys()
            and all(_alike(each, value[key]) for key, each in named.items())
        )
    items = list(value.values()) if isinstance(value, Mapping) else value
    return isinstance(items, list) and len(items) == len(expected) and all(map(_alike, expected, items))


def _same_text(expected: Any, text: str) -> bool:
    if isinstance(expected, re.Pattern):
        return expected.search(text) is not None
    if isinstance(expected, bool):
        return text == str(int(expected))
    if isinstance(expected, int | float | Decimal):
        return _number(text) == Decimal(str(expected))
    return bool(expected == text or str(expected) == text)


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _shown(expected: Any) -> str:
    if isinstance(expected, re.Pattern):
        return f"/{expected.pattern}/"
    return getattr(expected, "__name__", "a function") if callable(expected) else repr(expected)


def _times(count: int) -> str:
    return {0: "no call", 1: "one call"}.get(count, f"{count} calls")


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]
