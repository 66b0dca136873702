"""Let a connection of aiohttp end at the simulator: what stands for the transport answers what is written to it."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection

from apidouble.mockserver.testing.doors import conversation
from apidouble.mockserver.testing.doors.hosts import Hosts
from apidouble.mockserver.testing.doors.opening import Seam, answering


class _Transport(asyncio.Transport):
    """Takes one request, and hands the protocol what arrives of its answer. It is not used again."""

    def __init__(self, protocol: ResponseHandler, hosts: Hosts, patience_s: float | None) -> None:
        super().__init__()
        self.protocol, self.hosts, self.patience_s = protocol, hosts, patience_s
        self.sent, self.is_over = b"", False

    def write(self, data: Any) -> None:
        self.sent += bytes(data)
        read = None if self.is_over else conversation.read(self.sent)
        if read is not None:
            self.is_over = True
            asyncio.get_running_loop().call_soon(self._answer, read[0])

    def _answer(self, request: Any) -> None:
        response = self.hosts.simulator.answer(request)
        if self.patience_s is not None and response.delivery.delay_ms / 1000 > self.patience_s:
            self.protocol.set_exception(aiohttp.SocketTimeoutError("Timeout on reading data from socket"))
            return
        answer = conversation.write(request, response)
        if answer:
            self.protocol.data_received(answer)
        self.protocol.connection_lost(None)

    def is_closing(self) -> bool:
        return self.is_over

    def close(self) -> None:
        self.is_over = True

    def abort(self) -> None:
        self.is_over = True

    def pause_reading(self) -> None:
        """Have nothing to hold back: the answer is there as a whole."""

    def resume_reading(self) -> None:
        """Have held nothing back."""

    def get_write_buffer_size(self) -> int:
        return 0


def _connect(original: Callable[..., Any]) -> Callable[..., Any]:
    async def connect(
        connector: aiohttp.BaseConnector, req: aiohttp.ClientRequest, traces: Any, timeout: aiohttp.ClientTimeout
    ) -> Any:
        hosts = answering()
        if hosts is None or hosts.answering(req.method, str(req.url)) is None:
            return await original(connector, req, traces, timeout)
        loop = asyncio.get_running_loop()
        protocol = ResponseHandler(loop)
        patience_s = min((wait for wait in (timeout.total, timeout.sock_read) if wait), default=None)
        protocol.connection_made(_Transport(protocol, hosts, patience_s))
        return Connection(connector, req.connection_key, protocol, loop)

    return connect


SEAMS = [Seam(aiohttp.BaseConnector, "connect", _connect)]
