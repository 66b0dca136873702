"""The table of the documents' statements: complete, true to the tests and readings that there are, and up to date."""

import ast
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pytest

from apidouble.mockserver.spec.load import load
from apidouble.mockserver.spec.model import Operation
from tests import statements

CONTENT = statements.load()
TOLD = statements.statements(CONTENT)
CONTRACT = load()
MADE_UP = {"projectstatus", "getTariff", "submissions", "service"}  # of no section: see qc.legacy and qq.extra


@lru_cache
def functions(path: str) -> frozenset[str]:
    """Return the tests in a file."""
    tree = ast.parse((statements.ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def faults(content: Mapping[str, Any], readings: Any = CONTRACT.readings) -> list[str]:
    """Return what is wrong with the table."""
    found = []
    for vendor, section, statement in statements.statements(dict(content)):
        where = f"{vendor} {section}: {statement['words'][:60]}"
        if not {"held", "readings", "outside"} & statement.keys():
            found.append(f"{where}: neither a test nor a reading")
        if "outside" in statement and "held" in statement:
            found.append(f"{where}: outside, and held by a test")
        found += [f"{where}: no test {n}" for n in statement.get("held", ()) if n not in content["tests"]]
        found += [f"{where}: no reading {n}" for n in statement.get("readings", ()) if n not in readings]
    for name, test in content["tests"].items():
        path, _, function = test.partition("::")
        if not (statements.ROOT / path).is_file() or function not in functions(path):
            found.append(f"{name}: there is no {test}")
    held = {name for _, _, s in statements.statements(dict(content)) for name in s.get("held", ())}
    return found + [f"{name}: holds nothing" for name in content["tests"] if name not in held]


def test_every_statement_has_a_test_or_a_reading() -> None:
    """And every test and reading that is named exists."""
    assert faults(CONTENT) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"words": "w"}, "neither a test nor a reading"),
        ({"words": "w", "held": ["nothing"]}, "no test nothing"),
        ({"words": "w", "readings": ["qc.nothing"]}, "no reading qc.nothing"),
        ({"words": "w", "held": ["codes"], "outside": "is held"}, "outside, and held"),
    ],
)
def test_a_statement_without_either_shows(change: dict[str, Any], said: str) -> None:
    """The table is judged as strictly as it says."""
    sections = [{"section": "1", "statements": [change]}]
    (fault, *_) = faults({"tests": CONTENT["tests"], "documents": [{"vendor": "qcomment", "sections": sections}]})
    assert said in fault


def test_a_test_that_does_not_exist_shows() -> None:
    """Whether its file is gone or its function."""
    tests = {"a": "tests/nowhere.py::test_a", "b": "tests/spec/test_statements.py::test_b"}
    assert faults({"tests": tests, "documents": []})[:2] == [f"{n}: there is no {t}" for n, t in tests.items()]


def test_the_page_is_up_to_date() -> None:
    """`make statements` writes it."""
    assert statements.PAGE.read_text("utf-8") == statements.page(CONTENT)


def test_the_page_says_what_is_outside_in_few_words() -> None:
    """No statement that a call could meet is put aside: of errors, parameters and variables none is outside."""
    assert sum("outside" in s for _, _, s in TOLD) < 20


OPERATIONS = [
    pytest.param(name, operation, id=operation.id)
    for name, vendor in CONTRACT.vendors.items()
    for operation in vendor.operations.values()
    if operation.id not in MADE_UP
]


@pytest.mark.parametrize(("vendor", "operation"), OPERATIONS)
def test_a_section_has_all_that_the_specs_take_from_it(vendor: str, operation: Operation) -> None:
    """Each parameter, and each numbered error of the document, is among the statements of its section."""
    component = operation.request
    section = operation.section or _section(operation.id)
    words = [s["words"] for v, name, s in TOLD if (v, name) == (vendor, section)]
    for parameter in component.properties:
        aliases = (parameter, *component.properties[parameter].get("x-aliases", ()))
        assert any(_names(text, alias) for text in words for alias in aliases), parameter
    for error in CONTRACT.vendors[vendor].numbered.values():
        if error.evidence == "documented" and operation.id in error.operations and len(error.operations) == 1:
            assert any(text.startswith(f"{error.code} {error.text}") or error.text in text for text in words), (
                error.code
            )


def _names(text: str, parameter: str) -> bool:
    return text.startswith((f"{parameter} ", f"{parameter}*")) or f"'{parameter}'" in text


def _section(operation: str) -> str:
    """Return the section of QQTube's document that an action is from."""
    document = CONTRACT.vendors["qqtube"].document
    for name, schema in document["components"]["schemas"].items():
        if name == f"{operation.capitalize()}Request":
            return str(schema["x-section"])
    raise AssertionError(operation)
