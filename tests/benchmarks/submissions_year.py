"""Let a year pass over a million submissions; print time and memory, and ratios to plain loops over as many objects.

Run it as `python tests/benchmarks/submissions_year.py [NUMBER]`; no test of the suite.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from apidouble.mockserver.domain.money import USD
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.vendors.qqtube.settling import seen

YEAR_MS = 365 * 86_400_000
ORDERS = ((3, 1000), (54, 3000), (46, 100), (60, 100), (90, 5000))


def resident_mb() -> float:
    """Return the most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def timed(what: str, number: int = 1) -> Iterator[Callable[[], float]]:
    """Print how long the block took, in all and for each of a number; yield what tells the seconds afterwards."""
    took: list[float] = []
    started = time.perf_counter()
    yield lambda: took[0]
    took.append(time.perf_counter() - started)
    each = f"{took[0] / number * 1e6:10.2f} us each" if number > 1 else ""
    sys.stdout.write(f"{what:<56}{took[0]:9.3f} s {each}\n")
    sys.stdout.flush()


class Plain:
    """An object with a status, as a loop over all of them would touch it."""

    __slots__ = ("due_ms", "status")

    def __init__(self, due_ms: int) -> None:
        self.due_ms, self.status = due_ms, 2


def touch(objects: list[Plain], now_ms: int) -> None:
    """Ask every object whether its time has come, and complete it: the least that advancing one by one could do."""
    for each in objects:
        if each.due_ms <= now_ms:
            each.status = 1


def main(number: int) -> None:
    """Order, let a year pass, look."""
    simulator = Simulator.open(scenario="realistic")
    world, account = simulator.world, simulator.world.accounts["qqtube"]
    account.ledger.deposit(USD, 10**12)
    here, add = world.here("qqtube"), world.vendors["qqtube"].behaviours["add"]
    before_mb = resident_mb()
    with timed(f"{number} orders, as the behaviour of add takes them", number):
        for index in range(number):
            id_service, quantity = ORDERS[index % len(ORDERS)]
            site = "soundcloud.com/a/" if id_service == 90 else "www.youtube.com/watch?v="
            add(here, url=f"https://{site}{index:011}", quantity=quantity, id_service=id_service)
    used_mb = resident_mb() - before_mb
    timers = len(world.timers.heap)
    sys.stdout.write(f"memory: {used_mb:.0f} MB, {used_mb * 2**20 / number:.0f} bytes each; {timers} refunds to come\n")

    with timed("a year passes") as year_s:
        fired = world.advance(world.now_ms + YEAR_MS)
    with timed("another year passes, with nothing left to refund"):
        world.advance(world.now_ms + YEAR_MS)
    plain = [Plain(world.now_ms - index) for index in range(number)]
    with timed("a plain loop over as many objects, completing each") as loop_s:
        touch(plain, world.now_ms)
    with timed("funds"):
        world.vendors["qqtube"].behaviours["funds"](here)
    sample = list(account.submissions.values())[:: max(1, number // 10_000)]
    with timed(f"{len(sample)} submissions looked at", len(sample)) as look_s:
        for submission in sample:
            seen(here, submission)
    touching_s = look_s() / len(sample) * number
    sys.stdout.write(f"timers that fell due: {fired}, {year_s() / max(fired, 1) * 1e6:.1f} us each\n")
    sys.stdout.write(f"the year against the plain loop: {year_s() / loop_s():.1f} times as long\n")
    sys.stdout.write(f"the year against looking at every submission: {touching_s / year_s():.0f} times faster\n")
    assert not list(account.ledger.imbalances())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
