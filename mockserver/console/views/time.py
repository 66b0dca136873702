"""Instants and durations as people read them, in UTC."""

from apidouble.mockserver.console.words import Say
from apidouble.mockserver.domain.instants import write_instant

UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s"))


def instant(at_ms: int | None) -> str:
    """Return 2021-11-19 12:38:51; a dash for none."""
    return "–" if at_ms is None else write_instant(at_ms).replace("T", " ").removesuffix("Z")


def lasts(duration_ms: int, say: Say) -> str:
    """Return a duration in its two greatest units: 2 d 23 h."""
    left, parts = abs(duration_ms), []
    for unit_ms, name in UNITS:
        count, left = divmod(left, unit_ms)
        if count:
            parts.append(f"{count} {say(name)}")
    return " ".join(parts[:2]) or f"0 {say('s')}"
