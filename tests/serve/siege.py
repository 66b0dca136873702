"""`make siege`: stalled, hostile and greedy clients beset a real server, while an honest one is timed.

Each attack runs against a server of its own. Others must be answered within 50 ms (99 of 100; a machine under load
shows in the row without an attack), and afterwards nothing is left behind: no connection, no open file, little memory.
"""

import argparse
import contextlib
import http.client
import json
import multiprocessing
import resource
import selectors
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.ways import APIDOUBLE

KEY = "apicode=5d41402abc4b2a76b9719d911017c592"
FORM = "Content-Type: application/x-www-form-urlencoded"
HEAD = f"POST /api/balance HTTP/1.1\r\nHost: localhost\r\n{FORM}\r\nContent-Length: {len(KEY)}\r\n\r\n"
CALL = (HEAD + KEY).encode()
GOAL_MS, STEP_S, TIMEOUT_S = 50, 0.01, 20
TRIES = 3  # of an attack under which others waited too long, since a busy machine makes them wait too
PATIENCE_S = 1  # of the server, with everybody
RESET = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Besieged:
    """A server under attack: where it is, its process, and when the attack is over."""

    host: str
    port: int
    pid: int
    until_s: float

    @property
    def is_on(self) -> bool:
        """Tell whether the attack goes on."""
        return time.monotonic() < self.until_s

    def connect(self) -> socket.socket:
        """Return a connection, with a client's patience."""
        return socket.create_connection((self.host, self.port), TIMEOUT_S)

    @property
    def files(self) -> int:
        """How many files the server has open."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    @property
    def memory_mb(self) -> float:
        """The server's resident memory."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


Attack = Callable[[Besieged, int], None]


def nothing(server: Besieged, _: int) -> None:
    """No attack, for comparison."""
    while server.is_on:
        time.sleep(STEP_S)


def _drip(server: Besieged, count: int, raw: bytes) -> None:
    """Open connections, send each a byte now and then, and open another where one is closed."""
    lines: dict[socket.socket, int] = {}
    while server.is_on:
        with contextlib.suppress(OSError):
            while len(lines) < count and server.is_on:
                line = server.connect()
                line.setblocking(False)
                lines[line] = 0
        for line, sent in tuple(lines.items()):
            try:
                line.send(raw[sent % len(raw) :][:1])
                lines[line] = sent + 1
            except OSError:
                del lines[line]
                line.close()
        time.sleep(STEP_S * 10)
    for line in lines:
        line.close()


def slow_head(server: Besieged, count: int) -> None:
    """Slowloris: heads, byte by byte."""
    _drip(server, count, HEAD[:-2].encode() * 1000)


def slow_body(server: Besieged, count: int) -> None:
    """Slow POST: bodies, byte by byte."""
    head = HEAD.replace(f"Length: {len(KEY)}", "Length: 100000").encode()
    lines = _stall(server, count, head)
    while server.is_on:
        for line in lines:
            with contextlib.suppress(OSError):
                line.send(b"a")
        time.sleep(STEP_S * 10)
    _close(lines)


def slow_read(server: Besieged, count: int) -> None:
    """Requests one after the other, and answers that nobody reads."""
    lines = []
    for _ in range(count):
        line = server.connect()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.setblocking(False)
        lines.append(line)
    while server.is_on:
        for line in lines:
            with contextlib.suppress(OSError):
                line.send(CALL * 100)
        time.sleep(STEP_S)
    _close(lines)


def silent(server: Besieged, count: int) -> None:
    """Connections that say nothing."""
    lines = _stall(server, count, b"")
    _wait(server)
    _close(lines)


def exhausted(server: Besieged, count: int) -> None:
    """More connections than the server has files for, opened again as they are closed."""
    while server.is_on:
        lines = _stall(server, count, b"G")
        time.sleep(PATIENCE_S / 4)
        _close(lines)


def floods(server: Besieged, count: int) -> None:
    """Clients that pipeline megabytes of requests."""
    raw = CALL * 2000
    selector = selectors.DefaultSelector()
    for _ in range(min(count, 50)):
        line = server.connect()
        line.setblocking(False)
        selector.register(line, selectors.EVENT_READ | selectors.EVENT_WRITE, [0])
    while server.is_on:
        for key, events in selector.select(STEP_S):
            assert isinstance(key.fileobj, socket.socket)
            line, sent = key.fileobj, key.data
            with contextlib.suppress(BlockingIOError):
                if events & selectors.EVENT_READ:
                    line.recv(1 << 20)
                if events & selectors.EVENT_WRITE:
                    sent[0] = (sent[0] + line.send(raw[sent[0] :])) % len(raw)
        time.sleep(STEP_S)
    _close([key.fileobj for key in selector.get_map().values()])  # type: ignore[misc]


def resets(server: Besieged, count: int) -> None:
    """Clients that reset the connection in whatever state it is."""
    number = 0
    while server.is_on:
        for _ in range(min(count, 50)):
            number += 1
            with contextlib.suppress(OSError), server.connect() as line:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                line.sendall(CALL[: number % (len(CALL) + 1)])
        time.sleep(STEP_S)


def _stall(server: Besieged, count: int, raw: bytes) -> list[socket.socket]:
    lines = []
    for _ in range(count):
        with contextlib.suppress(OSError):
            line = server.connect()
            lines.append(line)
            line.sendall(raw)
        if not server.is_on:
            break
    return lines


def _wait(server: Besieged) -> None:
    while server.is_on:
        time.sleep(STEP_S)


def _close(lines: list[socket.socket]) -> None:
    for line in lines:
        line.close()


# Each attack with how many connections it takes in full and in short, and how many files the server may have open.
ATTACKS: tuple[tuple[Attack, int, int, int], ...] = (
    (nothing, 0, 0, 0),
    (slow_head, 500, 200, 0),
    (slow_body, 500, 200, 0),
    (slow_read, 100, 50, 0),
    (silent, 4000, 1500, 0),
    (exhausted, 400, 400, 256),
    (floods, 50, 20, 0),
    (resets, 50, 50, 0),
)


@dataclass(slots=True)
class Row:
    """What came of an attack: the honest client's calls, how long they took and what was left behind."""

    name: str
    taken_ms: list[float]
    left: list[str]

    @property
    def p99_ms(self) -> float:
        """The time that 99 of 100 calls kept."""
        return sorted(self.taken_ms)[int(len(self.taken_ms) * 0.99)] if self.taken_ms else float("inf")

    @property
    def is_held(self) -> bool:
        """Tell whether the server held out."""
        return self.p99_ms < GOAL_MS and not self.left

    @property
    def told(self) -> str:
        """A line that says it."""
        worst_ms = max(self.taken_ms, default=float("inf"))
        verdict = "; ".join(["held" if self.is_held else "NOT HELD", *self.left[:3]])
        times = f"99 of 100 within {self.p99_ms:6.1f} ms, worst {worst_ms:6.1f} ms"
        return f"{self.name:<10} {len(self.taken_ms):>5} calls, {times}   {verdict}"


@contextmanager
def besieged(seconds: float, files: int) -> Iterator[Besieged]:
    """Serve in a process with little patience, and few files if it is said how many."""
    timeouts = [f"--{name}-timeout={PATIENCE_S}" for name in ("head", "body", "write", "idle")]
    command = [*APIDOUBLE, "serve", "--port", "0", "--print-url", *timeouts]
    if files:
        command = ["sh", "-c", f'ulimit -n {files}; exec "$@"', "sh", *command]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            address = urlsplit(process.stdout.readline().strip())
            host, port = str(address.hostname), int(address.port or 0)
            yield Besieged(host, port, process.pid, time.monotonic() + seconds)
        finally:
            process.terminate()
            process.wait(TIMEOUT_S)


def endure(attack: Attack, count: int, files: int, seconds: float) -> Row:
    """Let an attack go on for some seconds, and time an honest client all the while."""
    with besieged(seconds, files) as server:
        row = Row(attack.__name__.replace("_", " "), [], [])
        honest = http.client.HTTPConnection(server.host, server.port, timeout=TIMEOUT_S)
        _ask(honest, row)
        row.taken_ms.clear()
        before, memory_mb = server.files, server.memory_mb
        attacker = multiprocessing.get_context("spawn").Process(target=attack, args=(server, count))
        attacker.start()
        while attacker.is_alive():
            _ask(honest, row)
            time.sleep(STEP_S)
        attacker.join()
        if attacker.exitcode:
            row.left.append("the attack itself failed")
        _settle(server, before, row)
        if server.memory_mb > memory_mb + 60:
            row.left.append(f"{server.memory_mb - memory_mb:.0f} MB")
        honest.close()
    return row


def _ask(honest: http.client.HTTPConnection, row: Row) -> None:
    started = time.perf_counter()
    try:
        honest.request("POST", "/api/balance", KEY, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = honest.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        honest.close()
        row.left.append(f"the honest client got {error!r}")
        return
    if answer.status != 200 or json.loads(body) != {"balance": 122.5}:
        row.left.append(f"the honest client got {answer.status}")
    row.taken_ms.append((time.perf_counter() - started) * 1000)


def _settle(server: Besieged, before: int, row: Row) -> None:
    """Wait until the server has no more files than before the attack, but not for ever."""
    until_s = time.monotonic() + 4 * PATIENCE_S
    while server.files > before and time.monotonic() < until_s:
        time.sleep(STEP_S)
    if server.files > before:
        row.left.append(f"{server.files - before} open files")


def main() -> int:
    """Run the attacks one by one; return 1 where the server did not hold out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="1.5 seconds an attack, with fewer clients")
    parser.add_argument("--seconds", type=float, help="how long each attack lasts  [default: 10]")
    parser.add_argument("--only", help="the attack of this name")
    arguments = parser.parse_args()
    seconds = arguments.seconds or (1.5 if arguments.short else 10)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    is_held = True
    for attack, full, short, files in ATTACKS:
        if arguments.only and arguments.only.replace(" ", "_") != attack.__name__:
            continue
        for _ in range(TRIES):
            row = endure(attack, short if arguments.short else full, files, seconds)
            sys.stdout.write(f"{row.told}\n")
            sys.stdout.flush()
            if row.is_held or row.left:
                break
        is_held &= row.is_held
    return 0 if is_held else 1


if __name__ == "__main__":
    sys.exit(main())
