"""From a name that nobody knows to the known one that was probably meant."""

import difflib
from collections.abc import Iterable

ALIKE = 0.8


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like this one, if any is alike enough."""
    return next(iter(difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=ALIKE)), None)
