"""Each library of HTTP as one function: a call to an address, its answer or the library's own exception."""

import asyncio
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http import client
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlsplit

import aiohttp
import httpx
import requests
import urllib3
from yarl import URL

TIMEOUT_S = 60.0


class Reply(NamedTuple):
    """What a library made of an answer."""

    status: int
    headers: Any  # found by name, in any case
    body: bytes


Send = Callable[..., Reply]  # (method, url, body, headers, timeout_s)


@contextmanager
def by_requests() -> Iterator[Send]:
    with requests.Session() as session:
        session.trust_env = False

        def send(method: str, url: str, body: bytes = b"", headers: Any = None, timeout_s: float = TIMEOUT_S) -> Reply:
            reply = session.request(method, url, data=body, headers=headers, timeout=timeout_s)
            return Reply(reply.status_code, reply.headers, reply.content)

        yield send


@contextmanager
def by_urllib3() -> Iterator[Send]:
    with urllib3.PoolManager(retries=False) as pool:

        def send(method: str, url: str, body: bytes = b"", headers: Any = None, timeout_s: float = TIMEOUT_S) -> Reply:
            reply = pool.request(method, url, body=body, headers=headers, timeout=timeout_s)
            return Reply(reply.status, reply.headers, reply.data)

        yield send


@contextmanager
def by_urllib_request() -> Iterator[Send]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def send(method: str, url: str, body: bytes = b"", headers: Any = None, timeout_s: float = TIMEOUT_S) -> Reply:
        request = urllib.request.Request(url, body or None, headers or {}, method=method)  # noqa: S310
        try:
            with opener.open(request, timeout=timeout_s) as reply:
                return Reply(reply.status, reply.headers, reply.read())
        except HTTPError as error:
            with error:
                return Reply(error.code, error.headers, error.read())

    yield send


@contextmanager
def by_http_client() -> Iterator[Send]:
    kept: dict[str, client.HTTPConnection] = {}

    def send(method: str, url: str, body: bytes = b"", headers: Any = None, timeout_s: float = TIMEOUT_S) -> Reply:
        parts = urlsplit(url)
        kind = client.HTTPSConnection if parts.scheme == "https" else client.HTTPConnection
        connection = kept.setdefault(parts.netloc, kind(parts.netloc, timeout=timeout_s))
        connection.timeout = timeout_s
        if connection.sock is not None:
            connection.sock.settimeout(timeout_s)
        try:
            connection.request(method, url.removeprefix(f"{parts.scheme}://{parts.netloc}"), body, headers or {})
            reply = connection.getresponse()
            return Reply(reply.status, reply.headers, reply.read())
        except BaseException:
            connection.close()
            raise

    yield send
    for connection in kept.values():
        connection.close()


@contextmanager
def by_httpx() -> Iterator[Send]:
    with httpx.Client(trust_env=False) as session:

        def send(method: str, url: str, body: bytes = b"", headers: Any = None, timeout_s: float = TIMEOUT_S) -> Reply:
            reply = session.request(method, url, content=body, headers=headers, timeout=timeout_s)
            return Reply(reply.status_code, reply.headers, reply.content)

        yield send


@contextmanager
def by_async_httpx() -> Iterator[Send]:
    with asyncio.Runner() as runner:
        session = httpx.AsyncClient(trust_env=False)

        def send(method: str, url: str, body: bytes = b"", headers: Any = None, timeout_s: float = TIMEOUT_S) -> Reply:
            reply = runner.run(session.request(method, url, content=body, headers=headers, timeout=timeout_s))
            return Reply(reply.status_code, reply.headers, reply.content)

        yield send
        runner.run(session.aclose())


@contextmanager
def by_aiohttp() -> Iterator[Send]:
    async def open_session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession()

    async def call(method: str, url: str, body: bytes, headers: Any, timeout_s: float) -> Reply:
        wait = aiohttp.ClientTimeout(sock_read=timeout_s)
        async with session.request(
            method, URL(url, encoded=True), data=body or None, headers=headers, timeout=wait
        ) as reply:
            return Reply(reply.status, reply.headers, await reply.read())

    with asyncio.Runner() as runner:
        session = runner.run(open_session())

        def send(method: str, url: str, body: bytes = b"", headers: Any = None, timeout_s: float = TIMEOUT_S) -> Reply:
            return runner.run(call(method, url, body, headers, timeout_s))

        yield send
        runner.run(session.close())


LIBRARIES: dict[str, Callable[[], AbstractContextManager[Send]]] = {
    "requests": by_requests,
    "urllib3": by_urllib3,
    "urllib.request": by_urllib_request,
    "http.client": by_http_client,
    "httpx": by_httpx,
    "httpx async": by_async_httpx,
    "aiohttp": by_aiohttp,
}
