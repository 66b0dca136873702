"""docs/pytest.md: its examples run, and its tables have every fixture, argument, rule."""

import re
from pathlib import Path

import pytest

from apidouble.mockserver.story.lint import RULES
from apidouble.mockserver.testing import pytest_plugin

PAGE = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text("utf-8")


def test_the_examples_run(pytester: pytest.Pytester) -> None:
    """All blocks of Python, one after the other, are a suite that passes and has no bad habits."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    pytester.makepyfile(test_page="\n".join(blocks))

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist", "--apidouble-lint=error")

    result.assert_outcomes(passed=len(re.findall(r"^def test_", "".join(blocks), re.MULTILINE)))


def test_the_tables_are_complete() -> None:
    """Rules with their severity, the marker's arguments and the fixtures are those that there are."""
    rows = re.findall(r"^\| `([\w-]+)`(?:, `(\w+)`)? \| ?([^|]*?) ?\|", PAGE, re.MULTILINE)
    named = {name: kind for first, second, kind in rows for name in (first, second) if name}

    assert {name: named.get(name) for name in RULES} == {name: severity for name, (severity, _) in RULES.items()}
    fixtures = [name for name, thing in vars(pytest_plugin).items() if "fixture" in type(thing).__name__.lower()]
    assert set(fixtures) | {*pytest_plugin.OPENED, pytest_plugin.LINT_ALLOW} <= named.keys() and len(fixtures) == 6
