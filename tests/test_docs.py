"""Every command line of ours that the documents show is one that the command line takes."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from apidouble.mockserver.commands.main import main

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ENDS = re.compile(r"[|&;]|\d?>.*")


def shown() -> Iterator[tuple[str, list[str]]]:
    """Yield the page and the words of each `apidouble …` in its blocks of shell and YAML."""
    for page in PAGES:
        for language, block in FENCE.findall(page.read_text("utf-8")):
            if language == "sh":
                for line in block.replace("\\\n", " ").splitlines():
                    words = shlex.split(line, comments=True)
                    end = next((i for i, word in enumerate(words) if ENDS.fullmatch(word)), len(words))
                    if words[:1] == ["apidouble"]:
                        yield page.name, words[1:end]
            elif language == "yaml":
                for service in (yaml.safe_load(block).get("services") or {}).values():
                    if service.get("command", [""])[0] == "apidouble":
                        yield page.name, service["command"][1:]


CASES = [pytest.param(words, id=f"{page} {' '.join(words)}") for page, words in shown()]


@pytest.mark.parametrize("words", CASES)
def test_command_that_a_document_shows_is_taken(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Command, options and values are known; files that a reader is to have need not be there."""
    monkeypatch.setattr("click.Path.convert", lambda _self, value, _param, _context: Path(value))
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words:
        name, *words = words
        found = command.get_command(context, name)
        assert found is not None, name
        command = found

    assert command.make_context(command.name, list(words), parent=context)


def test_documents_show_commands() -> None:
    """The pages are found and read."""
    assert len(CASES) > 5
