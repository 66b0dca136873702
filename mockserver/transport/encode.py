"""Encode what an answer's schema has written as JSON or XML bytes."""

from typing import Any
from xml.etree import ElementTree as ET

import orjson


def encode_json(written: Any, *, escape_slashes: bool = False) -> bytes:
    """Return JSON; with slashes escaped as PHP's json_encode does, where the vendor's documents show it."""
    encoded = orjson.dumps(written)
    if escape_slashes:
        encoded = encoded.replace(b"/", b"\\/")
    return b"".join((encoded, b""))  # not what orjson returned: that keeps a buffer of 16 KiB alive


def encode_xml(root: ET.Element, *, declaration: bool = False) -> bytes:
    """Return XML in UTF-8, empty elements as pairs of tags."""
    encoded: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=declaration, short_empty_elements=False)
    return encoded
