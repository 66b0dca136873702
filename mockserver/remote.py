"""Ask a running server's control plane, without a proxy where it is on this machine."""

import json
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

LOCAL = ("localhost", "127.0.0.1", "::1")
TIMEOUT_S = 30


def ask(url: str, path: str, token: str | None = None) -> bytes:
    """Return the answer of a server to a GET of /_apidouble/ and the path.

    Raises OSError where it does not answer, or refuses to; ValueError for what is no address.
    """
    place = urlsplit(url)
    if place.scheme not in ("http", "https"):
        raise ValueError(f"{url} is not the address of a server: write http://127.0.0.1:8080")
    request = Request(f"{url.rstrip('/')}/_apidouble/{path}")  # noqa: S310 (the scheme is checked)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    opener = build_opener(*([ProxyHandler({})] if place.hostname in LOCAL else []))
    try:
        with opener.open(request, timeout=TIMEOUT_S) as reply:
            answer: bytes = reply.read()
            return answer
    except HTTPError as error:
        with error:
            raise OSError(f"{url} answers {error.code}: {_said(error.read())}") from error
    except OSError as error:
        raise OSError(f"{url} does not answer: {getattr(error, 'reason', error)}") from error


def _said(body: bytes) -> str:
    """Return a problem's detail and hint, or the beginning of whatever else was said."""
    try:
        problem = json.loads(body)
        return f"{problem['detail']} {problem['hint']}"
    except (ValueError, LookupError, TypeError):
        return body[:500].decode("utf-8", "replace")
