"""Turn QComment's answers, JSON or XML, into one tree of plain values, and its refusals into exceptions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Never
from xml.etree import ElementTree as ET

from apidouble.client.errors import KINDS_OF_QCOMMENT, FailedError, Message, RefusedError, by_code
from apidouble.client.fields import is_keyed, unreadable
from apidouble.client.glosses import glosses
from apidouble.client.transport import Answer

KIND_OF_CODE = by_code(KINDS_OF_QCOMMENT)
MAX_DEPTH = 16
HTTP_ERROR = 300


@dataclass(frozen=True, slots=True)
class Told:
    """A success: its tree, and for XML the names and trees of the root's children, in order."""

    answer: Answer
    tree: Any
    root: str = ""
    children: tuple[tuple[str, Any], ...] = ()

    def record(self) -> Mapping[str, Any]:
        """Return the answer as one object."""
        if self.root not in ("", "result"):
            raise unreadable(self.answer, f"<{self.root}> instead of <result>")
        if not isinstance(self.tree, Mapping):
            raise unreadable(self.answer, "not an object")
        return self.tree

    def done(self) -> Mapping[str, Any]:
        """Return the answer as one object whose status says ok."""
        record = self.record()
        if record.get("status") != "ok":
            raise unreadable(self.answer, f"status is not ok but {record.get('status')!r}")
        return record

    def rows(self, root: str, row: str) -> list[Any]:
        """Return the answer as a list: an object keyed by id, a list, or the children of XML's root."""
        if self.root:
            words = not self.children and str(self.tree).strip()
            if self.root != root or words or any(name != row for name, _ in self.children):
                raise unreadable(self.answer, f"not a <{root}> of <{row}>")
            return [tree for _, tree in self.children]
        if isinstance(self.tree, list):
            return self.tree
        if not isinstance(self.tree, Mapping) or not is_keyed(self.tree):
            raise unreadable(self.answer, "not a list")
        return [
            {"id": key.rpartition("_")[2], **row} if isinstance(row, Mapping) else row for key, row in self.tree.items()
        ]

    def one_or_rows(self, row: str) -> list[Any]:
        """Return the answer as a list, where a list of one may be the bare object."""
        if self.root:
            return self.rows("result", row) if any(name == row for name, _ in self.children) else [self.record()]
        return [self.tree] if isinstance(self.tree, Mapping) and "id" in self.tree else self.rows("result", row)


def read(answer: Answer) -> Told:
    """Read an answer in whichever format it came; raise the exception of a refusal.

    The format that was asked for is not relied on: what cannot read the call answers in its own.
    """
    body = answer.body.removeprefix(b"\xef\xbb\xbf").strip()
    if not body:
        raise unreadable(answer, "an empty answer")
    told = _read_xml(answer, body) if body.startswith(b"<") else _read_json(answer, body)
    if answer.status >= HTTP_ERROR:
        raise unreadable(answer, "an HTTP error")
    return told


def _read_json(answer: Answer, body: bytes) -> Told:
    try:
        tree = json.loads(body.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise unreadable(answer, "not JSON, or cut off") from None
    if isinstance(tree, Mapping):
        if "error_code" in tree:
            raise _refused(answer, tree["error_code"], tree.get("reason"))
        if tree.get("status") == "no":
            raise _failed(answer, tree.get("reason"))
    return Told(answer, tree)


def _read_xml(answer: Answer, body: bytes) -> Told:
    opening = body[:500].lower()
    if b"<html" in opening or b"<!doctype" in opening or b"<!ENTITY" in body:
        raise unreadable(answer, "a web page")
    try:
        root = ET.fromstring(body)  # noqa: S314 - entities are refused above, and expat bounds their growth
    except (ET.ParseError, ValueError, LookupError):
        raise unreadable(answer, "not XML, or cut off") from None
    tree = _plain(answer, root)
    if root.tag == "error":
        fields = tree if isinstance(tree, Mapping) else {}
        raise _refused(answer, fields.get("code"), fields.get("reason"))
    if root.tag == "result" and isinstance(tree, Mapping) and tree.get("status") == "no":
        raise _failed(answer, tree.get("reason"))
    return Told(answer, tree, str(root.tag), tuple((str(child.tag), _plain(answer, child)) for child in root))


def _plain(answer: Answer, element: ET.Element, depth: int = 0) -> Any:
    """Return an element's text, or its children by name; a name that repeats has a list."""
    if depth > MAX_DEPTH:
        raise unreadable(answer, "nested too deeply")
    if not len(element):
        return element.text or ""
    tree: dict[str, Any] = {}
    for child in element:
        name, value = str(child.tag), _plain(answer, child, depth + 1)
        if name not in tree:
            tree[name] = value
        elif isinstance(tree[name], list):
            tree[name].append(value)
        else:
            tree[name] = [tree[name], value]
    return tree


def _refused(answer: Answer, number: object, reason: object) -> Exception:
    written = str(number).strip()
    if isinstance(number, bool) or not (written.isascii() and written.isdigit() and len(written) < len("1000000000")):
        return unreadable(answer, f"an error without a number: {written[:20]!r}")
    code = int(written)
    message = Message(code, reason if isinstance(reason, str) else "", glosses("qcomment").of_code(code))
    return KIND_OF_CODE.get(code, RefusedError)((message,), answer.sent)


def _failed(answer: Answer, reason: object) -> FailedError:
    words = reason if isinstance(reason, str) else ""
    return FailedError(words, answer.sent, gloss=glosses("qcomment").of_reason(words))


def _refuse(constant: str) -> Never:
    raise ValueError(constant)
