"""Load on one address: by wrk, where there is one, or by two processes of raw HTTP over connections kept open."""

import asyncio
import json
import multiprocessing
import re
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.operations import FORM, Call

PROCESSES = 2
PAUSE_S = 0.01
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
SCRIPT = """
wrk.method, wrk.body = "{method}", {body}
if wrk.body then wrk.headers["Content-Type"] = "{form}" end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('\\nJSON {{"calls": %d, "seconds": %f, "p50_ms": %f, "p99_ms": %f, "errors": %d}}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What one burst of calls has met: calls a second, the latencies' median and 99th percentile, failed calls."""

    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int


def generator() -> str:
    """Name what makes the load."""
    return "wrk" if shutil.which("wrk") else "bundled (two processes, asyncio)"


def burst(port: int, call: Call, connections: int, seconds: float) -> Load:
    """Send one call over and over on all connections for some seconds."""
    return (_wrk if shutil.which("wrk") else _bundled)(port, call, connections, seconds)


def _wrk(port: int, call: Call, connections: int, seconds: float) -> Load:
    body = f'"{call.request.body.decode()}"' if call.request.body else "nil"
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "call.lua"
        script.write_text(SCRIPT.format(method=call.request.method, body=body, form=FORM))
        command = ["wrk", "-t", "2", "-c", str(connections), "-d", f"{max(1, round(seconds))}s", "-s", str(script)]
        url = f"http://127.0.0.1:{port}{call.target}"
        said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    found = json.loads(said.partition("\nJSON ")[2])
    return Load(found["calls"] / found["seconds"], found["p50_ms"], found["p99_ms"], found["errors"])


def _bundled(port: int, call: Call, connections: int, seconds: float) -> Load:
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(PROCESSES)
    shares = [connections // PROCESSES + (number < connections % PROCESSES) for number in range(PROCESSES)]
    with context.Pool(PROCESSES, together.wait) as pool:
        parts = pool.starmap(_process, [(port, call.raw, share, seconds) for share in shares], chunksize=1)
    found = [taken for part in parts for taken in part]
    taken = sorted(seconds for seconds in found if seconds is not None)
    if not taken:
        raise RuntimeError(f"no call of {call.name} was answered within {seconds} s")
    p50, p99 = (taken[int(len(taken) * part)] * 1000 for part in (0.5, 0.99))
    return Load(len(taken) / seconds, p50, p99, len(found) - len(taken))


def _process(port: int, raw: bytes, connections: int, seconds: float) -> list[float | None]:
    """Return the seconds that each call took; None for one that failed."""
    found: list[float | None] = []

    async def all_of_them() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(_connection(port, raw, found) for _ in range(connections)))

    asyncio.run(all_of_them())
    return found


async def _connection(port: int, raw: bytes, found: list[float | None]) -> None:
    """Call for ever, over one connection as long as it lasts."""
    loop = asyncio.get_running_loop()
    while True:
        lost = loop.create_future()
        try:
            transport, _ = await loop.create_connection(lambda: _Caller(raw, found, lost), "127.0.0.1", port)  # noqa: B023
        except OSError:
            found.append(None)
            await asyncio.sleep(PAUSE_S)
            continue
        try:
            await lost
        finally:
            transport.abort()


class _Caller(asyncio.Protocol):
    """Calls anew as soon as the last answer is whole."""

    def __init__(self, raw: bytes, found: list[float | None], lost: asyncio.Future[None]) -> None:
        self.raw, self.found, self.lost = raw, found, lost

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._call()

    def _call(self) -> None:
        self.received, self.started = b"", time.perf_counter()
        self.transport.write(self.raw)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if body.endswith(b"0\r\n\r\n") if length is None else end and len(body) >= int(length[1]):
            self.found.append(time.perf_counter() - self.started if head[8:13] == b" 200 " else None)
            self._call()

    def connection_lost(self, error: Exception | None) -> None:
        if self.lost.done():  # the time is over
            return
        if self.received or error is not None:
            self.found.append(None)
        self.lost.set_result(None)
