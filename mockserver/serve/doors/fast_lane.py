"""Turn a plain call of a vendor, as a WSGI server hands it in, into a Request at once; the rest takes another way."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.gateway.decode import MAX_BODY_BYTES
from apidouble.mockserver.serve.doors.delivery import Application, Environ, deliver
from apidouble.mockserver.stage.simulator import Simulator


class FastLane:
    """A WSGI middleware: what is no GET or POST, not a vendor's, or cannot be read at one go, is `otherwise`'s.

    Both ways give the same answers; this one is shorter by all that Flask builds for a request.
    """

    def __init__(self, simulator: Simulator, otherwise: Application) -> None:
        self.simulator, self.otherwise = simulator, otherwise
        self._paths = frozenset(simulator.gateway.routes)

    def takes(self, method: str, path: str) -> bool:
        """Tell whether a call is plain, as far as its first line tells."""
        return path in self._paths and method in ("GET", "POST")

    def answer(self, method: str, path: str, query: str, body: bytes, fields: Mapping[str, Any]) -> Response:
        """Answer a call; `fields` holds its headers by the names that WSGI has for them."""
        field = fields.get
        fault = field("HTTP_X_APIDOUBLE_FAULT", "")
        authorization = field("HTTP_AUTHORIZATION", "")
        request = Request(method, path, query, field("CONTENT_TYPE", ""), body, authorization, fault)
        return self.simulator.answer(request)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one call."""
        if not self.takes(environ["REQUEST_METHOD"], environ["PATH_INFO"]):
            return self.otherwise(environ, start_response)
        body = _body(environ)
        if body is None:
            return self.otherwise(environ, start_response)
        query = environ["QUERY_STRING"]
        if not query.isascii():
            query = query.encode("latin-1").decode("utf-8", "surrogateescape")
        response = self.answer(environ["REQUEST_METHOD"], environ["PATH_INFO"], query, body, environ)
        return deliver(response, environ, start_response)


class _Again:
    """A body of which a part has been read, from its beginning."""

    def __init__(self, start: bytes, rest: Any) -> None:
        self._start, self._rest = start, rest

    def read(self, size: int = -1) -> bytes:
        if not self._start:
            return bytes(self._rest.read(size))
        cut = len(self._start) if size < 0 else size
        piece, self._start = self._start[:cut], self._start[cut:]
        return piece


class _Broken:
    """A body that cannot be read, as who tries again is told again."""

    def __init__(self, error: OSError) -> None:
        self.error = error

    def read(self, _: int = -1) -> bytes:
        raise self.error


def _body(environ: Environ) -> bytes | None:
    """Read the body; None, with all of it still to be read, where that is more than taking as much as was announced."""
    announced = environ.get("CONTENT_LENGTH", "")
    if announced and not (announced.isascii() and announced.isdecimal() and int(announced) <= MAX_BODY_BYTES):
        return None
    length, stream = int(announced or 0), environ["wsgi.input"]
    try:
        body = bytes(stream.read(MAX_BODY_BYTES + 1 if "wsgi.input_terminated" in environ else length))
    except OSError as error:
        environ["wsgi.input"] = _Broken(error)
        return None
    if len(body) == length:
        return body
    environ["wsgi.input"] = _Again(body, stream)
    return None
