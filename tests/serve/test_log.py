"""The log on standard error: many lines in one write, never waited for, and nothing lost without a word."""

import logging
import os
import re
import select
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from apidouble.mockserver.serve import log
from apidouble.mockserver.serve.log import Scribe
from tests.serve.doors.wires import BALANCE, call
from tests.ways import APIDOUBLE

TIMEOUT_S = 60
MANY = 2000  # lines are more than a pipe holds


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def record(text: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("apidouble.calls", logging.INFO, __file__, 1, text, arguments, None)


def test_lines_come_in_their_order_and_whole(tmp_path: Path) -> None:
    """As they were logged, whatever they hold."""
    with (tmp_path / "log").open("wb") as file:
        scribe = Scribe(file.fileno())
        for number in range(1000):
            scribe.handle(record("%d ж \udcff", number))
        scribe.finish(TIMEOUT_S)

    lines = (tmp_path / "log").read_text("utf-8").splitlines()
    assert lines == [f"{number} ж \\udcff" for number in range(1000)]


@pytest.mark.parametrize("is_blocking", [True, False])
def test_lines_that_nobody_reads_are_counted(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch, *, is_blocking: bool
) -> None:
    """No more than a bound wait; when somebody reads again, the count is said. The pipe may be the other end's idea."""
    monkeypatch.setattr(log, "MAX_LINES", 10)
    reader, writer = pipe
    os.set_blocking(writer, is_blocking)
    scribe = Scribe(writer)

    for number in range(2000):
        scribe.handle(record("%d %s", number, "x" * 1000))
    scribe.finish(0)
    numbers: list[int] = []
    said, lost = b"", 0
    while len(numbers) + lost < 2000 and select.select([reader], [], [], TIMEOUT_S)[0]:
        said += os.read(reader, 65536)
        numbers = [int(found) for found in re.findall(rb"^(\d+) x+\n", said, re.MULTILINE)]
        lost = sum(map(int, re.findall(rb"(\d+) lines are left out", said)))

    assert numbers == sorted(set(numbers))
    assert len(numbers) + lost == 2000
    assert lost > 1000


def test_log_whose_reader_is_gone_fails_nobody() -> None:
    """A broken pipe ends the writing."""
    reader, writer = os.pipe()
    os.close(reader)
    scribe = Scribe(writer)

    scribe.handle(record("lost"))
    scribe.finish(TIMEOUT_S)
    scribe.handle(record("lost"))

    os.close(writer)


def ask(line: socket.socket) -> bytes:
    """Send a call and read its answer."""
    line.sendall(call())
    said = b""
    while not said.endswith(BALANCE):
        said += line.recv(65536)
    return said


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="signals end a server otherwise on this system")
@pytest.mark.parametrize("count", [1, 2])
def test_server_whose_log_is_not_read_answers_and_ends(count: int) -> None:
    """With standard error a full pipe, as Node's spawn and Python's Popen leave it; by one signal, and by two."""
    command = [*APIDOUBLE, "serve", "--port", "0", "--print-url"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = urlsplit(process.stdout.readline().strip())
        with socket.create_connection((str(address.hostname), int(address.port or 0)), TIMEOUT_S) as line:
            for _ in range(MANY):
                ask(line)
        for _ in range(count):
            process.send_signal(signal.SIGTERM)

        assert process.wait(TIMEOUT_S) == 0
