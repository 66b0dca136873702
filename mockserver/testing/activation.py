"""Turn a `with` block, or a function, into one in which `requests` reaches a double and nobody else."""

import functools
import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from apidouble.mockserver.stage.pacer import Pace
from apidouble.mockserver.testing.doors.hosts import Hosts
from apidouble.mockserver.testing.doors.requests_door import RequestsDoor
from apidouble.mockserver.testing.double import Double

PARAMETER = "double"

P = ParamSpec("P")
R = TypeVar("R")


class Activation:
    """What `activate` returns. Each `with`, and each call of a decorated function, has a fresh double."""

    def __init__(self, open_double: Callable[[], Double], allow: Collection[str]) -> None:
        self._open, self._allow = open_double, allow
        self._doors: list[RequestsDoor] = []

    def __enter__(self) -> Double:
        double = self._open()
        door = RequestsDoor(Hosts(double.simulator, self._allow))
        door.open()
        self._doors.append(door)
        return double

    def __exit__(self, *_: object) -> None:
        self._doors.pop().close()

    def __call__(self, function: Callable[P, R]) -> Callable[..., R]:
        """Decorate a function, also an async one. If it has a parameter named `double`, that is the double."""
        if not inspect.isfunction(function):
            raise TypeError("activate decorates functions and methods, not classes: use the fixture `apidouble` there")
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"{function.__name__} yields: write `with activate(): yield` in it, in place of a decorator"
            )
        signature = inspect.signature(function)
        takes = PARAMETER in signature.parameters
        wrapper: Any

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def wrapper(*args: Any, **options: Any) -> Any:
                with Activation(self._open, self._allow) as double:
                    return await function(*args, **options | ({PARAMETER: double} if takes else {}))

        else:

            @functools.wraps(function)
            def wrapper(*args: Any, **options: Any) -> Any:
                with Activation(self._open, self._allow) as double:
                    return function(*args, **options | ({PARAMETER: double} if takes else {}))

        # What is passed here is nobody else's to pass: pytest would look for a fixture of that name.
        others = [p for name, p in signature.parameters.items() if name != PARAMETER]
        wrapper.__signature__ = signature.replace(parameters=others)
        return wrapper  # type: ignore[no-any-return]


def activate(
    *,
    world: str | Path | None = None,
    scenario: str | Path = "documented",
    readings: Mapping[str, str] | None = None,
    clock: str | Pace = "frozen",
    start: str | None = None,
    faults: Iterable[Mapping[str, Any]] = (),
    allow: Collection[str] = (),
) -> Activation:
    """Let `requests` reach a double in place of both vendors, over no socket, in all threads of this process.

    A thread or task that has opened one itself reaches that, any other the last that was opened.
    Use it as `with activate() as double:` or as a decorator. Any other host raises ForeignHostError, unless `allow`
    lists it (with * for any part) or it is this machine. What the double is like: see Double.open.
    """
    planned = tuple(faults)

    def open_double() -> Double:
        return Double.open(world=world, scenario=scenario, readings=readings, clock=clock, start=start, faults=planned)

    return Activation(open_double, allow)
