"""Turn QQTube's answers into plain values, and whatever does not say success into exceptions."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Never

from apidouble.client.errors import (
    KINDS_BY_TEXT,
    KINDS_OF_QQTUBE,
    ApiError,
    FailedError,
    Message,
    RefusedError,
    by_code,
)
from apidouble.client.fields import unreadable
from apidouble.client.glosses import glosses
from apidouble.client.transport import Answer

KIND_OF_CODE = by_code(KINDS_OF_QQTUBE)
HTTP_ERROR = 300


def read(answer: Answer) -> Any:
    """Return an answer's tree; raise the exception of an error."""
    body = answer.body.removeprefix(b"\xef\xbb\xbf").strip()
    if not body:
        raise unreadable(answer, "an empty answer")
    try:
        tree = json.loads(body.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        web = body.startswith(b"<")
        raise unreadable(answer, "a web page" if web else "not JSON, or cut off") from None
    if isinstance(tree, Mapping):
        _check(answer, tree)
    if answer.status >= HTTP_ERROR:
        raise unreadable(answer, "an HTTP error")
    return tree


def _check(answer: Answer, tree: Mapping[str, Any]) -> None:
    """Raise the exception of an answer whose status is a word other than success, as the document wants it tested.

    The status of an order's progress is an object, and funds and services have none.
    """
    status = tree.get("status")
    if not isinstance(status, str) or status.strip() in ("", "success"):
        return
    told = [message for message in _messages(tree) if isinstance(message, Mapping)]
    texts = [str(message.get("message") or "") for message in told]
    codes = [_code(message.get("id")) for message in told]
    numbered = tuple(
        Message(code, text, glosses("qqtube").of_code(code))
        for code, text in zip(codes, texts, strict=True)
        if code is not None
    )
    raise _error(answer, numbered, "; ".join(texts) or f"status is {status!r}")


def _error(answer: Answer, messages: tuple[Message, ...], words: str) -> ApiError:
    if not messages:
        return FailedError(words, answer.sent, gloss=glosses("qqtube").of_reason(words))
    first = messages[0]
    kind = KINDS_BY_TEXT.get(first.text) or KIND_OF_CODE.get(first.code, RefusedError)
    return kind(messages, answer.sent)


def _messages(tree: Mapping[str, Any]) -> list[Any]:
    """Return the messages, under either of the document's two names (specs/readings.yaml#qq.message_key)."""
    found = tree.get("message", tree.get("messages"))
    if isinstance(found, str):
        return [{"message": found}]
    return list(found.values()) if isinstance(found, Mapping) else found if isinstance(found, list) else []


def _code(number: object) -> int | None:
    written = str(number)
    return int(written) if written.isascii() and written.isdigit() and len(written) < len("1000000000") else None


def _refuse(constant: str) -> Never:
    raise ValueError(constant)
