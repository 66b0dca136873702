"""Turn the control plane's OpenAPI document into routes: what a path, a query and a body must be for each operation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import orjson

from apidouble.mockserver.gateway.decode import MAX_BODY_BYTES, decode_query
from apidouble.mockserver.spec.source import Source, resolve
from apidouble.mockserver.stage.control.problems import InvalidError, NotFoundError

METHODS = ("get", "put", "post", "delete", "patch")
WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
JSON_BODY = "application/json"


@dataclass(frozen=True)
class Route:
    """One operation of the control plane."""

    operation_id: str
    method: str
    path: str
    path_schemas: Mapping[str, Mapping[str, Any]]
    query_schemas: Mapping[str, Mapping[str, Any]]
    body_schema: Mapping[str, Any] | None
    body_required: bool
    public: bool
    status: int
    document: Any

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What paths look like, with a group for each parameter."""
        return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.path)))

    @property
    def mutates(self) -> bool:
        """Whether it can change the world."""
        return self.method != "GET"

    def read(self, found: Mapping[str, str], query: str, body: bytes) -> dict[str, Any]:
        """Return the arguments of a call: those of path, query and body together."""
        return {**self._path(found), **self._query(query), **self._body(body)}

    def _path(self, found: Mapping[str, str]) -> dict[str, Any]:
        arguments = {}
        for name, text in found.items():
            value, problem = self._typed(text, self.path_schemas[name])
            if problem:
                raise NotFoundError(f"{name}: {problem}", f"The address is {self.path}.")
            arguments[name] = value
        return arguments

    def _query(self, query: str) -> dict[str, Any]:
        sent = decode_query(query)
        known = ", ".join(self.query_schemas) or "none"
        arguments = {}
        for name, value in sent.items():
            if name not in self.query_schemas:
                raise InvalidError(f"{name} is no parameter of {self.operation_id}.", f"Parameters: {known}.")
            typed, problem = self._typed(value, self.query_schemas[name])
            if problem:
                raise InvalidError(f"{name}: {problem}", f"Parameters: {known}.")
            arguments[name] = typed
        return arguments

    def _typed(self, value: Any, schema: Mapping[str, Any]) -> tuple[Any, str]:
        schema = resolve(self.document, schema)
        if schema.get("type") == "integer" and isinstance(value, str) and WHOLE.fullmatch(value):
            value = int(value)
        error = self._broken(schema, value)
        return value, f"{error.message}." if error else ""

    def _body(self, body: bytes) -> dict[str, Any]:
        if self.body_schema is None:
            return {}
        schema = resolve(self.document, self.body_schema)
        fields = ", ".join(schema["properties"])
        if not body.strip():
            if self.body_required:
                raise InvalidError("There is no body.", f"Send JSON, an object of: {fields}.")
            return {}
        if len(body) > MAX_BODY_BYTES:
            raise InvalidError(f"The body is larger than {MAX_BODY_BYTES} bytes.", f"Send an object of: {fields}.")
        try:
            sent = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise InvalidError(f"The body is not JSON: {error}.", f"Send an object of: {fields}.") from error
        broken = self._broken(schema, sent)
        if broken is None:
            return dict(sent)
        place = ".".join(map(str, broken.absolute_path))
        field = resolve(self.document, schema["properties"].get(place.partition(".")[0], {}))
        hint = field.get("description") or f"Send an object of: {fields}."
        raise InvalidError(f"{place}: {broken.message}." if place else f"{broken.message}.", hint)

    def _broken(self, schema: Mapping[str, Any], value: Any) -> Any:
        """Return the error that says best what is wrong with a value, or None."""
        import jsonschema

        validator = jsonschema.Draft202012Validator({**schema, "components": self.document["components"]})
        return jsonschema.exceptions.best_match(validator.iter_errors(value))


@lru_cache(maxsize=4)
def routes(source: Source) -> tuple[Route, ...]:
    """Return the operations of the document in its order."""
    document = source.content
    return tuple(
        _route(document, path, method, item)
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    )


def _route(document: Any, path: str, method: str, item: Mapping[str, Any]) -> Route:
    operation = item[method]
    parameters = [resolve(document, p) for p in (*item.get("parameters", ()), *operation.get("parameters", ()))]
    body = operation.get("requestBody")
    return Route(
        operation_id=operation["operationId"],
        method=method.upper(),
        path=path,
        path_schemas={p["name"]: p["schema"] for p in parameters if p["in"] == "path"},
        query_schemas={p["name"]: p["schema"] for p in parameters if p["in"] == "query"},
        body_schema=body["content"][JSON_BODY]["schema"] if body else None,
        body_required=bool(body and body.get("required")),
        public=operation.get("security") == [{}],
        status=min(int(code) for code in operation["responses"]),
        document=document,
    )
