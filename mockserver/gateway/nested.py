"""Assemble pairs with PHP's array names (`a[0][b]`, `a[]`) into a tree of texts, lists and mappings."""

import re
from collections.abc import Iterable
from typing import Any

SEGMENT = re.compile(r"\[([^\]]*)\]")
INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
BLANKS = (" ", "\t", "\n", "\r", "\v", "\f")  # one of them between brackets is as nothing; more are a key
MAX_DEPTH = 16


class NestedTooDeepError(Exception):
    """A parameter's name nests deeper than MAX_DEPTH."""


class Repeated(list[str]):
    """The values of a plain name that was sent more than once."""


class _Array(dict[str, Any]):
    """A PHP array under construction: keys in order, and the next free index."""

    next_index = 0

    def key(self, segment: str) -> str:
        key = segment or str(self.next_index)
        if INDEX.fullmatch(key) and int(key) >= self.next_index:
            self.next_index = int(key) + 1
        return key


def assemble(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the tree that PHP's $_POST would hold, except that a repeated plain name keeps all its values."""
    root = _Array()
    for name, value in pairs:
        base, path = _parts(name) if "[" in name else (_php_name(name), None)
        if not path:
            earlier = root.get(base)
            if isinstance(earlier, str):
                root[base] = Repeated([earlier, value])
            elif isinstance(earlier, Repeated):
                earlier.append(value)
            else:
                root[base] = value
            continue
        _place(root, base, path, value)
    return {key: _settle(value) for key, value in root.items()}


def _parts(name: str) -> tuple[str, list[str]]:
    bracket = name.find("[")
    if not bracket:
        return _php_name(name), []
    base = name[:bracket]
    path: list[str] = []
    position = bracket
    while (match := SEGMENT.match(name, position)) is not None:
        path.append("" if match[1] in BLANKS else match[1])
        position = match.end()
        if len(path) > MAX_DEPTH:
            raise NestedTooDeepError(_php_name(base))
    return (_php_name(base), path) if path else (_php_name(name), [])


def _php_name(base: str) -> str:
    return base if base.isidentifier() else base.lstrip(" ").replace(".", "_").replace(" ", "_").replace("[", "_")


def _place(root: _Array, base: str, path: list[str], value: str) -> None:
    array, key = root, base
    for segment in path:
        below = array.get(key)
        if not isinstance(below, _Array):
            below = array[key] = _Array()
        array, key = below, below.key(segment)
    array[key] = value


def _settle(value: Any) -> Any:
    if not isinstance(value, _Array):
        return value
    settled = {key: _settle(below) for key, below in value.items()}
    if list(settled) == [str(index) for index in range(len(settled))]:
        return list(settled.values())
    return settled
