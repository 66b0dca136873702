"""Virtual time as text: instants and durations in ISO 8601 to milliseconds, and instants back."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
END_MS = (datetime(3000, 1, 1, tzinfo=UTC) - EPOCH) // MILLISECOND

SECONDS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
ISO_DURATION = re.compile(
    r"P(?=[0-9T])(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?)?"
)
SHORT_DURATION = re.compile(r"(?:[0-9]+[wdhms])+")


def read_instant(text: str) -> int:
    """Return the milliseconds since the epoch of an instant with an offset, within virtual time; raises ValueError."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text} has no offset, such as Z or +03:00")
    at_ms = (instant - EPOCH) // MILLISECOND
    if not 0 <= at_ms <= END_MS:
        raise ValueError(f"{text} is outside of virtual time, which goes from 1970 to the year 3000")
    return at_ms


def read_local(text: str, zone: tzinfo) -> int:
    """Return the milliseconds since the epoch of a date, or a date and time, as clocks of a zone show it."""
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1000


def write_instant(at_ms: int) -> str:
    """Return an instant in UTC, to the second where it is a whole one: 2021-11-19T12:38:51Z."""
    precision = "milliseconds" if at_ms % 1000 else "seconds"
    return (EPOCH + at_ms * MILLISECOND).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def read_duration(written: str | float) -> int:
    """Return the milliseconds of 3d12h, of P3DT12H or of a number of seconds; raises ValueError."""
    if not isinstance(written, str):
        return _milliseconds(Decimal(str(written)))
    if SHORT_DURATION.fullmatch(written):
        parts = re.findall(r"([0-9]+)([wdhms])", written)
        return _milliseconds(sum((Decimal(count) * SECONDS[unit] for count, unit in parts), Decimal(0)))
    iso = ISO_DURATION.fullmatch(written)
    if iso is None:
        raise ValueError(f"{written!r} is no duration")
    counts = zip(iso.groups(), SECONDS.values(), strict=True)
    return _milliseconds(sum((Decimal(count) * each for count, each in counts if count), Decimal(0)))


def _milliseconds(seconds: Decimal) -> int:
    if not 0 <= seconds <= END_MS // 1000:
        raise ValueError(f"{seconds} seconds are no duration that fits")
    return int(seconds * 1000)
