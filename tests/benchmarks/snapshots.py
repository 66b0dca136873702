"""What a snapshot takes: its size, and the time to take it, to write it as text, to read it, and to restore it.

Run it with `make bench-snapshots`, or `python tests/benchmarks/snapshots.py [PROJECTS]`: for a fresh world of each
scenario, and for one with so many projects and as many orders, to which a day then happened. It asserts only that what
is restored is what was taken. The least of several times is printed: the machine has other things to do.
"""

import gc
import sys
import zlib
from collections.abc import Callable
from time import process_time
from typing import Any
from urllib.parse import urlencode

import orjson

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.stage.snapshot import restore, snapshot

PROJECTS = 10_000
FORM = "application/x-www-form-urlencoded"
PROJECT = {"title": "Отзывы о доставке", "subjects": 2, "tarif_id": 2, "task": "Напишите отзыв.", "pay": 3}
ORDER = {"action": "add", "id_service": 3, "quantity": 1000}
DAY_MS = 24 * 60 * 60 * 1000


def open_world(scenario: str, projects: int) -> Simulator:
    """Return a world in which so many projects were paid and as many orders given, a day ago."""
    simulator = Simulator.open(scenario=scenario)
    qcomment, qqtube = (simulator.world.accounts[vendor] for vendor in ("qcomment", "qqtube"))
    qcomment.ledger.deposit("RUB", 10**12)
    qqtube.ledger.deposit("USD", 10**12)
    for number in range(projects):
        order = ORDER | {"url": f"https://www.youtube.com/watch?v=video{number:06}"}
        for path, sent in (
            ("/api/newproject", {"apicode": qcomment.key} | PROJECT),
            ("/v1-api", {"api_key": qqtube.key} | order),
        ):
            simulator.answer(Request("POST", path, "", FORM, urlencode(sent).encode()))
    assert len(qcomment.projects) >= projects and len(qqtube.submissions) >= projects
    if projects:
        simulator.stage.advance(simulator.world.now_ms + DAY_MS)
    return simulator


def least(action: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Return the least processor time of some, in milliseconds, and what came of the last."""
    spent, result = [], None
    for _ in range(times):
        gc.collect()
        started = process_time()
        result = action()
        spent.append((process_time() - started) * 1000)
    return min(spent), result


def measure(scenario: str, projects: int) -> None:
    """Print a row."""
    times = 5 if projects else 50
    told = open_world(scenario, projects)
    taking, plain = least(lambda: snapshot(told.stage), times)
    writing, text = least(lambda: orjson.dumps(plain), times)
    reading, read = least(lambda: orjson.loads(text), times)
    again = Simulator.open(scenario=scenario)
    restoring, _ = least(lambda: restore(again.stage, read), times)
    assert orjson.dumps(snapshot(again.stage)) == text
    works, zipped = len(told.world.accounts["qcomment"].comments), len(zlib.compress(text, 6))
    sys.stdout.write(
        f"{scenario:11} {projects:9,} {works:9,} {len(text) / 1000:11,.1f} {zipped / 1000:9,.1f} "
        f"{taking:8.2f} {writing:8.2f} {reading:8.2f} {restoring:9.2f}\n"
    )


def main() -> None:
    """Print what was measured."""
    sys.stdout.write(
        "scenario     projects     works  size in kB    zipped     take    write     read   restore   (ms)\n"
    )
    for scenario in ("documented", "realistic", "hostile"):
        measure(scenario, 0)
    for scenario in ("documented", "realistic"):
        measure(scenario, int(sys.argv[1]) if len(sys.argv) > 1 else PROJECTS)


if __name__ == "__main__":
    main()
