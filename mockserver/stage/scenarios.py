"""Turn a scenario file, how a world lives by itself, into the plain data that the vendors' life is driven by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from apidouble.mockserver.domain.world import Vendor
from apidouble.mockserver.spec.model import Contract
from apidouble.mockserver.spec.source import Source, SpecError
from apidouble.specs import ROOT

FOLDER = ROOT / "scenarios"
SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that has been read.

    `world` names the world it starts in, or its file. `seed` is None where the world's own holds. `life` has a section
    for each vendor that lives by itself. `customer` is how a simulated customer of QComment behaves, if one is wanted.
    `faults` are the rules that a world starts with, as `spec.faults.read_rule` takes them. `source` is the file, where
    there is one.
    """

    name: str
    description: str
    world: str | Path
    seed: int | None
    life: Mapping[str, Mapping[str, Any]]
    customer: Mapping[str, Any] | None = None
    faults: tuple[Mapping[str, Any], ...] = ()
    source: Source | None = None

    @classmethod
    def read(cls, scenario: str | Path) -> "Scenario":
        """Read the scenario of that name below specs/scenarios, or at that path; raises SpecError with its place."""
        return cls._made(Source.read(_path(scenario), "scenario"))

    @classmethod
    def of(cls, source: Source) -> "Scenario":
        """Make sense of a scenario file's text; raises SpecError with file and line."""
        return cls._made(source.admitted("scenario"))

    @classmethod
    def _made(cls, source: Source) -> "Scenario":
        content = dict(source.content)
        market = dict(content.get("qcomment", {}))
        customer = market.pop("customer", None)
        if market:
            content["qcomment"] = market
        return cls(
            name=content.pop("name", source.path.stem),
            description=content.pop("description"),
            world=_beside(source.path, content.pop("world", "documented")),
            seed=content.pop("seed", None),
            faults=tuple(content.pop("faults", ())),
            life=content,
            customer=customer,
            source=source,
        )

    def at(self, *keys: str | int) -> str:
        """Return where in its file something stands: "file:line", or the name where there is no file."""
        return self.source.at(*keys) if self.source else f"scenario {self.name}"

    def check(self, contract: Contract, vendors: Iterable[Vendor]) -> None:
        """Raise SpecError, each problem with its place, where a vendor finds that its life makes no sense."""
        problems = [
            f"{self.at(vendor.name, *keys)}: {'.'.join(keys)}: {problem}"
            for vendor in vendors
            if vendor.name in self.life
            for keys, problem in vendor.check_life(self.life[vendor.name], contract.vendors[vendor.name].rules)
        ]
        if problems:
            raise SpecError(*problems)

    def with_customer(self) -> "Scenario":
        """Return the same scenario with a customer who decides about works by himself."""
        if self.customer is None:
            return self
        return replace(self, life={**self.life, "qcomment": {**self.life["qcomment"], "customer": self.customer}})


def names() -> list[str]:
    """Name the scenarios that come with the specs."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def _path(scenario: str | Path) -> Path:
    path = Path(scenario)
    if path.suffix in SUFFIXES or len(path.parts) > 1:
        return path
    if (FOLDER / f"{scenario}.yaml").is_file():
        return FOLDER / f"{scenario}.yaml"
    raise SpecError(
        f"there is no scenario {str(scenario)!r}: name one of {', '.join(names())}, or the path of a YAML file"
    )


def _beside(scenario: Path, world: str) -> str | Path:
    """Return a world's name as it is, and its file as seen from the scenario's."""
    return scenario.parent / world if world.endswith(SUFFIXES) else world
