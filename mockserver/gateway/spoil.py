"""Turn a vendor's answer into what a fault makes of it."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from xml.etree import ElementTree as ET

import orjson

from apidouble.mockserver.domain.call import RESET, TRUNCATED, Delivery, Response
from apidouble.mockserver.domain.faults import Fault
from apidouble.mockserver.gateway.encode import encode_json, encode_xml
from apidouble.mockserver.spec.model import VendorSpec

HTML = "text/html; charset=utf-8"
NOTHING = Response(200, HTML, b"")
ANNOUNCED_BYTES = 64  # by the head of an answer that breaks off before there is one
PAGE = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
TITLES = {503: "Service Temporarily Unavailable", 504: "Gateway Time-out"}  # as nginx words them


def spoil(fault: Fault, answer: Response | None, spec: VendorSpec) -> Response | None:
    """Return what goes out in place of an answer, or of none before the commit; None if there is nothing to spoil."""
    whole = answer or NOTHING
    spoilt = SPOILERS[fault.kind](fault, whole, spec) if fault.kind in SPOILERS else whole
    if spoilt is None:
        return None
    ending, sent = spoilt.delivery.ending, 0
    if fault.kind == "reset":
        ending = RESET
    elif fault.kind == "truncated":
        ending = TRUNCATED
        size = len(spoilt.body)
        sent = 0 if answer is None else size // 2 if fault.bytes is None else min(fault.bytes, max(size - 1, 0))
    return spoilt._replace(delivery=Delivery(fault.delay_ms, ending, sent))


def _padded(_: Fault, whole: Response, __: VendorSpec) -> Response:
    return whole if whole.body else whole._replace(body=b" " * ANNOUNCED_BYTES)


def _mislabelled(fault: Fault, whole: Response, _: VendorSpec) -> Response:
    return whole._replace(content_type=fault.content_type or HTML)


def _html(_: Fault, __: Response, ___: VendorSpec) -> Response:
    return Response(200, HTML, PAGE.format("Welcome to nginx!").encode())


def _bodiless(_: Fault, whole: Response, __: VendorSpec) -> Response:
    return whole._replace(status=200, body=b"")


def _broken(fault: Fault, _: Response, __: VendorSpec) -> Response:
    return _page(fault.status or HTTPStatus.BAD_GATEWAY)


def _throttled(fault: Fault, _: Response, __: VendorSpec) -> Response:
    return _page(HTTPStatus.TOO_MANY_REQUESTS)._replace(retry_after=str(fault.retry_after_s))


def _empty(_: Fault, whole: Response, spec: VendorSpec) -> Response | None:
    return _edited(whole, spec, _emptied, _empty_elements)


def _strange(fault: Fault, whole: Response, spec: VendorSpec) -> Response | None:
    names, code = spec.faults.status_fields, fault.code

    def restate(value: Any) -> Any:
        return _restated(value, names, code)

    def restate_elements(root: ET.Element) -> None:
        for element in root.iter():
            if element.tag in names and _is_number((element.text or "").strip()):
                element.text = str(code)

    return _edited(whole, spec, restate, restate_elements)


def _misshapen(fault: Fault, whole: Response, spec: VendorSpec) -> Response | None:
    return _edited(whole, spec, lambda value: _reshaped(value, spec.faults.message_fields, fault.shape))


SPOILERS: Mapping[str, Callable[[Fault, Response, VendorSpec], Response | None]] = {
    "truncated": _padded,
    "content_type": _mislabelled,
    "html": _html,
    "empty_body": _bodiless,
    "server_error": _broken,
    "throttle": _throttled,
    "empty_fields": _empty,
    "unknown_status": _strange,
    "message_shape": _misshapen,
}


def _page(status: int) -> Response:
    title = TITLES.get(status, HTTPStatus(status).phrase)
    return Response(status, HTML, PAGE.format(f"{int(status)} {title}").encode())


def _edited(
    whole: Response,
    spec: VendorSpec,
    edit: Callable[[Any], Any],
    edit_xml: Callable[[ET.Element], None] | None = None,
) -> Response | None:
    """Return the answer with another content, None where that is the same."""
    if whole.content_type.startswith("text/xml"):
        root = ET.fromstring(whole.body)  # noqa: S314 (our own)
        if edit_xml is not None:
            edit_xml(root)
        text = ET.tostring(root, encoding="unicode", short_empty_elements=False)
        body = encode_xml(text, declaration=whole.body.startswith(b"<?xml"))
    else:
        content = orjson.loads(whole.body)
        edited = edit(content)
        if edited == content:
            return None
        body = encode_json(edited, escape_slashes=bool(spec.document.get("x-escaped-slashes")))
    return None if body == whole.body else whole._replace(body=body)


def _emptied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _emptied(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_emptied(inner) for inner in value]
    return ""


def _empty_elements(root: ET.Element) -> None:
    for element in root.iter():
        if not len(element):
            element.text = None


def _restated(value: Any, names: tuple[str, ...], code: int | None) -> Any:
    if isinstance(value, list):
        return [_restated(inner, names, code) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        name: type(inner)(code) if name in names and _is_number(inner) else _restated(inner, names, code)
        for name, inner in value.items()
    }


def _is_number(value: Any) -> bool:
    return type(value) is int or (isinstance(value, str) and value.isdecimal())


def _reshaped(value: Any, names: tuple[str, ...], shape: str | None) -> Any:
    """Rename the list of messages, or put its first one in its place."""
    if not isinstance(value, dict):
        return value
    present = [name for name in names if isinstance(value.get(name), list)]
    if shape == "object":
        return {name: inner[0] if name in present else inner for name, inner in value.items()}
    if len(present) != 1:
        return value
    other = {present[0]: next(name for name in names if name != present[0])}
    return {other.get(name, name): inner for name, inner in value.items()}
