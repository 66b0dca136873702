"""From the servers that the specs name to who answers a call: the simulator, the network, or nobody."""

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from urllib.parse import unquote, urlsplit

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.gateway.decode import MAX_BODY_BYTES
from apidouble.mockserver.serve.doors.delivery import FAULT_HEADER
from apidouble.mockserver.stage.simulator import Simulator

BLANKS = " \t"
FAULT_NAME = FAULT_HEADER.lower()
LOOPBACK = ("localhost", "127.*", "::1")


class ForeignHostError(RuntimeError):
    """A call to a host that is not answered here and that nobody has let through; nothing was sent.

    It is no ConnectionError, which a client may well catch.
    """


class Hosts:
    """Who answers for a host: a vendor, nobody (the call may pass), or nobody who may be asked.

    `allow` lists hosts that may be called over the network, with * for any part; this machine's own always may.
    """

    def __init__(self, simulator: Simulator, allow: Collection[str] = ()) -> None:
        if isinstance(allow, str):
            raise TypeError(f"allow is a list of hosts: allow=[{allow!r}]")
        self.simulator = simulator
        self.allow = (*LOOPBACK, *(host.lower() for host in allow))
        self.vendors = {host: name for name, spec in simulator.contract.vendors.items() for host in spec.hosts}

    def answering(self, method: str, url: str) -> str | None:
        """Return the vendor's host that is called, None for one that may pass; raise ForeignHostError for any other."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        vendor = self.vendors.get(host)
        if vendor is None:
            if any(fnmatchcase(host, pattern) for pattern in self.allow):
                return None
            raise ForeignHostError(
                f"{method} {parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path} was not sent: while "
                f"apidouble is active, only {', '.join(self.vendors)} and this machine answer. To let it out, write "
                f"allow=[{host!r}]."
            )
        route = self.simulator.gateway.routes.get(parts.path)
        if route is not None and route.spec.name != vendor:
            right = route.spec.hosts[0]
            raise ForeignHostError(f"{method} {parts.scheme}://{host}{parts.path} was not sent: it is at {right}.")
        return host


def received(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
    """Return the Request that a server would make of what was sent: the path unquoted, the query as it is.

    `headers` are found by names in small letters.
    """
    path, _, query = target.partition("?")
    return Request(
        method=method,
        path="/" + unquote(path, errors="replace").lstrip("/"),
        query=query,
        content_type=headers.get("content-type", "").strip(BLANKS),
        body=body[: MAX_BODY_BYTES + 1],
        authorization=headers.get("authorization", "").strip(BLANKS),
        fault=headers.get(FAULT_NAME, "").strip(BLANKS),
    )
