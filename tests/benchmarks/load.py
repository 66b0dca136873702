"""Load on one address: by wrk, where there is one, or by two processes of raw HTTP over connections kept open."""

import asyncio
import json
import multiprocessing
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.operations import FORM, Call

PROCESSES = 2
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
    share = [(port, call.raw, connections // PROCESSES, seconds)] * PROCESSES
    started = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        parts = pool.starmap(_process, share)
    taken = [seconds for part in parts for seconds in part if seconds is not None]
    if not taken:
        raise RuntimeError(f"no call of {call.name} was answered within {time.perf_counter() - started:.1f} s")
    taken.sort()
    failed = sum(len(part) for part in parts) - len(taken)
    return Load(len(taken) / seconds, taken[len(taken) // 2] * 1000, taken[int(len(taken) * 0.99)] * 1000, failed)


def _process(port: int, raw: bytes, connections: int, seconds: float) -> list[float | None]:
    async def all_of_them() -> list[list[float | None]]:
        deadline = time.perf_counter() + seconds
        return await asyncio.gather(*(_connection(port, raw, deadline) for _ in range(connections)))

    return [taken for part in asyncio.run(all_of_them()) for taken in part]


async def _connection(port: int, raw: bytes, deadline: float) -> list[float | None]:
    """Return the seconds that each call took; None for one that failed."""
    found: list[float | None] = []
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (started := time.perf_counter()) < deadline:
        writer.write(raw)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
        except (OSError, ValueError, asyncio.IncompleteReadError):
            found.append(None)
            break
        found.append(time.perf_counter() - started if b" 200 " in head[:16] else None)
    writer.close()
    return found
