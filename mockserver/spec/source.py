"""Read YAML files, and find the line of anything in them when something is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class SpecError(Exception):
    """The specs do not hold together: each problem with its file and line."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _PlainLoader(Loader):  # type: ignore[misc]
    """Leaves dates and times as the text they are."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in Loader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Source:
    """One spec file: its plain content, and the way back to its lines. Two are equal when their text is."""

    path: Path
    content: Any = field(compare=False, repr=False)
    text: bytes = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> "Source":
        """Read a file, or raise SpecError with the line where it stops being YAML."""
        try:
            return cls.parse(path, path.read_bytes())
        except OSError as error:
            raise SpecError(f"{path}: {error.strerror}") from error

    @classmethod
    def parse(cls, path: Path, text: bytes) -> "Source":
        """Make sense of the text of a file, or raise SpecError with the line where it stops being YAML."""
        try:
            return cls(path, yaml.load(text, _PlainLoader), text)  # noqa: S506 (a safe loader's subclass)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise SpecError(f"{path}:{line}: {error.problem}") from error
        except yaml.YAMLError as error:
            raise SpecError(f"{path}: {error}") from error

    def at(self, *keys: str | int) -> str:
        """Return "file:line" of the value under these keys, or of the nearest thing above it that exists."""
        node = _compose(self.text)
        line = node.start_mark.line + 1 if node else 1
        for key in keys:
            node, line = _step(node, key, line)
            if node is None:
                break
        return f"{self.path}:{line}"

    def repeated_keys(self) -> list[str]:
        """Name every mapping key that is written twice, with its line; YAML itself would keep the last."""
        found: list[str] = []
        _visit(_compose(self.text), self.path, found)
        return found


@lru_cache(maxsize=4)
def _compose(text: bytes) -> Any:
    return yaml.compose(text, Loader)


def _step(node: Any, key: str | int, line: int) -> tuple[Any, int]:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if str(key_node.value) == str(key):
                return value_node, key_node.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key], node.value[key].start_mark.line + 1
    return None, line


def _visit(node: Any, path: Path, found: list[str]) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key_node, value_node in node.value:
            if key_node.value in seen:
                found.append(f"{path}:{key_node.start_mark.line + 1}: the key {key_node.value!r} is written twice")
            seen.add(key_node.value)
            _visit(value_node, path, found)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _visit(item, path, found)


def resolve(document: Any, schema: Any) -> Any:
    """Follow a local $ref, letting the keys beside it win; anything else is returned as it is."""
    if not (isinstance(schema, dict) and "$ref" in schema):
        return schema
    target: Any = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        target = target[part.replace("~1", "/").replace("~0", "~")]
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    return {**resolve(document, target), **beside}


def walk(value: Any, keys: Sequence[str | int] = ()) -> Any:
    """Yield every mapping in a document with the keys that lead to it."""
    if isinstance(value, dict):
        yield tuple(keys), value
        for key, below in value.items():
            yield from walk(below, (*keys, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from walk(below, (*keys, index))
