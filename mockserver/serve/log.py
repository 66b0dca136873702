"""Turn what is logged into lines on standard error, by a thread of its own: whoever logs never waits for who reads."""

import logging
import os
import select
import threading
from contextlib import suppress

MAX_LINES = 20_000  # that may wait; more are counted, and the count is said
MAX_BYTES = 8_000_000
GATHER_S = 0.02  # how long lines are gathered for one write
RETRY_S = 0.1
FLUSH_S = 1.0


class Scribe(logging.Handler):
    """Gathers lines, and writes many of them at once to a file descriptor."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._lines: list[str] = []
        self._bytes = self._lost = 0
        self._wake, self._ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line, or count it where too many wait. logging holds the handler's lock here."""
        line = self.format(record)
        if len(self._lines) >= MAX_LINES or self._bytes > MAX_BYTES:
            self._lost += 1
            return
        self._lines.append(line)
        self._bytes += len(line)
        if not self._wake.is_set():
            self._wake.set()

    def finish(self, patience_s: float = FLUSH_S) -> None:
        """Write what waits, if it is read within some time."""
        self._ending.set()
        self._wake.set()
        self._thread.join(patience_s)

    def _work(self) -> None:
        with suppress(OSError):  # nobody reads any more; the lines that still come are counted, and that is all
            while self._wake.wait():
                self._ending.wait(GATHER_S)
                is_last = self._ending.is_set()
                self._wake.clear()
                self._write(self._take())
                if is_last:
                    return

    def _take(self) -> bytes:
        self.acquire()
        lines, lost = self._lines, self._lost
        self._lines, self._bytes, self._lost = [], 0, 0
        self.release()
        if lost:
            lines.append(f"log       {lost} lines are left out here: nobody read them in time")
        return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._descriptor, view) :]
            except BlockingIOError:  # the other end has made the pipe so
                select.select([], [self._descriptor], [], RETRY_S)
