"""Turn what httpx would send to a vendor into a Request, and the Response into what it would have received."""

try:
    import httpx
except ImportError as missing:
    raise ImportError("the transport for httpx needs httpx: pip install 'apidouble[httpx]'") from missing

from collections.abc import AsyncIterator, Iterator
from functools import cached_property

from apidouble.mockserver.domain.call import RESET, WHOLE
from apidouble.mockserver.serve.doors.delivery import headers
from apidouble.mockserver.testing.doors.hosts import Hosts, received


class HttpxTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The way of an httpx.Client or httpx.AsyncClient to the simulator of `hosts`.

    Hosts that are let through are called over the network.
    """

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts

    @cached_property
    def _network(self) -> httpx.HTTPTransport:
        return httpx.HTTPTransport()

    @cached_property
    def _async_network(self) -> httpx.AsyncHTTPTransport:
        return httpx.AsyncHTTPTransport()

    def close(self) -> None:
        """Close what connections there are to hosts that were let through."""
        if "_network" in vars(self):
            self._network.close()

    async def aclose(self) -> None:
        """Close what connections there are to hosts that were let through."""
        if "_async_network" in vars(self):
            await self._async_network.aclose()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a call of a Client."""
        if self.hosts.answering(request.method, str(request.url)) is None:
            return self._network.handle_request(request)
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a call of an AsyncClient."""
        if self.hosts.answering(request.method, str(request.url)) is None:
            return await self._async_network.handle_async_request(request)
        return self._answer(request, await request.aread())

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        sent = {name.lower(): value for name, value in request.headers.items()}
        asked = received(request.method, request.url.raw_path.decode("ascii"), sent, body)
        response = self.hosts.simulator.answer(asked)
        delivery, patience_s = response.delivery, request.extensions.get("timeout", {}).get("read")
        if patience_s is not None and delivery.delay_ms / 1000 > patience_s:
            raise httpx.ReadTimeout("The read operation timed out", request=request)
        if delivery.ending == RESET:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
        content = b"" if request.method == "HEAD" else response.body
        stream = httpx.ByteStream(content) if delivery.ending == WHOLE else _BrokenOff(content, delivery.bytes)
        return httpx.Response(response.status, headers=headers(response), stream=stream)


class _BrokenOff(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body whose end never comes."""

    def __init__(self, whole: bytes, sent: int) -> None:
        self.part = whole[:sent]
        self.problem = httpx.RemoteProtocolError(
            f"peer closed connection without sending complete message body (received {len(self.part)} bytes, "
            f"expected {len(whole)})"
        )

    def __iter__(self) -> Iterator[bytes]:
        yield self.part
        raise self.problem

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.part
        raise self.problem
