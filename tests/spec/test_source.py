"""A file that would explode, or goes too deep, is refused by its size, in one line."""

from pathlib import Path

import pytest

from apidouble.mockserver.spec.source import MAX_BYTES, MAX_DEPTH, Source, SpecError
from apidouble.mockserver.stage.scenarios import Scenario
from apidouble.mockserver.stage.worlds import WorldFile
from apidouble.specs import ROOT

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
BAD = {
    "aliases that explode": LAUGHS,
    "an alias within itself": "a: &a [*a]\n",
    "lists too deep": "[" * (MAX_DEPTH + 1),
    "mappings too deep": "\n".join(" " * n + "a:" for n in range(500)),
    "very deep": "[" * 500_000,
    "huge": "a: " + "x" * MAX_BYTES,
    "no value": "a: !!int " + "9" * 5000,
    "a message of its size": "seed: [" + "x, " * 200_000 + "x]\nstart: 1\n",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_world_or_scenario_that_is_too_much_is_refused_shortly(tmp_path: Path, text: str) -> None:
    """The error has the file's name and is short, however much there is."""
    path = tmp_path / "big.yaml"
    path.write_text(text)

    for read in (WorldFile.read, Scenario.read):
        with pytest.raises(SpecError) as refused:
            read(path)

        assert "big.yaml" in str(refused.value)
        assert len(str(refused.value)) < 20_000


def test_aliases_as_people_use_them_are_read(tmp_path: Path) -> None:
    """An alias is no reason to refuse a file."""
    path = tmp_path / "fine.yaml"
    path.write_text("a: &a {b: 1}\nc: [*a, *a]\n")

    assert Source.read(path).content == {"a": {"b": 1}, "c": [{"b": 1}, {"b": 1}]}


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00+03:00", "9999-12-31T23:59:59-12:00", "1969-12-31T23:59:59Z"])
def test_a_world_starts_within_virtual_time(tmp_path: Path, start: str) -> None:
    """An instant that no calendar of a vendor has is refused with its line."""
    world = (ROOT / "worlds" / "documented.yaml").read_text().splitlines()
    lines = [f"start: '{start}'" if line.startswith("start:") else line for line in world]
    path = tmp_path / "early.yaml"
    path.write_text("\n".join(lines))

    with pytest.raises(SpecError, match=r"early\.yaml:\d+: start is an instant .* outside of virtual time"):
        WorldFile.read(path)
