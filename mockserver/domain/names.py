"""From a name that nobody knows to the known one that was probably meant."""

import difflib
from collections.abc import Iterable

ALIKE, ALIKE_PART = 0.8, 0.7


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like this one, if any is alike enough."""
    return next(iter(difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=ALIKE)), None)


def closest_in_parts(name: str, known: Iterable[str]) -> str | None:
    """Return the known name in which each part of this one has a likeness: cnt_return for count."""
    parts = name.lower().split("_")
    found = (each for each in known if all(_has_part(each, part) for part in parts))
    return max(found, key=lambda each: _likeness(name, each), default=None)


def by_likeness(name: str, known: Iterable[str]) -> list[str]:
    """Return the known names, the one most like this one first."""
    return sorted(known, key=lambda each: _likeness(name, each), reverse=True)


def _has_part(known: str, part: str) -> bool:
    return any(_likeness(part, other) >= ALIKE_PART for other in known.split("_"))


def _likeness(name: str, other: str) -> float:
    return difflib.SequenceMatcher(None, name.lower(), other).ratio()
