"""A contender's process: how long it takes to its first answer, and how much memory its whole tree holds."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.contenders import Contender
from tests.benchmarks.operations import FORM, Call

START_TIMEOUT_S = 60
POLL_S = 0.002


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: its port, its process, and the seconds from its start to its first answer."""

    port: int
    pid: int
    start_s: float

    def memory_mb(self) -> float:
        """Return the proportional set size of the process tree, in MB of 10^6 bytes."""
        return sum(_pss_bytes(pid) for pid in _tree(self.pid)) / 1e6


@contextmanager
def running(contender: Contender, call: Call) -> Iterator[Running]:
    """Start a contender on a free port, wait until it gives a call its answer, and end it with all its children."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = time.perf_counter()
    environment = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}  # nobody compiles each time
    process = subprocess.Popen(
        contender.command(port),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=environment,
    )
    try:
        while not _answers(port, call):
            if process.poll() is not None or time.perf_counter() - started > START_TIMEOUT_S:
                raise RuntimeError(f"{contender.name} does not answer: {' '.join(contender.command(port))}")
            time.sleep(POLL_S)
        yield Running(port, process.pid, time.perf_counter() - started)
    finally:
        tree = _tree(process.pid)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pid in tree:
            if Path(f"/proc/{pid}").is_dir():
                os.kill(pid, signal.SIGKILL)


def _answers(port: int, call: Call) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        headers = {"Content-Type": FORM} if call.request.body else {}
        connection.request(call.request.method, call.target, call.request.body or None, headers)
        reply = connection.getresponse()
        return reply.status == http.client.OK and len(reply.read()) > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    try:
        below = [
            int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()
        ]
    except OSError:
        below = []
    return [pid, *(each for child in below for each in _tree(child))]


def _pss_bytes(pid: int) -> int:
    try:
        written = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in written.splitlines() if line.startswith("Pss:"))
