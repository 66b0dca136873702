"""Call a running server's control plane, without a proxy where it is on this machine."""

import json
from http import HTTPStatus
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

LOCAL = ("localhost", "127.0.0.1", "::1")
TIMEOUT_S = 30


def ask(url: str, path: str, token: str | None = None) -> bytes:
    """Return the answer of a server to a GET of /_apidouble/ and the path.

    Raises OSError where it does not answer, or refuses to; ValueError for what is no address.
    """
    status, answer = send(url, "GET", f"/_apidouble/{path}", token=token)
    if status >= HTTPStatus.BAD_REQUEST:
        raise OSError(f"{url} answers {status}: {_said(answer)}")
    return answer


def send(url: str, method: str, path: str, body: bytes = b"", token: str | None = None) -> tuple[int, bytes]:
    """Return the status and the body of a server's answer to a call with a body of JSON, or with none.

    Raises OSError where it does not answer; ValueError for what is no address.
    """
    place = urlsplit(url)
    if place.scheme not in ("http", "https"):
        raise ValueError(f"{url} is not the address of a server: write http://127.0.0.1:8080")
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = Request(url.rstrip("/") + path, body or None, headers, method=method)  # noqa: S310 (the scheme is checked)
    opener = build_opener(*([ProxyHandler({})] if place.hostname in LOCAL else []))
    try:
        with opener.open(request, timeout=TIMEOUT_S) as reply:
            return reply.status, reply.read()
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read()
    except OSError as error:
        raise OSError(f"{url} does not answer: {getattr(error, 'reason', error)}") from error


def _said(body: bytes) -> str:
    """Return a problem's detail and hint, or the beginning of whatever else was said."""
    try:
        problem = json.loads(body)
        return f"{problem['detail']} {problem['hint']}"
    except (ValueError, LookupError, TypeError):
        return body[:500].decode("utf-8", "replace")
