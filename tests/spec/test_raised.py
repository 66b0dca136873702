"""Which errors code can raise is read from its syntax, however the literal gets there."""

from pathlib import Path

import pytest

from apidouble.mockserver.spec.check.raised import mentioned, scan

WAYS = {
    "directly": "def f():\n    raise RefusedError(7)",
    "with words": "def f():\n    raise RefusedError(7, limit=8)",
    "returned": "def f():\n    return RefusedError(7)",
    "under a condition": "def f(x):\n    raise RefusedError(7 if x else 7)",
    "as one of several": "def f():\n    raise RefusedError(*(7, 7))",
    "through a constant": "GONE = 7\ndef f():\n    raise RefusedError(GONE)",
    "through one of two constants": "GONE, LOST = 7, 8\ndef f():\n    raise RefusedError(GONE)",
    "through a table": "TABLE = {'a': 7}\ndef f(x):\n    raise RefusedError(TABLE[x])",
    "through a table's get": "TABLE = {'a': 7}\ndef f(x):\n    raise RefusedError(TABLE.get(x, 7))",
    "through a local name": "def f(x):\n    code = 7\n    raise RefusedError(code)",
    "through a parameter": "def g(a, code):\n    raise RefusedError(code)\ndef f():\n    g(8, 7)",
    "through a named parameter": "def g(a, *, code):\n    raise RefusedError(code)\ndef f():\n    g(8, code=7)",
    "through two functions": (
        "def h(code):\n    raise RefusedError(code)\ndef g(code, a):\n    h(code)\ndef f():\n    g(7, 8)"
    ),
    "in a function within a function": "def f():\n    def g():\n        raise RefusedError(7)\n    g()",
    "as the text of a message": "ADDED = 7\ndef f(here):\n    return here.rules.texts[ADDED]",
}


@pytest.mark.parametrize("code", WAYS.values(), ids=WAYS)
def test_number_that_reaches_a_refusal_is_found(code: str) -> None:
    """7 is found, and 8, which only stands nearby, is not."""
    raised = scan({Path("code.py"): code.encode()})
    assert {number for number, _ in raised.codes} == {7}
    assert raised.failures == []


@pytest.mark.parametrize("error", ["FailedError", "UnreadableError"])
def test_name_that_reaches_a_failure_is_found_with_its_line(error: str) -> None:
    """The first argument names the failure; what follows are words for its text."""
    raised = scan({Path("code.py"): f"def f():\n    raise {error}('gone', label='x')".encode()})
    assert [(name, str(place)) for name, place in raised.failures] == [("gone", "code.py:2")]


@pytest.mark.parametrize("code", WAYS.values(), ids=WAYS)
def test_quick_search_finds_no_less(code: str) -> None:
    """Whatever the careful search finds, the quick one does."""
    assert 7 in mentioned({Path("code.py"): code.encode()})
