"""Rows that need no server: each of these functions runs in a process of its own and returns one figure.

Run as `python -m tests.benchmarks.inprocess ROW`, it prints the figure.
"""

import gc
import io
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from unittest.mock import patch

from tests.benchmarks.operations import QC_KEY, calls

URL = "https://qcomment.ru/api/balance"
CALLS, WORLDS, ROUNDS, TURNS = 300, 200, 5, 9


def _microseconds(once: Callable[[], object], times: int = CALLS, rounds: int = ROUNDS) -> float:
    """Return the median, of several rounds, of what one call takes."""
    once()
    took = []
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(times):
            once()
        took.append((time.perf_counter() - started) / times * 1e6)
    return statistics.median(took)


def requests_ratio() -> float:
    """The time of a call of `requests` through the in-process door, in that of the same call through `responses`."""
    from apidouble.mockserver import activate

    return _against_responses(activate)


def adapter_ratio() -> float:
    """The same for an adapter that gives an answer made beforehand: what `requests` itself takes."""
    import requests
    from requests.adapters import HTTPAdapter

    made = requests.Response()
    made.status_code, made._content = 200, b'{"balance":122.5}'
    made.raw = io.BytesIO()
    return _against_responses(lambda: patch.object(HTTPAdapter, "send", lambda *_, **__: made))


def _against_responses(opened: Callable[[], AbstractContextManager[object]]) -> float:
    """Return the median ratio of rounds that take turns."""
    import requests
    import responses

    def took_us() -> float:
        return _microseconds(lambda: requests.post(URL, {"apicode": QC_KEY}, timeout=5).json(), rounds=1)

    ratios = []
    for _ in range(TURNS):
        with opened():
            ours_us = took_us()
        with responses.RequestsMock() as mock:
            mock.post(URL, json={"balance": 122.5})
            ratios.append(ours_us / took_us())
    return statistics.median(ratios)


def gateway_us() -> float:
    """A call of the simulator itself, the mean of the three operations."""
    from apidouble.mockserver.stage.simulator import Simulator

    simulator, requests = Simulator.open(), [call.request for call in calls()]
    return statistics.mean(_microseconds(lambda r=request: simulator.answer(r), 3000) for request in requests)  # type: ignore[misc]


def fresh_world_ms() -> float:
    """A world of its own for each test: opened, called once, dropped."""
    from apidouble.mockserver.stage.simulator import Simulator

    request = calls()[0].request
    return _microseconds(lambda: Simulator.open().answer(request), WORLDS) / 1000


def import_ms() -> float:
    """`import apidouble.mockserver` in a fresh interpreter, beyond the interpreter's own start."""
    return _difference("from apidouble.mockserver import activate", "pass") * 1000


def plugin_unused_ms() -> float:
    """The pytest plugin in a run that does not use it: with it, less without it."""
    file = Path(sys.argv[2]) / "test_nothing.py"
    file.write_text("def test_nothing(): pass\n")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # those of others take a hundred times as long
    common = ["-q", "-p", "no:cacheprovider", "-c", os.devnull, str(file)]
    run = "import pytest, sys; sys.exit(pytest.main({}))".format
    return _difference(run(["-p", "apidouble.mockserver.testing.pytest_plugin", *common]), run(common)) * 1000


def growth_mb() -> float:
    """What memory grows from 100,000 calls to 1,000,000."""
    from apidouble.mockserver.stage.simulator import Simulator

    simulator, requests = Simulator.open(), [call.request for call in calls()]
    for number in range(100_000):
        simulator.answer(requests[number % len(requests)])
    gc.collect()
    before = _resident_bytes()
    for number in range(900_000):
        simulator.answer(requests[number % len(requests)])
    gc.collect()
    return (_resident_bytes() - before) / 1e6


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _difference(one: str, other: str) -> float:
    """Return the difference, in seconds, of the least that two programs take of many times by turns.

    What disturbs a start only makes it longer, and often by more than the difference.
    """
    least = [float("inf"), float("inf")]
    for _ in range(4 * ROUNDS + 1):
        for number, program in enumerate((one, other)):
            started = time.perf_counter()
            done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
            least[number] = min(least[number], time.perf_counter() - started)
            if done.returncode:
                raise SystemExit(done.stderr or done.stdout)
    return least[0] - least[1]


ROWS: dict[str, Callable[[], float]] = {
    row.__name__: row
    for row in (
        requests_ratio, adapter_ratio, gateway_us, fresh_world_ms, import_ms, plugin_unused_ms, growth_mb,
    )
}  # fmt: skip

if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody compiles each time
    sys.stdout.write(str(ROWS[sys.argv[1]]()))
