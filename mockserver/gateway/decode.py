"""Turn a request's query and body into the tree of parameters the vendor would see."""

import re
from collections.abc import Iterator
from typing import Any, AnyStr

import orjson

from apidouble.mockserver.domain.call import Diagnostics, UnreadableError
from apidouble.mockserver.gateway.nested import NestedTooDeepError, assemble
from apidouble.mockserver.spec.model import FORM

MAX_BODY_BYTES = 2 * 1024 * 1024
MAX_FIELDS = 1000
MULTIPART = "multipart/form-data"
ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
PART_NAME = re.compile(r'[;\s]name="((?:\\"|[^"])*)', re.IGNORECASE)


def decode_query(query: str) -> dict[str, Any]:
    """Return the parameters of a query string."""
    return _form(query.encode("utf-8", "surrogateescape"))


def decode_body(content_type: str, body: bytes, diagnostics: Diagnostics, *, read_json: bool) -> dict[str, Any]:
    """Return the parameters of a body; raise UnreadableError for one that cannot be read at all."""
    if len(body) > MAX_BODY_BYTES:
        raise UnreadableError("body_too_large", limit=MAX_BODY_BYTES)
    if content_type in (FORM, ""):
        return _form(body)
    media_type, options = _media_type(content_type)
    if media_type == MULTIPART:
        return _tree(_multipart(body, options.get("boundary", ""), diagnostics))
    if media_type in (FORM, ""):
        return _form(body)
    if media_type == "application/json" and read_json:
        return _json(body)
    if body:
        diagnostics.note(f"a body of type {media_type} is not read: send {FORM} or {MULTIPART}")
    return {}


def decode_pairs(content_type: str, body: bytes, diagnostics: Diagnostics) -> list[tuple[str, str]]:
    """Return the names and values of a form, as they stand in it; raise UnreadableError as decode_body does."""
    media_type, options = _media_type(content_type)
    if media_type == MULTIPART:
        return list(_multipart(body, options.get("boundary", ""), diagnostics))
    return list(_urlencoded(body))


def _media_type(content_type: str) -> tuple[str, dict[str, str]]:
    from werkzeug.http import parse_options_header

    return parse_options_header(content_type)


def _form(body: bytes) -> dict[str, Any]:
    """Return the parameters of a form, at once where no name is nested, escaped or repeated."""
    tree: dict[str, Any] = {}
    try:
        for pair in _split(body.decode(), "&"):
            name, _, value = pair.partition("=")
            if name in tree or not name.isidentifier():
                return _tree(_urlencoded(body))
            tree[name] = _unquoted(value.encode()).decode() if "%" in value or "+" in value else value
    except UnicodeDecodeError:
        return _tree(_urlencoded(body))
    return tree


def _tree(pairs: Iterator[tuple[str, str]]) -> dict[str, Any]:
    try:
        return assemble(pairs)
    except NestedTooDeepError as error:
        raise UnreadableError("nested_too_deep", parameter=str(error)) from error


def _urlencoded(body: bytes) -> Iterator[tuple[str, str]]:
    for pair in _split(body, b"&"):
        if pair:
            written, _, value = pair.partition(b"=")
            name = _unquoted(written)
            yield _utf8(name, name), _utf8(_unquoted(value), name)


def _split(form: AnyStr, separator: AnyStr) -> list[AnyStr]:
    if form.count(separator) >= MAX_FIELDS:
        raise UnreadableError("too_many_fields", limit=MAX_FIELDS)
    return form.split(separator)


def _unquoted(written: bytes) -> bytes:
    if b"+" in written:
        written = written.replace(b"+", b" ")
    return ESCAPES.sub(_unescaped, written) if b"%" in written else written


def _unescaped(escapes: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escapes[0].replace(b"%", b"").decode())


def _multipart(body: bytes, boundary: str, diagnostics: Diagnostics) -> Iterator[tuple[str, str]]:
    from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

    if not boundary:
        raise UnreadableError("body_malformed")
    decoder = MultipartDecoder(boundary.encode("utf-8", "replace"), max_parts=MAX_FIELDS)
    decoder.receive_data(body)
    decoder.receive_data(None)
    name, value = None, bytearray()
    try:
        while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
            if isinstance(event, Field):
                name = _part_name(event.headers["content-disposition"], event.name)
            elif isinstance(event, File):
                diagnostics.note(f"{event.name}: a file upload is not read")
                name = None
            elif isinstance(event, Data) and name is not None:
                value += event.data
                if not event.more_data:
                    yield name, _utf8(bytes(value), name.encode())
                    name, value = None, bytearray()
    except UnreadableError:
        raise
    except Exception as error:  # werkzeug raises RequestEntityTooLarge past max_parts, ValueError elsewhere
        too_many = type(error).__name__ == "RequestEntityTooLarge"
        raise UnreadableError("too_many_fields" if too_many else "body_malformed", limit=MAX_FIELDS) from error


def _part_name(disposition: str, otherwise: str) -> str:
    """Return the name of a part as PHP reads it: a backslash stands for itself, but before a quote or another one."""
    found = PART_NAME.search(disposition)
    return re.sub(r'\\(["\\])', r"\1", found[1]) if found else otherwise


def _utf8(raw: bytes, name: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableError("body_unreadable", parameter=name.decode("utf-8", "replace")) from None


def _json(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UnreadableError("body_malformed") from error
    return {k: _as_text(v) for k, v in document.items() if v is not None} if isinstance(document, dict) else {}


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _as_text(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_as_text(v) for v in value]
    if isinstance(value, bool):
        return str(int(value))
    return "" if value is None else str(value)
