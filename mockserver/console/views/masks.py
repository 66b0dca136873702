"""Texts of a call without the keys in them, until somebody asks for them."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote_plus

from apidouble.mockserver.domain.journal import Entry
from apidouble.mockserver.domain.world import World
from apidouble.mockserver.vendors.qcomment import VENDOR as QCOMMENT
from apidouble.mockserver.vendors.qqtube import VENDOR as QQTUBE

KEY_NAMES = frozenset({QCOMMENT.key, QQTUBE.key})
DOTS = "••••••••"
LEAST = 6  # shorter values are words of everyday; they are masked where they stand for a key, and not everywhere
NAMES = "|".join(sorted(KEY_NAMES))
JSON_FIELD = re.compile(rf'("(?:{NAMES})"\s*:\s*")((?:[^"\\]|\\.)*)(")')
PART = re.compile(rf'(name="(?:{NAMES})"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)([^\r\n]*)()')


class Mask:
    """Hides keys in what is shown of one world, and of one of its calls if one is given.

    `instead` is what stands in the place of a key.
    """

    def __init__(self, world: World, entry: Entry | None = None, *, shown: bool = False, instead: str = DOTS) -> None:
        self.shown, self._instead = shown, instead
        keys = {str(account.key) for account in world.accounts.values()}
        if entry is not None:
            keys |= {value for value in map(entry.parameters.get, KEY_NAMES) if isinstance(value, str)}
            keys |= set(entry.request.authorization.split()[1:])
        self._keys = sorted((key for key in keys if len(key) >= LEAST), key=len, reverse=True)

    @staticmethod
    def strip(parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return parameters but for the key."""
        return {name: value for name, value in parameters.items() if name not in KEY_NAMES}

    def text(self, text: str) -> str:
        """Return a text without keys."""
        if self.shown:
            return text
        for key in self._keys:
            text = text.replace(key, self._instead)
        for pattern in (JSON_FIELD, PART):
            text = pattern.sub(lambda found: f"{found[1]}{self._instead}{found[3]}", text)
        return text

    def form(self, text: str) -> str:
        """Return an urlencoded form, or a query, without keys, however they are written."""
        if self.shown:
            return text
        return self.text("&".join(self._pair(pair) for pair in text.split("&")))

    def tree(self, value: Any, name: str = "") -> Any:
        """Return parameters without keys."""
        if self.shown:
            return value
        if name in KEY_NAMES:
            return self._instead
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.tree(inner, str(key)) for key, inner in value.items()}
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Iterable):
            return [self.tree(inner) for inner in value]
        return value

    def _pair(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        if value and unquote_plus(name).strip() in KEY_NAMES:
            return f"{name}{equals}{self._instead}"
        return pair
