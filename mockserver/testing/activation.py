"""Turn a `with` block, a function or a class of tests into one in which HTTP libraries reach a double, nobody else."""

import functools
import inspect
import unittest
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, overload

from apidouble.mockserver.stage.pacer import Pace
from apidouble.mockserver.testing.doors.hosts import Hosts
from apidouble.mockserver.testing.doors.opening import Opening
from apidouble.mockserver.testing.double import Double

PARAMETER = "double"
OF_A_CLASS = ("setUpClass", "tearDownClass", "setup_class", "teardown_class")

P = ParamSpec("P")
R = TypeVar("R")
Suite = TypeVar("Suite", bound=type)


class Activation:
    """What `activate` returns. Each `with`, each call of a decorated function and each test has a fresh double."""

    def __init__(self, open_double: Callable[[], Double], allow: Collection[str]) -> None:
        self._open, self._allow = open_double, allow
        self._openings: list[Opening] = []

    def __enter__(self) -> Double:
        double = self._open()
        opening = Opening(Hosts(double.simulator, self._allow))
        opening.open()
        self._openings.append(opening)
        return double

    def __exit__(self, *_: object) -> None:
        self._openings.pop().close()

    async def __aenter__(self) -> Double:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        self.__exit__()

    @overload
    def __call__(self, decorated: Suite) -> Suite: ...
    @overload
    def __call__(self, decorated: Callable[P, R]) -> Callable[..., R]: ...
    def __call__(self, decorated: Any) -> Any:
        """Decorate a function, also an async one, or a class of tests.

        A parameter named `double` is the double. Each test of a class has one of its own from its setUp, or
        setup_method, to its tearDown; it is also `self.double`.
        """
        if inspect.isclass(decorated):
            return self._decorate_class(decorated)
        if not inspect.isfunction(decorated):
            raise TypeError(f"activate decorates functions, methods and classes, not {decorated!r}")
        if inspect.isgeneratorfunction(decorated) or inspect.isasyncgenfunction(decorated):
            raise TypeError(
                f"{decorated.__name__} yields: write `with activate(): yield` in it, in place of a decorator"
            )
        wrapper: Any
        if inspect.iscoroutinefunction(decorated):

            async def wrapper(*args: Any, **options: Any) -> Any:
                with self._anew() as double:
                    return await decorated(*args, **options | ({PARAMETER: double} if _takes(decorated) else {}))

        else:

            def wrapper(*args: Any, **options: Any) -> Any:
                with self._anew() as double:
                    return decorated(*args, **options | ({PARAMETER: double} if _takes(decorated) else {}))

        return _dressed(wrapper, decorated)

    def _anew(self) -> "Activation":
        return Activation(self._open, self._allow)

    def _decorate_class(self, suite: Any) -> Any:
        if issubclass(suite, unittest.TestCase):
            self._around_run(suite)
        else:
            self._around_methods(suite)
        for name in OF_A_CLASS:
            if hasattr(suite, name):
                setattr(suite, name, self._without_double(getattr(suite, name), name))
        for name, test in list(vars(suite).items()):
            if name.startswith("test") and inspect.isfunction(test) and _takes(test):
                setattr(suite, name, _given_its_double(test))
        return suite

    def _without_double(self, hook: Any, name: str) -> Any:
        """Let what is called before or after the tests of a class, which no test's double answers, not get out."""

        def refusing(suite: type) -> None:
            refusal = f"each test has its own double, and {name} belongs to none: call in setUp or setup_method"
            opening = Opening(Hosts(self._open().simulator, self._allow, refusal))
            opening.open()
            try:
                getattr(hook, "__func__", hook)(suite)
            finally:
                opening.close()

        return classmethod(functools.wraps(hook)(refusing))

    def _around_run(self, suite: type[unittest.TestCase]) -> None:
        run = suite.run

        @functools.wraps(run)
        def wrapper(case: Any, result: Any = None) -> Any:
            with self._anew() as case.double:
                return run(case, result)

        suite.run = wrapper  # type: ignore[method-assign,assignment]

    def _around_methods(self, suite: Any) -> None:
        """Open a double in pytest's setup_method, and close it in its teardown_method."""
        set_up, tear_down = (getattr(suite, name, None) for name in ("setup_method", "teardown_method"))

        def setup_method(test: Any, method: Any) -> None:
            test._activation = self._anew()  # noqa: SLF001 (ours)
            test.double = test._activation.__enter__()  # noqa: SLF001
            try:
                _call(set_up, test, method)
            except BaseException:
                test._activation.__exit__()  # noqa: SLF001
                raise

        def teardown_method(test: Any, method: Any) -> None:
            try:
                _call(tear_down, test, method)
            finally:
                test._activation.__exit__()  # noqa: SLF001

        suite.setup_method, suite.teardown_method = setup_method, teardown_method


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
    """Let HTTP libraries reach a double in place of both vendors, over no socket, in all threads of this process.

    A thread or task that has opened one itself reaches that, any other the last that was opened.
    Use it as `with activate() as double:` or as a decorator. Any other host raises ForeignHostError, unless `allow`
    lists it (with * for any part) or it is this machine. What the double is like: see Double.open.
    """
    planned = tuple(faults)

    def open_double() -> Double:
        return Double.open(world=world, scenario=scenario, readings=readings, clock=clock, start=start, faults=planned)

    return Activation(open_double, allow)


def _takes(function: Callable[..., Any]) -> bool:
    return PARAMETER in inspect.signature(function).parameters


def _dressed(wrapper: Any, function: Any) -> Any:
    """Let a wrapper look like a function without the parameter that nobody else is to pass, not even pytest."""
    functools.update_wrapper(wrapper, function)
    signature = inspect.signature(function)
    others = [parameter for name, parameter in signature.parameters.items() if name != PARAMETER]
    wrapper.__signature__ = signature.replace(parameters=others)
    return wrapper


def _given_its_double(test: Any) -> Any:
    wrapper: Any
    if inspect.iscoroutinefunction(test):

        async def wrapper(case: Any, *args: Any, **options: Any) -> Any:
            return await test(case, *args, **options, **{PARAMETER: case.double})

    else:

        def wrapper(case: Any, *args: Any, **options: Any) -> Any:
            return test(case, *args, **options, **{PARAMETER: case.double})

    return _dressed(wrapper, test)


def _call(hook: Callable[..., Any] | None, test: Any, method: Any) -> None:
    """Call what a class has of its own, with the test's method if it takes that, as pytest does."""
    if hook is not None:
        hook(test, method) if len(inspect.signature(hook).parameters) > 1 else hook(test)
