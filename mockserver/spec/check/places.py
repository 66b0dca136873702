"""Turn names that lead nowhere into one message each, however many places use them."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from apidouble.mockserver.spec.source import Source

SHOWN = 3

Name = TypeVar("Name", str, int)


@dataclass(frozen=True)
class Place:
    """A place in a spec file, by the keys that lead to it, or a line of another file. Finding a line is put off."""

    source: Source | Path
    keys: tuple[str | int, ...] = ()
    line: int = 1

    def __str__(self) -> str:
        if isinstance(self.source, Source):
            return self.source.at(*self.keys)
        return f"{self.source}:{self.line}"

    def below(self, *keys: str | int) -> "Place":
        """Return the place under more keys."""
        return Place(self.source, (*self.keys, *keys), self.line)

    def says(self, text: str) -> str:
        """Return a message about this place."""
        return f"{self}: {text}"


def unknown(kind: str, used: Iterable[tuple[Name, Place]], known: Iterable[Name], tail: str = "") -> Iterator[str]:
    """Yield one message for each name that is used and not known."""
    known = list(known)
    places: dict[Name, list[Place]] = {}
    for name, place in used:
        if name not in known:
            places.setdefault(name, []).append(place)
    for name, where in places.items():
        yield where[0].says(f"there is no {kind} {name}{tail}{did_you_mean(name, known)}{_also(where[1:])}")


def repeated(kind: str, names: Iterable[tuple[str | int, Place]]) -> Iterator[str]:
    """Yield one message for each name that is given twice."""
    first: dict[str | int, Place] = {}
    for name, place in names:
        if name in first:
            yield place.says(f"the {kind} {name} is there already, {first[name]}; each has one entry")
        else:
            first[name] = place


def did_you_mean(name: str | int, known: Sequence[str | int]) -> str:
    """Return a question that names the closest known name, if one is close."""
    if not isinstance(name, str):
        return ""
    close = difflib.get_close_matches(name, [str(k) for k in known], n=1, cutoff=0.75)
    return f"; did you mean {close[0]}?" if close else ""


def _also(places: list[Place]) -> str:
    if not places:
        return ""
    shown = ", ".join(str(place) for place in places[:SHOWN])
    more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
    return f" (also named at {shown}{more})"
