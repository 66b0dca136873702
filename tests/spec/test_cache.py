"""What a start has made of the package's files is found by the next one, and never trusted more than the files."""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from apidouble.mockserver.spec.cache import kept
from apidouble.mockserver.spec.load import load
from apidouble.mockserver.spec.source import Source, SpecError
from apidouble.specs import ROOT

CONTENT = {"text": "Отзыв", 1: [True, None, 1.5], "empty": {}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place for caches."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def keep(content: object = CONTENT, ingredient: bytes = b"text") -> object:
    return kept("name", (ingredient,), lambda: content)


def test_second_reading_is_of_the_cache_and_equal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file of the specs reads the same from the cache, and the YAML is not parsed again."""
    parsed = {path: Source.parse(path, path.read_bytes()).content for path in ROOT.rglob("*.yaml")}
    for path in parsed:
        Source.read(path)
    assert len(files(folder)) == len(parsed)
    monkeypatch.setattr("apidouble.mockserver.spec.source._parsed", None)

    assert {path: Source.read(path).content for path in parsed} == parsed
    load()


def test_other_ingredients_are_made_anew(folder: Path) -> None:
    """A change of what something is made of is seen, and takes the old one's place."""
    keep()

    assert keep("new", b"changed") == keep("newer", b"changed") == "new"
    assert len(files(folder)) == 1


def test_what_moves_from_one_ingredient_to_the_next_is_seen(folder: Path) -> None:
    """The same bytes in other files are other ingredients."""
    kept("name", (b"ab", b"c"), lambda: "one")

    assert kept("name", (b"a", b"bc"), lambda: "other") == "other"
    assert len(files(folder)) == 1


def test_each_python_has_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept is written in a way that another version may read wrongly."""
    keep()
    monkeypatch.setattr(sys, "version", "3.99.0 (main)")

    assert keep("new") == "new"
    assert len(files(folder)) == 2


def damaged(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])


def writable_by_others(path: Path) -> None:
    path.chmod(path.stat().st_mode | stat.S_IWOTH)


def writable_by_the_group(path: Path) -> None:
    path.chmod(path.stat().st_mode | stat.S_IWGRP)


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("spoil", [damaged, cut, writable_by_others, writable_by_the_group, folder_instead])
def test_what_cannot_be_trusted_is_made_anew(folder: Path, spoil: Callable[[Path], None]) -> None:
    """A cache that is broken, or that somebody else could have written, is as none."""
    keep()
    spoil(files(folder)[0])

    assert keep("new") == "new"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners here")
def test_cache_of_another_user_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is one that belongs to somebody else."""
    keep()
    monkeypatch.setattr(os, "getuid", lambda: files(folder)[0].stat().st_uid + 1)

    assert keep("new") == "new"


def test_without_a_place_everything_still_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be written, each start makes everything itself."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    assert keep("one") == "one"
    assert keep("two") == "two"


def test_without_a_home_everything_still_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor where nobody knows which place that would be."""

    def nobodys() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setattr(Path, "home", nobodys)

    assert keep("one") == "one"


@pytest.mark.parametrize("step", ["pathlib.Path.replace", "tempfile.mkstemp"])
def test_what_cannot_be_written_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Everything works, and no draft of it is there afterwards."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no")

    monkeypatch.setattr(step, refuse)

    assert keep() == CONTENT
    assert files(folder) == []


def test_file_of_somebody_else_is_not_kept(folder: Path) -> None:
    """Only the package's own files are: a user's world would leave a trace with each change."""
    place = folder / "world.yaml"
    place.write_text("seed: x")

    with pytest.raises(SpecError, match=r"world\.yaml:1"):
        Source.read(place, "world")

    assert files(folder) == [place]
