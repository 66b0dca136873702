"""A request, by any door, into the answer of the tenant's world that its key or its token opens."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from apidouble.mockserver.domain.call import Request, Response, Sender
from apidouble.mockserver.gateway.decode import MAX_BODY_BYTES
from apidouble.mockserver.sandbox.desk import Ask, Desk
from apidouble.mockserver.sandbox.lobby import NO_TOKEN, Lobby, problem
from apidouble.mockserver.sandbox.operator import Operator, bearer
from apidouble.mockserver.sandbox.tenant import TOKEN
from apidouble.mockserver.serve.doors.delivery import Environ, Later, deliver
from apidouble.mockserver.stage.control.problems import InvalidError, MethodNotAllowedError

PREFIX = "/_apidouble/"
CERTIFICATE = f"{PREFIX}ca.pem"


class Wsgi(ABC):
    """An application of any WSGI server, which hears requests; our own is handed the answers when they come."""

    @abstractmethod
    def hear(self, request: Request) -> Response | Later:
        """Answer a request."""

    def takes(self, method: str, path: str) -> bool:  # noqa: ARG002 (a Lane's signature)
        """Take every call."""
        return True

    def answer(self, method: str, path: str, query: str, body: bytes, fields: Mapping[str, Any]) -> Response | Later:
        """Answer a call; `fields` holds its headers by the names that WSGI has for them."""
        request = Request(
            method,
            path if path.isascii() else path.encode("latin-1").decode("utf-8", "replace"),
            query if query.isascii() else query.encode("latin-1").decode("utf-8", "surrogateescape"),
            fields.get("CONTENT_TYPE", ""),
            body,
            fields.get("HTTP_AUTHORIZATION", ""),
            fields.get("HTTP_X_APIDOUBLE_FAULT", ""),
            Sender(fields.get("HTTP_HOST", ""), fields.get("HTTP_ORIGIN", ""), fields.get("HTTP_SEC_FETCH_SITE", "")),
        )
        return self.hear(request)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a call of a WSGI server that waits for the answer."""
        length = environ.get("CONTENT_LENGTH") or "0"
        count = min(int(length), MAX_BODY_BYTES) + 1 if length.isdecimal() else 0
        body = environ["wsgi.input"].read(count if "wsgi.input_terminated" in environ else max(count - 1, 0))
        given = self.answer(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], body, environ)
        response = given.wait() if isinstance(given, Later) else given
        return deliver(response, environ, start_response)


class App(Wsgi):
    """The sandbox."""

    def __init__(self, desk: Desk, lobby: Lobby, operator: Operator) -> None:
        self.desk, self.lobby, self.operator = desk, lobby, operator

    def hear(self, request: Request) -> Response | Later:  # noqa: PLR0911 (one way out for each kind of caller)
        """Find out whose call it is, and have it answered."""
        request = request._replace(sender=None)  # whoever acts here has a token, which no foreign page can send
        lobby, tenancy = self.lobby, self.operator.tenancy
        if request.path in lobby.reader.routes:
            meaning = lobby.reader.read(request)
            if meaning.key is None:
                return lobby.meet(request)
            kind = meaning.route.spec.name
            return self.desk.put(Ask(request, kind, tenancy.digest(kind, meaning.key), meaning.key))
        if not request.path.startswith(PREFIX) or request.path == CERTIFICATE:
            return lobby.meet(request)
        try:
            found = self.operator.find(request)
        except MethodNotAllowedError as error:
            return problem(error)._replace(allow=", ".join(error.allowed))
        if found is not None:
            return self.operator.answer(*found, request, self.desk)
        if self.operator.is_sent_by(request):
            return self._hear_operator(request)
        token = bearer(request)
        if not token:
            return problem(NO_TOKEN)
        return self.desk.put(Ask(request, TOKEN, tenancy.digest(TOKEN, token)))

    def _hear_operator(self, request: Request) -> Response | Later:
        """Let the operator act on the tenant that he names."""
        sent = parse_qsl(request.query, keep_blank_values=True)
        named = [value for name, value in sent if name == "tenant"]
        if len(named) != 1 or not named[0]:
            return problem(InvalidError("Which tenant?", "Name one by ?tenant=ID; GET /_apidouble/tenants lists them."))
        query = urlencode([(name, value) for name, value in sent if name != "tenant"])
        return self.desk.put(Ask(request._replace(query=query), tenant=named[0]))
