"""Turn what httpx would send to a vendor into a Request, and the Response into what it would have received."""

try:
    import httpx
except ImportError as missing:
    raise ImportError("the transport for httpx needs httpx: pip install 'apidouble[httpx]'") from missing

from functools import cached_property

from apidouble.mockserver.doors.hosts import Hosts, received


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
        sent = request.headers
        asked = received(
            request.method,
            request.url.raw_path.decode("ascii"),
            sent.get("Content-Type", ""),
            sent.get("Authorization", ""),
            body,
        )
        response = self.hosts.simulator.answer(asked)
        headers = {"Content-Type": response.content_type, "Content-Length": str(len(response.body))}
        if response.allow:
            headers["Allow"] = response.allow
        content = b"" if request.method == "HEAD" else response.body
        return httpx.Response(response.status, headers=headers, stream=httpx.ByteStream(content))
