"""Turn a reading and a condition into a wait that asks no more often than it should."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from apidouble.client.errors import ClientError, WaitTimeoutError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to ask and how long to wait. Sleep and clock are injected: a test needs no real time."""

    every_s: float = 60
    timeout_s: float = 24 * 60 * 60
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


def wait_for(
    read: Callable[[], T],
    until: Callable[[T], bool],
    *,
    what: str,
    pace: Pace,
    least_every_s: float = 1,
    on_progress: Callable[[T], None] | None = None,
) -> T:
    """Read until the condition holds and return what was read last.

    Errors that may pass (maintenance, no answer) do not end the wait; any other does. Raises ValueError for a pace
    faster than `least_every_s`, and WaitTimeoutError with the last reading, from the last error, when time is over.
    """
    if pace.every_s < least_every_s:
        raise ValueError(f"every_s is {pace.every_s}; not more often than every {least_every_s} seconds, please")
    deadline = pace.clock() + pace.timeout_s
    last: T | None = None
    problem: ClientError | None = None
    while True:
        try:
            last, problem = read(), None
        except ClientError as error:
            if not error.retryable:
                raise
            problem = error
        else:
            if on_progress is not None:
                on_progress(last)
            if until(last):
                return last
        left_s = deadline - pace.clock()
        if left_s < pace.every_s:
            raise WaitTimeoutError(f"{what}: not within {pace.timeout_s:g} seconds", last) from problem
        pace.sleep(pace.every_s)
