"""Turn the statements of both documents, each with what holds it, into docs/statements.md."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
DATA, PAGE = ROOT / "docs" / "statements.yaml", ROOT / "docs" / "statements.md"
HEAD = """# What the documents say, and what holds it

Every statement of the two documents in their order, in their own words, and beside it the tests that hold it to the
simulator, the [readings](../specs/readings.yaml) that decide what its words leave open, or why no program could tell
whether it is true. Written by `make statements` from [statements.yaml](statements.yaml). A statement with none of them,
a test or a reading that does not exist, and a page that is out of date fail `tests/spec/test_statements.py`.

{statements} statements: {held} held by tests, {readings} of these and {only} others decided by readings, {outside}
outside.
"""


def load() -> dict[str, Any]:
    """Return the data."""
    content: dict[str, Any] = yaml.safe_load(DATA.read_text("utf-8"))
    return content


def statements(content: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return each statement with its vendor and its section."""
    return [
        (document["vendor"], section["section"], statement)
        for document in content["documents"]
        for section in document["sections"]
        for statement in section["statements"]
    ]


def page(content: dict[str, Any]) -> str:
    """Return the page."""
    told = [statement for _, _, statement in statements(content)]
    head = HEAD.format(
        statements=len(told),
        held=sum("held" in s for s in told),
        readings=sum("held" in s and "readings" in s for s in told),
        only=sum("held" not in s and "readings" in s for s in told),
        outside=sum("outside" in s for s in told),
    )
    return "\n".join([head, *_tables(content), *_tests(content)]) + "\n"


def _tables(content: dict[str, Any]) -> Iterator[str]:
    for document in content["documents"]:
        yield f"## {document['document']}\n"
        for section in document["sections"]:
            yield f"### {section['section']} {section.get('title', '')}".rstrip() + "\n"
            yield "| the document | tests | readings |\n|---|---|---|"
            for statement in section["statements"]:
                yield f"| {_cell(statement['words'])} | {_held(statement)} | {_list(statement.get('readings', ()))} |"
            yield ""


def _tests(content: dict[str, Any]) -> Iterator[str]:
    yield "## The tests\n"
    yield "| name | test |\n|---|---|"
    for name, test in content["tests"].items():
        path, _, function = test.partition("::")
        yield f'| <a id="{name}"></a>{name} | [{path}](../{path})::{function} |'


def _held(statement: dict[str, Any]) -> str:
    if "outside" in statement:
        return f"none: it {statement['outside']}"
    return ", ".join(f"[{name}](#{name})" for name in statement.get("held", ()))


def _list(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(words: str) -> str:
    """Return text that stands in a table as it is."""
    for char in "\\`*_[]<>|":
        words = words.replace(char, f"\\{char}")
    return words


if __name__ == "__main__":
    PAGE.write_text(page(load()), "utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")
