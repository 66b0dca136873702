"""Turn what is logged into lines on standard error, by a thread of its own: whoever logs never waits for who reads."""

import logging
import os
import select
import threading
import time
from contextlib import suppress
from queue import SimpleQueue

MAX_LINES = 20_000  # that may wait; more are counted, and the count is said
MAX_BYTES = 8_000_000
GATHER_S = 0.02  # how long lines are gathered for one write
RETRY_S = 0.1
FLUSH_S = 1.0
POLL_S = 0.002


class Scribe(logging.Handler):
    """Gathers lines, and writes many of them at once to a file descriptor."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._lines: SimpleQueue[str | None] = SimpleQueue()  # None is the end
        self._put_bytes = self._taken_bytes = self._lost = self._told = 0
        self._is_ending = self._has_ended = False
        self._thread = threading.Thread(target=self._work, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line, or count it where too many wait."""
        if self._lines.qsize() >= MAX_LINES or self._put_bytes - self._taken_bytes > MAX_BYTES:
            self._lost += 1
            return
        line = self.format(record)
        self._put_bytes += len(line)
        self._lines.put(line)

    def finish(self, patience_s: float = FLUSH_S) -> None:
        """Write what waits, if it is read within some time. It takes no lock, so a signal's handler may call it."""
        self._is_ending = True
        self._lines.put(None)
        until_s = time.monotonic() + patience_s
        while not self._has_ended and time.monotonic() < until_s:
            time.sleep(POLL_S)

    def _work(self) -> None:
        lines: list[str | None] = []
        with suppress(OSError):  # nobody reads any more, and the lines that still come are counted
            while None not in lines:
                first = self._lines.get()
                if not self._is_ending:
                    time.sleep(GATHER_S)
                lines = [first, *(self._lines.get() for _ in range(self._lines.qsize()))]
                self._write([line for line in lines if line is not None])
        self._has_ended = True

    def _write(self, lines: list[str]) -> None:
        self._taken_bytes += sum(map(len, lines))
        lost = self._lost - self._told
        self._told += lost
        if lost:
            lines.append(f"log       {lost} lines are left out here: nobody read them in time")
        text = "".join(f"{line}\n" for line in lines)
        view = memoryview(text.encode("utf-8", "backslashreplace"))
        while view:
            try:
                view = view[os.write(self._descriptor, view) :]
            except BlockingIOError:  # the other end has made the pipe so
                select.select([], [self._descriptor], [], RETRY_S)
