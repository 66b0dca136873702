"""Read YAML files, and find the line of anything in them when something is wrong with it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from apidouble.mockserver.domain.shown import shown
from apidouble.mockserver.spec.cache import kept
from apidouble.specs import ROOT

Resolve = Callable[[Any], dict[str, Any]]

MOST_PROBLEMS = 500
MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 1_000_000  # with those that aliases repeat
SCHEMA = ROOT / "extensions.schema.json"


class SpecError(Exception):
    """The specs do not hold together: each problem with its file and line."""

    def __init__(self, *problems: str) -> None:
        self.problems = tuple(map(shown, problems[:MOST_PROBLEMS]))
        if len(problems) > MOST_PROBLEMS:
            self.problems += (f"and {len(problems) - MOST_PROBLEMS} more",)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Source:
    """One spec file: its plain content, and the way back to its lines. Two are equal when their text is."""

    path: Path
    content: Any = field(compare=False, repr=False)
    text: bytes = field(repr=False)

    @classmethod
    def read(cls, path: Path, kind: str = "") -> "Source":
        """Read a file, and see that it is of a kind that extensions.schema.json defines, if one is named.

        Raises SpecError with file and line. The content of a file with a kind is shared: do not change it.
        """
        try:
            with path.open("rb") as file:
                text = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise SpecError(f"{path}: {error.strerror}") from error
        return _judged(path, text, kind) if kind else cls(path, _content(path, text), text)

    @classmethod
    def parse(cls, path: Path, text: bytes) -> "Source":
        """Make sense of the text of a file, or raise SpecError with the line where it stops being YAML."""
        return cls(path, _parsed(path, text), text)

    def admitted(self, kind: str) -> "Source":
        """Return the same, if it is of that kind; otherwise raise SpecError with file and line."""
        problems = sorted(validator(kind).iter_errors(self.content), key=lambda error: list(map(str, error.path)))
        if problems:
            raise SpecError(*(f"{self.at(*error.path)}: {error.message}" for error in problems))
        return self

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


@lru_cache(maxsize=64)
def _judged(path: Path, text: bytes, kind: str) -> Source:
    return Source(path, _content(path, text, kind), text)


def _content(path: Path, text: bytes, kind: str = "") -> Any:
    """Return what a file holds: one of the package's own, if it can be, from the cache."""
    if ROOT not in path.parents:
        return _admitted(path, text, kind)
    name = "-".join(path.relative_to(ROOT).with_suffix(".marshal").parts)
    ingredients = (text, Path(__file__).read_bytes(), SCHEMA.read_bytes() if kind else b"")
    return kept(name, ingredients, lambda: _admitted(path, text, kind))


def _admitted(path: Path, text: bytes, kind: str) -> Any:
    source = Source.parse(path, text)
    return source.admitted(kind).content if kind else source.content


@cache
def validator(kind: str) -> Any:
    """Return what judges content by a kind that extensions.schema.json defines."""
    import jsonschema

    definitions = json.loads(SCHEMA.read_bytes())["$defs"]
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": definitions})


def _parsed(path: Path, text: bytes) -> Any:
    import yaml

    try:
        _measure(path, text)
        return yaml.load(text, _plain_loader())  # noqa: S506 (a safe loader's subclass)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SpecError(f"{path}:{line}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise SpecError(f"{path}: {error}") from error
    except (ValueError, RecursionError) as error:  # 2021-13-99, or a number of a million digits
        raise SpecError(f"{path}: it holds what is no value: {error}") from error


def _measure(path: Path, text: bytes) -> None:
    """Raise SpecError for a text that is too long, nests too deep, or grows too large by its aliases."""
    import yaml

    if len(text) > MAX_BYTES:
        raise SpecError(f"{path}: larger than {MAX_BYTES:,} bytes")
    sizes: dict[str | None, int] = {}
    above: list[tuple[str | None, int]] = []  # of each open collection its anchor, and how many nodes came before
    nodes = 0
    for event in yaml.parse(text, _loader()):
        line = event.start_mark.line + 1 if event.start_mark else 1
        anchor = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent):
            if anchor in (name for name, _ in above):
                raise SpecError(f"{path}:{line}: *{anchor} stands within itself")
            nodes += sizes.get(anchor, 1)
        elif isinstance(event, yaml.NodeEvent):
            nodes += 1
            sizes[anchor] = 1
            if isinstance(event, yaml.CollectionStartEvent):
                above.append((anchor, nodes - 1))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = above.pop()
            sizes[anchor] = nodes - before
        if len(above) > MAX_DEPTH or nodes > MAX_NODES:
            raise SpecError(
                f"{path}:{line}: more than {MAX_DEPTH} levels, or {MAX_NODES:,} values with those that aliases repeat"
            )


def _loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def _plain_loader() -> Any:
    """Return a loader that leaves dates and times as the text they are."""
    loader = _loader()
    resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in loader.yaml_implicit_resolvers.items()
    }
    return type("PlainLoader", (loader,), {"yaml_implicit_resolvers": resolvers})


@lru_cache(maxsize=4)
def _compose(text: bytes) -> Any:
    import yaml

    return yaml.compose(text, _loader())


def _step(node: Any, key: str | int, line: int) -> tuple[Any, int]:
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if str(key_node.value) == str(key):
                return value_node, key_node.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key], node.value[key].start_mark.line + 1
    return None, line


def _visit(node: Any, path: Path, found: list[str]) -> None:
    import yaml

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
