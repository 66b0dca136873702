"""Texts from outside into texts that may be shown: no sign that steers a terminal or forges a line, no key, no flood.

Every edge that prints (log, terminal, transcripts, messages of errors) hands what it shows through here.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus

LONGEST_CHARS = 2000
MASK = "***"
LAST_OF_TWO_DIGITS = 0xFF

# C0, DEL and C1, what turns the direction of a line or breaks it, what cannot be encoded, and what marks no sign.
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
UNSAFE_IN_LINES = re.compile(UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))
KEY_NAMES = frozenset({"apicode", "apikey", "key", "token", "secret", "password", "authorization", "apitoken"})
SHORTEST_KEY = 8  # of what is taken for a key wherever it stands


def shown(text: object, most: int = LONGEST_CHARS) -> str:
    """Return a text as one line of no more than so many characters, each steering sign escaped."""
    return _escaped(UNSAFE, shortened(str(text), most))


def shown_lines(text: object, most: int = 100 * LONGEST_CHARS) -> str:
    """Return a text of several lines in the same way, its line ends kept."""
    return _escaped(UNSAFE_IN_LINES, shortened(str(text), most))


def shortened(text: str, most: int = LONGEST_CHARS) -> str:
    """Return a text whose middle is left out where it is too long."""
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"


def is_key(name: str) -> bool:
    """Tell whether a parameter of this name holds a key: a vendor's name for it, or one near to that."""
    return re.sub(r"[^a-z]", "", name.lower()).removesuffix("s") in KEY_NAMES


def masked(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters with a mask in the place of each key."""
    return {name: MASK if is_key(name) else _masked_below(value) for name, value in parameters.items()}


def without(text: str, *secrets: str) -> str:
    """Return a text with a mask wherever one of the secrets stands, as it is or as addresses write it."""
    for secret in secrets:
        if len(secret) >= SHORTEST_KEY:
            for written in {secret, quote(secret, ""), quote_plus(secret)}:
                text = text.replace(written, MASK)
    return text


def _masked_below(value: Any) -> Any:
    if isinstance(value, Mapping):
        return masked(value)
    return [_masked_below(each) for each in value] if isinstance(value, list) else value


def _escaped(unsafe: re.Pattern[str], text: str) -> str:
    return unsafe.sub(_escape, text) if unsafe.search(text) else text


def _escape(sign: re.Match[str]) -> str:
    code = ord(sign[0])
    return f"\\x{code:02x}" if code <= LAST_OF_TWO_DIGITS else f"\\u{code:04x}"
