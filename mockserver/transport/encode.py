"""Encode what an answer's schema has written as JSON or XML bytes."""

from typing import Any

import orjson

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
