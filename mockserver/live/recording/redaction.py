"""An exchange as it was into one that may be kept: what the specs make public stays, all else gets a pseudonym."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from urllib3.filepost import encode_multipart_formdata

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.gateway.nested import Repeated
from apidouble.mockserver.live.judging import bodies
from apidouble.mockserver.live.judging.nodes import Kind, Node, kinds, request_node
from apidouble.mockserver.live.permit import Call
from apidouble.mockserver.live.recording.pseudonyms import WORD, Pseudonyms
from apidouble.mockserver.spec.model import FORM, JSON, XML, VendorSpec
from apidouble.mockserver.spec.source import walk

BOUNDARY = "apidouble"
FIELD_NAME = re.compile(r"[a-z]+(_[a-z]+)*")
MEDIA_TYPE = re.compile(
    r"(application/json|text/xml|text/html|text/plain|application/xml)(; ?charset=utf-8)?", re.IGNORECASE
)
PRIVATE_TYPE = "application/octet-stream"
DECLARATION = b"<?xml"
SHORT_NUMBER = "[0-9]{1,3}"


class Redactor:
    """Redacts the exchanges of one recording, so that equal values stay equal."""

    def __init__(self, spec: VendorSpec, key_name: str, pseudonyms: Pseudonyms) -> None:
        self.spec, self.key_name, self.pseudonyms = spec, key_name, pseudonyms
        self.texts = frozenset(texts(spec))
        self.words = vocabulary(spec)

    def request(self, call: Call, request: Request) -> Request:
        """Return the request with its parameters redacted; headers other than its kind of form are gone."""
        pairs = list(self._pairs(call))
        if request.method == "GET":
            return Request("GET", request.path, urlencode(pairs))
        if request.content_type.startswith("multipart/"):
            body, content_type = encode_multipart_formdata(pairs, BOUNDARY)
            return Request("POST", request.path, content_type=content_type, body=body)
        return Request("POST", request.path, content_type=FORM, body=urlencode(pairs).encode())

    def response(self, call: Call, response: Response) -> Response:
        """Return the answer redacted; of a body that is neither JSON nor XML only its looks are kept."""
        body = bodies.read(response.body)
        try:
            kept = self._body(call, body, response.body)
        except RecursionError:
            kept = _not_kept(bodies.Body("text/plain"), response.body)
        return Response(response.status, _media_type(response.content_type), kept)

    def _body(self, call: Call, body: bodies.Body, content: bytes) -> bytes:
        if body.media_type == JSON:
            kind = bodies.nearest(body, self._kinds(call, JSON))
            return json.dumps(self._json(body.values, kind.node if kind else None), ensure_ascii=False).encode(
                "utf-8", "replace"
            )
        if body.media_type == XML:
            kind = bodies.nearest(body, self._kinds(call, XML))
            root = self._xml(body.values, kind.node if kind else None)
            if kind is None:
                root.tag = self._element_name(root.tag)
            declared = content.lstrip().startswith(DECLARATION)
            encoded: bytes = ET.tostring(root, "utf-8", xml_declaration=declared)
            return encoded
        return _not_kept(body, content)

    def _kinds(self, call: Call, media_type: str) -> tuple[Kind, ...]:
        return kinds(self.spec.source, call.operation.id, call.operation.path, media_type)

    def _pairs(self, call: Call) -> Iterator[tuple[str, str]]:
        node = request_node(self.spec.source, call.operation.id)
        known: dict[str, Node] = {}
        for name, below in node.properties.items():
            for alias in (name, *below.schema.get("x-aliases", ())):
                known[alias] = below
        for name, value in call.tree.items():
            described = known.get(name)
            mistaken = any(name in p.schema.get("x-mistaken-for", ()) for p in node.properties.values())
            kept = name if described is not None or mistaken else self.pseudonyms.text(name)
            yield from self._parameter(kept, value, described)

    def _parameter(self, name: str, value: Any, node: Node | None) -> Iterator[tuple[str, str]]:
        if isinstance(value, Repeated):
            for each in value:
                yield name, self._sent(each, node)
        elif isinstance(value, list):
            for index, each in enumerate(value):
                yield from self._parameter(f"{name}[{index}]", each, node and node.items)
        elif isinstance(value, dict):
            for key, each in value.items():
                below = node.properties.get(key) if node else None
                kept = key if below is not None or key.isdigit() else self.pseudonyms.text(key)
                yield from self._parameter(f"{name}[{kept}]", each, below or (node.items if node else None))
        else:
            yield name, self._sent(value, node)

    def _sent(self, value: str, node: Node | None) -> str:
        separator = node.schema.get("x-split") if node else None
        if separator is not None and node is not None:
            return str(separator.join(self._sent(part, node.items) for part in value.split(separator)))
        if node is not None and ("x-catalog" in node.schema and value.isdigit() and len(value) <= 3):  # noqa: PLR2004
            return value
        return str(self._scalar(value, node))

    def _json(self, value: Any, node: Node | None) -> Any:
        if isinstance(value, dict):
            keyed = node is not None and "x-keyed" in node.schema
            made = {}
            for name, below in value.items():
                inner = (node.items if keyed else node.properties.get(name)) if node else None
                made[self._name(name, node, keyed=keyed, known=inner is not None)] = self._json(below, inner)
            return made
        if isinstance(value, list):
            return [self._json(below, node.items if node else None) for below in value]
        return self._scalar(value, node)

    def _xml(self, element: ET.Element, node: Node | None) -> ET.Element:
        made = ET.Element(element.tag)
        for name, value in element.attrib.items():
            made.set(self._element_name(name), self.pseudonyms.text(value))
        for below in element:
            inner = None
            if node is not None:
                inner = node.items if "array" in node.types else node.properties.get(below.tag)
                if inner is not None and "array" in inner.types and "array" not in node.types:
                    inner = inner.items
            child = self._xml(below, inner)
            if inner is None:
                child.tag = self._name(below.tag, node, keyed=False, known=False)
            elif "array" in (node.types if node else ()) and below.tag != inner.schema.get("xml", {}).get(
                "name", "item"
            ):
                child.tag = self._element_name(below.tag)
            made.append(child)
        text = element.text or ""
        if text.strip():
            made.text = str(self._scalar(text.strip(), node))
        return made

    def _name(self, name: str, node: Node | None, *, keyed: bool, known: bool) -> str:
        """Return the name of a field: as it is where a schema has fields and it looks like one of them."""
        if keyed and node is not None:
            template = re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(node.schema["x-keyed"]))
            match = re.fullmatch(template, name)
            return name[: match.start(1)] + self.pseudonyms.text(match[1]) if match else self.pseudonyms.text(name)
        plausible = node is not None and node.properties and FIELD_NAME.fullmatch(name)
        if known or (plausible and name not in self.pseudonyms):
            return name
        return self._element_name(name)

    def _element_name(self, name: str) -> str:
        return self.pseudonyms.text(name)

    def _scalar(self, value: Any, node: Node | None) -> Any:
        if value is None or isinstance(value, bool):
            return value
        schema: Mapping[str, Any] = node.schema if node else {}
        listed = [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]
        if listed and (str(value) in map(str, listed) or re.fullmatch(SHORT_NUMBER, str(value))):
            return value
        public = schema.get("x-public")
        if public == "value" and re.fullmatch(r"-?[0-9]{1,5}", str(value)):
            return value
        if isinstance(value, str):
            if public and value in self.texts:
                return value
            made = self.pseudonyms.words(value, self.words) if public else self.pseudonyms.text(value)
            return f"{made}-" if made in listed else made  # what is not listed must not come to look as if it were
        return self.pseudonyms.number(value)


def _not_kept(body: bodies.Body, content: bytes) -> bytes:
    return f"{bodies.NOT_KEPT}{body.media_type}; {len(content)} bytes".encode()


def _media_type(content_type: str) -> str:
    if not content_type:
        return ""
    return content_type if MEDIA_TYPE.fullmatch(content_type.strip()) else PRIVATE_TYPE


def texts(spec: VendorSpec) -> Iterator[str]:
    """Yield the vendor's error texts, and what its states and catalogues are called."""
    yield from (error.text for error in spec.numbered.values())
    yield from (failure.text for failure in spec.failures.values())
    for machine in spec.rules.machines.values():
        for state in machine.states.values():
            yield from (value for value in state.info.values() if isinstance(value, str))
    for items in spec.rules.catalogs.values():
        yield from (str(item["name"]) for item in items.values() if "name" in item)
    for _, mapping in walk(spec.document["components"]["schemas"]):
        if isinstance(mapping.get("x-label"), str):
            yield mapping["x-label"]
        if "x-public" in mapping:
            yield str(mapping.get("pattern", ""))


def vocabulary(spec: VendorSpec) -> frozenset[str]:
    """Return the words of the vendor's texts, and the names of its fields."""
    properties = (mapping.get("properties") for _, mapping in walk(spec.document["components"]["schemas"]))
    names = (name for named in properties if isinstance(named, dict) for name in named)
    words = (word.casefold() for text in (*texts(spec), *names) for word in WORD.findall(text))
    return frozenset(word for word in words if not any(c.isdigit() for c in word))
