"""How fast the marketplace lives: its events a second, beside a bare heap loop of the same length in the same run.

Run it with `make bench-life`. It asserts nothing; the ratio is what can be compared between machines.
"""

import gc
import resource
import sys
import tracemalloc
from copy import deepcopy
from heapq import heappop, heappush
from time import process_time

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.scenarios import Scenario
from apidouble.mockserver.stage.simulator import Simulator

PROJECTS, WORKS, DAYS = 100, 1000, 30
DAY_MS = 24 * 60 * 60 * 1000
FORM = "application/x-www-form-urlencoded"
LIMITS = (
    "",
    "&limit_author_day=3",
    "&limit_hour=60",
    "&delay_from=1&delay_to=3&limit_author=20",
    "&limit=2000&cnt_day_limit=7",
)


def open_world() -> Simulator:
    """Open a world in which each project gets its works within the days, for every author comes often enough."""
    scenario = deepcopy(Scenario.read("realistic"))
    scenario.life["qcomment"]["arrivals"]["minutes"] = 5
    simulator = Simulator.open(scenario=scenario)
    account = simulator.world.accounts["qcomment"]
    account.ledger.deposit("RUB", 10**10)
    for number in range(PROJECTS):
        order = f"title=T&subjects=2&tarif_id=2&task=Z&price=12.2&pay={WORKS}{LIMITS[number % len(LIMITS)]}"
        body = f"apicode={account.key}&{order}"
        simulator.answer(Request("POST", "/api/newproject", "", FORM, body.encode()))
    return simulator


def live(simulator: Simulator) -> None:
    """Let the days pass."""
    simulator.world.advance(simulator.world.now_ms + DAYS * DAY_MS)


def events(simulator: Simulator) -> int:
    """Count what has happened: authors taking and handing in works, and every move of a machine."""
    account = simulator.world.accounts["qcomment"]
    taken: int = sum(stream.number for stream in simulator.world.lives["qcomment"].streams.values())
    return taken + len(account.comments) + sum(simulator.world.moves.values())


def heap_loop(count: int, waiting: int) -> float:
    """Return the processor seconds that a bare heap takes for a count of events while some wait."""
    heap = [(index * 7919 % 1_000_003, index, "qcomment", "take", index) for index in range(waiting)]
    heap.sort()
    started = process_time()
    for index in range(count):
        due, *_ = heappop(heap)
        heappush(heap, (due + index * 7919 % 1_000_003, index, "qcomment", "take", index))
    return process_time() - started


def main() -> None:
    """Print what was reached."""
    simulator = open_world()
    gc.collect()
    gc.freeze()
    started = process_time()
    live(simulator)
    seconds = process_time() - started
    fired = events(simulator)
    account = simulator.world.accounts["qcomment"]
    comments = len(account.comments) - 2
    bare = heap_loop(fired, PROJECTS * 10)
    sys.stdout.write(
        f"{PROJECTS} projects, {DAYS} days: {comments} comments, {fired} events in {seconds:.2f} s\n"
        f"{fired / seconds:,.0f} events/s; a bare heap loop {fired / bare:,.0f}/s; ratio {seconds / bare:.1f}\n"
        f"peak memory of the whole process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB\n"
    )
    if "--memory" in sys.argv:
        tracemalloc.start()
        again = open_world()
        before, _ = tracemalloc.get_traced_memory()
        live(again)
        now, peak = tracemalloc.get_traced_memory()
        sys.stdout.write(
            f"life itself holds {(now - before) / 1e6:.0f} MB, {(peak - before) / 1e6:.0f} MB at its peak\n"
        )


if __name__ == "__main__":
    main()
