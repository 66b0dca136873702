"""`activate` around classes, as a context of unittest's, and in asynchronous tests and fixtures."""

import asyncio
import unittest
from typing import Any

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter

from apidouble.mockserver import ForeignHostError, activate
from apidouble.mockserver.testing.double import Double

URL = "https://qcomment.ru/api/balance"
SEND = HTTPAdapter.send
ran: list[tuple[str, int]] = []


def balance(double: Double) -> Any:
    return requests.post(URL, {"apicode": double.keys["qcomment"]}, timeout=1).json()


class Base(unittest.TestCase):
    """What the decorated classes share; its own tests have no double."""

    __test__ = False  # run below, and not by pytest
    double: Double

    def setUp(self) -> None:
        balance(self.double)

    def tearDown(self) -> None:
        ran.append((self.id().rpartition(".")[2], len(self.double.calls)))


@activate(start="2030-01-01T00:00:00Z")
class Plain(Base):
    """A class as people write them."""

    def test_attribute(self) -> None:
        assert balance(self.double) == {"balance": 122.5}
        self.addCleanup(balance, self.double)

    def test_parameter(self, double: Double) -> None:
        assert double is self.double and double.clock.now.year == 2030

    @unittest.expectedFailure
    def test_failure(self) -> None:
        raise AssertionError

    def test_subtests(self) -> None:
        for number in range(2):
            with self.subTest(number=number):
                balance(self.double)


@activate()
class Asynchronous(unittest.IsolatedAsyncioTestCase):
    """Coroutines, set up by one."""

    __test__ = False
    double: Double

    async def asyncSetUp(self) -> None:
        await self.ask()

    async def asyncTearDown(self) -> None:
        ran.append(("async", len(self.double.calls)))

    async def ask(self) -> Any:
        async with httpx.AsyncClient() as client:
            return (await client.post(URL, data={"apicode": self.double.keys["qcomment"]})).json()

    async def test_coroutine(self, double: Double) -> None:
        assert await self.ask() == {"balance": 122.5} and double is self.double


class Entering(unittest.IsolatedAsyncioTestCase):
    """Without a decorator: the context is entered, as Python 3.11 can."""

    __test__ = False

    def setUp(self) -> None:
        self.first = self.enterContext(activate())

    async def asyncSetUp(self) -> None:
        self.second = await self.enterAsyncContext(activate())

    async def test_inner_one_answers(self) -> None:
        await asyncio.to_thread(balance, self.second)
        ran.append(("entered", len(self.second.calls) - len(self.first.calls)))


def outcome(*suites: type[unittest.TestCase]) -> unittest.TestResult:
    ran.clear()
    loaded = (unittest.defaultTestLoader.loadTestsFromTestCase(suite) for suite in suites)
    result = unittest.TestSuite(loaded).run(unittest.TestResult())
    assert HTTPAdapter.send is SEND
    return result


def test_each_test_of_a_class_has_a_double_of_its_own() -> None:
    """Its setUp and its coroutines included; nothing of it is left in the next test."""
    result = outcome(Plain, Asynchronous)

    assert result.wasSuccessful(), result.failures + result.errors
    assert sorted(ran) == [
        ("async", 2),
        ("test_attribute", 2),
        ("test_failure", 1),
        ("test_parameter", 1),
        ("test_subtests", 3),
    ]
    assert not hasattr(Base("setUp"), "double")


def test_contexts_are_entered_as_unittest_can() -> None:
    """enterContext and enterAsyncContext both do, and leave nothing open."""
    result = outcome(Entering)

    assert result.wasSuccessful(), result.failures + result.errors
    assert ran == [("entered", 1)]


PYTESTS = """
import asyncio

import pytest
import requests

from apidouble.mockserver import activate

URL = "https://qcomment.ru/api/balance"


def balance(double):
    return requests.post(URL, {"apicode": double.keys["qcomment"]}, timeout=1).json()


@activate()
class TestSuite:
    def setup_method(self):
        balance(self.double)

    def teardown_method(self, method):
        assert method.__name__.startswith("test_")
        assert len(self.double.calls) == 2

    @pytest.mark.parametrize("number", [1, 2])
    def test_parameters(self, number, double):
        balance(double)

    def test_attribute(self):
        assert balance(self.double) == {"balance": 122.5}


@activate()
class TestWithoutHooks:
    def test_parameter(self, double):
        assert balance(double) == {"balance": 122.5}


@activate()
class TestBroken:
    def setup_method(self, method):
        raise KeyError

    def test_nothing(self):
        pass


def test_nothing_is_left():
    assert "_send" not in requests.adapters.HTTPAdapter.send.__qualname__


@pytest.fixture
def double():
    with activate() as opened:
        yield opened


async def asks(double):
    return await asyncio.to_thread(balance, double)


def test_a_coroutine_of_a_fixture(double):
    assert asyncio.run(asks(double)) == {"balance": 122.5}
"""


def test_classes_of_pytest_have_one_too(pytester: pytest.Pytester) -> None:
    """From setup_method to teardown_method; one whose setup fails is closed all the same."""
    pytester.makepyfile(PYTESTS)

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly")

    result.assert_outcomes(passed=6, errors=1)


def test_a_double_may_be_entered_by_a_coroutine() -> None:
    """`async with` is as good as `with`."""

    async def call() -> int:
        async with activate() as double:
            await asyncio.to_thread(balance, double)
            return len(double.calls)

    assert asyncio.run(call()) == 1


def test_set_up_of_a_class_is_refused_rather_than_let_out() -> None:
    """What is called in setUpClass belongs to no test: it is refused, and told where to go."""

    @activate()
    class Early(unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            requests.get(URL, timeout=1)

        def test_nothing(self) -> None:
            """Never be run."""

    result = outcome(Early)

    assert [ForeignHostError.__name__ in text and "setUp" in text for _, text in result.errors] == [True]
