"""Encode what an answer's schema has written as JSON or XML bytes."""

from collections.abc import Callable
from typing import Any

import orjson

from apidouble.mockserver.domain.memory import Memory

LONGEST_BYTES = 4000
ANSWERS: Memory[tuple[object, ...], bytes] = Memory(1000)  # by what wrote them, and the values
DECLARATION = "<?xml version='1.0' encoding='utf-8'?>"


def encode_json(written: Any, *, escape_slashes: bool = False) -> bytes:
    """Return JSON; with slashes escaped as PHP's json_encode does, where the vendor's documents show it."""
    encoded = orjson.dumps(written)
    if escape_slashes:
        encoded = encoded.replace(b"/", b"\\/")
    return b"".join((encoded, b""))  # not what orjson returned: that keeps a buffer of 16 KiB alive


def encode_xml(root: str, *, declaration: bool = False) -> bytes:
    """Return XML in UTF-8."""
    return (f"{DECLARATION}\n{root}" if declaration else root).encode()


def once(write: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    """Return a function that writes as `write` does, but not anew what it has written of the same values.

    Values that equal each other must be written alike.
    """

    def write_once(values: Any) -> bytes:
        if not isinstance(values, dict):
            return write(values)
        told = (write, *values, *values.values())
        try:
            written = ANSWERS.get(told)
        except TypeError:  # some of them are lists or mappings
            return write(values)
        if written is None:
            written = write(values)
            if len(written) <= LONGEST_BYTES:
                ANSWERS[told] = written
        return written

    return write_once
