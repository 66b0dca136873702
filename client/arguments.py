"""Turn Python values into the pairs of a form, nested as PHP's http_build_query nests them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")  # assumed: see specs/readings.yaml#qc.time


def encode(parameters: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the pairs of a form; what is None is not sent."""
    return [pair for name, value in parameters.items() for pair in _pairs(name, value)]


def joined(values: Iterable[object] | str | None, separator: str) -> str | None:
    """Return a list as the document writes it in one string; a string is taken as it is.

    Raises ValueError for a value that holds the separator, which would become two.
    """
    if values is None or isinstance(values, str):
        return values
    texts = [_scalar(value) for value in values]
    for text in texts:
        if separator in text:
            raise ValueError(f"{text!r} holds the separator {separator!r}")
    return separator.join(texts)


def _pairs(name: str, value: object) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _pairs(f"{name}[{key}]", below)
    elif isinstance(value, list | tuple | set | frozenset):
        for index, below in enumerate(value):
            yield from _pairs(f"{name}[{index}]", below)
    else:
        yield name, _scalar(value)


def _scalar(value: object) -> str:
    match value:
        case bool():
            written = str(int(value))
        case Enum():
            written = str(value.value)
        case str() | int():
            written = str(value)
        case Decimal() if value.is_finite():
            written = f"{value:f}"
        case datetime() if value.tzinfo is not None:
            written = value.astimezone(MOSCOW).strftime("%Y-%m-%d %H:%M:%S")
        case datetime():
            raise ValueError(f"{value} has no time zone; the service's is {MOSCOW.key}")
        case date():
            written = value.isoformat()
        case time():
            written = value.strftime("%H:%M:%S" if value.second else "%H:%M")
        case _:
            raise TypeError(f"{value!r} cannot be sent: {type(value).__name__} (amounts are Decimal)")
    return written
