"""Turn a world file, what there is when the story begins, into a World with every vendor's account."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from apidouble.mockserver.domain.instants import read_instant
from apidouble.mockserver.domain.journal import JOURNAL_LIMIT, Journal
from apidouble.mockserver.domain.world import Item, Vendor, World
from apidouble.mockserver.spec.model import Contract
from apidouble.mockserver.spec.source import Source, SpecError
from apidouble.specs import ROOT

FOLDER = ROOT / "worlds"


@dataclass(frozen=True, slots=True)
class WorldFile:
    """A world file that has been read; it opens any number of equal worlds."""

    name: str
    source: Source
    seed: int
    start_ms: int

    @classmethod
    def read(cls, world: str | Path) -> "WorldFile":
        """Read the world of that name below specs/worlds, or at that path; raises SpecError with file and line."""
        return cls._made(Source.read(_path(world), "world"))

    @classmethod
    def of(cls, source: Source) -> "WorldFile":
        """Make sense of a world file's text; raises SpecError with file and line."""
        return cls._made(source.admitted("world"))

    @classmethod
    def _made(cls, source: Source) -> "WorldFile":
        for key in ("seed", "start"):
            if key not in source.content:
                raise SpecError(f"{source.at()}: the key {key!r} is missing")
        try:
            start_ms = read_instant(source.content["start"])
        except (TypeError, ValueError) as error:
            raise SpecError(f"{source.at('start')}: start is an instant with an offset: {error}") from error
        return cls(source.path.stem, source, source.content["seed"], start_ms)

    def open(
        self,
        contract: Contract,
        vendors: Iterable[Vendor],
        readings: Mapping[str, str],
        life: Mapping[str, Item] | None = None,
        seed: int | None = None,
        remember: int = JOURNAL_LIMIT,
    ) -> World:
        """Return a fresh world, with a life of its own where one is given and a seed that wins over the file's.

        Its journal keeps the last calls, as many as to `remember`.
        Raises SpecError where a vendor's section cannot be made sense of.
        """
        world = World(
            tenant=self.name,
            seed=self.seed if seed is None else seed,
            now_ms=self.start_ms,
            readings=readings,
            vendors={vendor.name: vendor for vendor in vendors},
            rules={name: spec.rules for name, spec in contract.vendors.items()},
            life=life or {},
            journal=Journal(remember),
        )
        for name, vendor in world.vendors.items():
            try:
                section = self.source.content[name]
                world.accounts[name] = vendor.open_account(world, world.rules[name], section)
            except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
                raise SpecError(f"{self.source.at(name)}: {name}: {_said(error)}") from error
        return world


def names() -> list[str]:
    """Name the worlds that come with the specs."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def _path(world: str | Path) -> Path:
    path = Path(world)
    if path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        return path
    if (FOLDER / f"{world}.yaml").is_file():
        return FOLDER / f"{world}.yaml"
    raise SpecError(f"there is no world {str(world)!r}: name one of {', '.join(names())}, or the path of a YAML file")


def _said(error: Exception) -> str:
    return f"the key {error} is missing" if isinstance(error, KeyError) else str(error)
