"""What the specs say, as frozen objects."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from apidouble.mockserver.domain.faults import Fault
from apidouble.mockserver.domain.world import Rules
from apidouble.mockserver.spec.answers import AnswerCompiler
from apidouble.mockserver.spec.requests import RequestSchema
from apidouble.mockserver.spec.source import Source, resolve

JSON, XML = "application/json", "text/xml"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Cause:
    """What makes validation raise an error: a parameter (or any, for None) and the rules it breaks.

    `only_if` narrows it to calls whose other parameters have one of these values.
    """

    parameter: str | None
    rules: frozenset[str]
    only_if: Mapping[str, tuple[Any, ...]]

    def meets(self, parameter: str, rule: str, values: Mapping[str, Any]) -> bool:
        """Tell whether a broken rule is of this kind."""
        return (
            self.parameter in (None, parameter)
            and rule in self.rules
            and all(values.get(name) in wanted for name, wanted in self.only_if.items())
        )


@dataclass(frozen=True, slots=True)
class Numbered:
    """A numbered error (or message) of a vendor."""

    code: int
    text: str
    gloss: str
    operations: tuple[str, ...]
    when: tuple[Cause, ...]
    readings: Mapping[str, list[str]]
    evidence: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An unnumbered failure of a vendor."""

    name: str
    text: str
    gloss: str
    operations: tuple[str, ...]
    when: tuple[Cause, ...]
    readings: Mapping[str, list[str]]
    http_status: int


@dataclass(frozen=True, slots=True)
class Reading:
    """How one gap or contradiction of the documents is read; `values` is empty where there is no switch."""

    id: str
    default: str
    values: Mapping[str, str]
    evidence: str


@dataclass(frozen=True)
class Operation:
    """One operation: where it is served, what it takes, the schemas of its answers by media type and kind."""

    id: str
    path: str
    methods: frozenset[str]
    section: str
    keyless: bool
    request: RequestSchema
    answers: Mapping[tuple[str, str], Mapping[str, Any]]
    reading: Mapping[str, list[str]]
    safe: bool | Mapping[str, list[str]]
    cost: str
    pace: Mapping[str, float]

    def only_reads(self, parameters: Mapping[str, Any]) -> bool:
        """Tell whether a call with these parameters, as they were sent, changes nothing."""
        if isinstance(self.safe, bool):
            return self.safe
        return all(parameters.get(name) in values for name, values in self.safe.items())


@dataclass(frozen=True, slots=True)
class FaultFacts:
    """What faults need to know of a vendor: its error for maintenance, the fields of statuses and of messages."""

    maintenance: int
    status_fields: tuple[str, ...]
    message_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class VendorSpec:
    """Everything the specs say about one vendor."""

    name: str
    source: Source
    errors_source: Source
    machines_source: Source
    operations: Mapping[str, Operation]
    numbered: Mapping[int, Numbered]
    failures: Mapping[str, Failure]
    rules: Rules
    faults: FaultFacts

    @property
    def document(self) -> Any:
        """The OpenAPI document."""
        return self.source.content

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of the live service's machines."""
        names = (urlsplit(server["url"]).hostname for server in self.document.get("servers", ()))
        return tuple(name for name in names if name)

    @cached_property
    def errors_of(self) -> Mapping[str, tuple[Numbered | Failure, ...]]:
        """The errors that validation can raise in each operation, in their order of precedence."""
        known: tuple[Numbered | Failure, ...] = (*self.numbered.values(), *self.failures.values())
        return {name: tuple(e for e in known if name in e.operations and e.when) for name in self.operations}

    def compiler(self, readings: Mapping[str, str]) -> AnswerCompiler:
        """Return the compiler of this vendor's answers under these readings."""
        return AnswerCompiler(lambda schema: resolve(self.document, schema), readings, self.rules.zone)


@dataclass(frozen=True, slots=True)
class Reserved:
    """The inputs that ask for a fault: a prefix, an operation and one of the names, joined by hyphens."""

    prefix: str
    inputs: Mapping[str, Fault]


@dataclass(frozen=True)
class Contract:
    """Both vendors, the control plane's document, the readings and the reserved inputs.

    `digest` is a hash over all of the specs.
    """

    vendors: Mapping[str, VendorSpec]
    control: Source
    readings: Mapping[str, Reading]
    reserved: Reserved
    digest: str

    @cached_property
    def writers(self) -> dict[tuple[tuple[str, str], ...], dict[tuple[str, str, str, str], Callable[[Any], bytes]]]:
        """Under each choice of readings what writes the answers, by vendor, operation, media type and kind.

        Gateways compile them as they are needed, and leave them here for the next gateway.
        """
        return {}

    def choose(self, chosen: Mapping[str, str], spelled: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the value of every reading with a switch; raise ValueError for one that does not exist.

        `spelled` says how the caller wrote names that are not the specs' own.
        """
        values = {r.id: r.default for r in self.readings.values() if r.values}
        for name, value in chosen.items():
            reading, written = self.readings.get(name), (spelled or {}).get(name, name)
            if reading is None or not reading.values:
                known = ", ".join(sorted(values))
                raise ValueError(f"{written} is not a reading with a switch; those are: {known}")
            if value not in reading.values:
                raise ValueError(f"{written} is one of {', '.join(reading.values)}, not {value}")
            values[name] = value
        return values


Resolver = Callable[[Any], dict[str, Any]]
