"""Findings into a patch of the specs that would settle them, as a unified diff to read before it is applied."""

import difflib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from apidouble.mockserver.live.judging.findings import Finding, shown
from apidouble.mockserver.live.judging.nodes import Node
from apidouble.mockserver.live.recording.pseudonyms import WORD
from apidouble.mockserver.spec.source import Source

TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}
OBSERVED = "x-evidence: observed"
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
Keys = tuple[str | int, ...]


class Edit(NamedTuple):
    """A piece of a file and what is to stand in its place."""

    start: int
    end: int
    text: str


class NoPatchError(Exception):
    """Nothing in the specs says it, so nothing can be patched; the text says why."""


def propose(findings: Iterable[Finding], readings: Source, words: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Yield the lines of a patch, and a comment for each finding that no change of the specs would settle.

    `words` are those of each vendor that recordings keep; any other is a pseudonym and no fact.
    """
    sheets: dict[Path, _Sheet] = {}
    unsettled = []
    for finding in findings:
        try:
            for source, make in _edits(finding, readings, words[finding.vendor]):
                sheet = sheets.setdefault(source.path, _Sheet(source))
                make(sheet)
        except NoPatchError as reason:
            unsettled.append(f"# {finding.line}: {finding.operation}: {finding.said}: {reason}\n")
    yield from unsettled
    for sheet in sheets.values():
        yield from sheet.diff()


class _Sheet:
    """One file and the edits to it; equal edits are made once."""

    def __init__(self, source: Source) -> None:
        self.source, self.text = source, source.text.decode()
        self.root = yaml.compose(self.text, yaml.SafeLoader)
        self.edits: dict[Edit, None] = {}

    def node(self, keys: Keys) -> Any:
        """Return the YAML node under keys; raise NoPatchError where there is none."""
        node = self.root
        for key in keys:
            if isinstance(node, yaml.MappingNode):
                node = next((value for name, value in node.value if str(name.value) == str(key)), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
                node = node.value[key]
            else:
                node = None
            if node is None:
                raise NoPatchError("its place is not written as one can patch it")
        return node

    def replace(self, node: Any, text: str) -> None:
        """Put a text in the place of a value."""
        self.edits[Edit(node.start_mark.index, _end(node), text)] = None

    def insert_first(self, node: Any, text: str) -> None:
        """Put an entry before the first one of a mapping."""
        first = node.value[0][0].start_mark
        after = ", " if node.flow_style else "\n" + " " * first.column
        self.edits[Edit(first.index, first.index, text + after)] = None

    def append(self, node: Any, text: str) -> None:
        """Put an item after the last one of a list."""
        last = node.value[-1]
        at = _end(last)
        lead = ", " if node.flow_style else "\n" + " " * (last.start_mark.column - 2) + "- "
        self.edits[Edit(at, at, lead + text)] = None

    def remove(self, node: Any, value: str) -> None:
        """Take an item out of a list."""
        found = next((i for i, item in enumerate(node.value) if item.value == value), None)
        if found is None:
            raise NoPatchError("it is required by a reading, not by a list")
        item = node.value[found]
        if node.flow_style:
            rest = [self.text[i.start_mark.index : _end(i)] for i in node.value if i is not item]
            self.replace(node, f"[{', '.join(rest)}]")
        else:
            start = self.text.rindex("\n", 0, item.start_mark.index)
            self.edits[Edit(start, _end(item), "")] = None

    def diff(self) -> Iterator[str]:
        """Yield the unified diff of all edits; of two that touch, the first stands."""
        text, last = self.text, len(self.text) + 1
        for edit in sorted(self.edits, reverse=True):
            if edit.end < last or (edit.start == edit.end == last):
                text = text[: edit.start] + edit.text + text[edit.end :]
                last = edit.start
        name = shown(self.source.path)
        lines = (self.text.splitlines(keepends=True), text.splitlines(keepends=True))
        yield from difflib.unified_diff(*lines, f"a/{name}", f"b/{name}")


def _edits(finding: Finding, readings: Source, words: Collection[str]) -> Iterator[tuple[Source, Any]]:
    source, seen = finding.source, finding.observed
    if (
        finding.kind in ("extra", "missing", "retyped", "value")
        and isinstance(seen, tuple)
        and isinstance(seen[0], Node)
    ):
        yield from _of_schema(finding, seen[0], seen[1], readings)
    elif finding.kind == "code" and isinstance(seen, tuple):
        code, text = seen
        yield source, lambda sheet: _new_code(sheet, finding.operation, code, _known_words(text, words))
    elif finding.kind == "code" and isinstance(seen, str):
        yield source, lambda sheet: _also_of(sheet, finding.keys, seen)
    elif finding.kind == "text" and finding.keys[-1] == "text":
        if _known_words(seen, words) != seen:
            raise NoPatchError("some of its words are pseudonyms: see the answer itself")
        yield source, lambda sheet: sheet.replace(sheet.node(finding.keys), _scalar(seen))
    else:
        raise NoPatchError("no line of the specs alone would settle it")


def _of_schema(finding: Finding, node: Node, seen: Any, readings: Source) -> Iterator[tuple[Source, Any]]:
    source = finding.source
    if finding.kind == "extra":
        name, value = seen
        switch = node.properties[name].schema.get("x-reading") if name in node.properties else None
        if switch:
            reading, values = next(iter(switch.items()))
            index = next(i for i, r in enumerate(readings.content["readings"]) if r["id"] == reading)
            keys = ("readings", index, "default")
            yield readings, lambda sheet: sheet.replace(sheet.node(keys), json.dumps(values[0]))
        elif not node.properties:
            raise NoPatchError("what it stands in has no fields")
        else:
            entry = f"{name if PLAIN.fullmatch(name) else json.dumps(name)}: {_schema(value)}"
            yield source, lambda sheet: sheet.insert_first(sheet.node((*node.keys, "properties")), entry)
    elif finding.kind == "missing":
        yield source, lambda sheet: sheet.remove(sheet.node((*node.keys, "required")), seen)
    elif finding.kind == "retyped":
        if node.keys != node.used:
            yield source, lambda sheet: sheet.replace(sheet.node(node.used), _schema(seen))
        else:
            kind = "[string, 'null']" if seen is None else TYPES[type(seen)]
            yield source, lambda sheet: sheet.replace(sheet.node((*node.keys, "type")), kind)
    elif "enum" in node.schema:
        yield source, lambda sheet: sheet.append(sheet.node((*node.keys, "enum")), _scalar(seen))
    else:
        raise NoPatchError("what it is to look like instead, one answer does not tell")


def _known_words(text: str, words: Collection[str]) -> str:
    """Return a text with … for each word that is a pseudonym."""
    return WORD.sub(lambda m: m[0] if m[0].casefold() in words else "…", text)


def _new_code(sheet: _Sheet, operation: str, code: int, text: str) -> None:
    section, number = ("errors", "code") if "errors" in sheet.source.content else ("messages", "id")
    sheet.append(sheet.node(("numbers",)), str(code))
    lines = (
        f"{number}: {code}",
        f"operation: {operation}",
        f"text: {_scalar(text)}",
        "gloss: observed",
        "cause: The service answers it; the document does not have it.",
        "evidence: observed",
    )
    sheet.append(sheet.node((section,)), "\n  ".join(lines))


def _also_of(sheet: _Sheet, keys: Keys, operation: str) -> None:
    node = sheet.node(keys)
    if isinstance(node, yaml.SequenceNode):
        sheet.append(node, operation)
    else:
        sheet.replace(node, f"[{node.value}, {operation}]")


def _schema(value: Any) -> str:
    if value is None:
        return "{type: [string, 'null'], " + OBSERVED + "}"
    if isinstance(value, dict):
        return "{type: object, " + OBSERVED + ", additionalProperties: true}"
    if isinstance(value, list):
        return "{type: array, " + OBSERVED + ", items: " + (_schema(value[0]) if value else "{type: string}") + "}"
    return f"{{type: {TYPES[type(value)]}, {OBSERVED}}}"


def _scalar(value: Any) -> str:
    if isinstance(value, str) and (value.isdigit() or not value):
        return f"'{value}'"
    return (
        yaml.safe_dump(value, allow_unicode=True, width=10_000, default_flow_style=True).removesuffix("...\n").strip()
    )


def _end(node: Any) -> int:
    """Return where the last piece of a value ends; a block goes on to the next token, which is not its own."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)
