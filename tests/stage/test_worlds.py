"""World files: what opens, what is refused and where, and that a file opens the same world every time."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from apidouble.mockserver.spec.source import SpecError
from apidouble.mockserver.stage.control.plane import encode
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.stage.worlds import FOLDER, WorldFile

DOCUMENTED = (FOLDER / "documented.yaml").read_text("utf-8")


def state(simulator: Simulator) -> bytes:
    return encode([simulator.world.accounts, simulator.world.timers.heap, simulator.world.now_ms])


def test_world_opened_by_name_is_the_one_opened_by_path(tmp_path: Path) -> None:
    """A path opens the same world as a name, called after its file."""
    copy = tmp_path / "mine.yaml"
    copy.write_text(DOCUMENTED, "utf-8")

    mine = Simulator.open(copy)

    assert mine.world.tenant == "mine"
    assert state(mine) == state(Simulator.open("documented"))


def test_reset_gives_the_world_as_it_was(simulator: Simulator, call: Any, control: Any) -> None:
    """Calls, events and time leave no trace in the file that a reset reads."""
    fresh = state(simulator)
    call("newproject", title="Т", task="З", subjects=2, tarif_id=2, pay=1)
    call("revision", comment_id=300000, operation=0)
    call("blacklist", type="set", login="user1", project_id=2)
    control("POST", "/qqtube/submissions/123456/events/complete")
    control("POST", "/clock/advance", {"by": "30d"})
    assert state(simulator) != fresh

    simulator.reset()

    assert state(simulator) == fresh
    assert not simulator.world.journal.entries


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("seed: 1", "seed: [", "broken.yaml:"),
        ('start: "2021-11-20T12:00:00+03:00"', "start: '2021-11-20T12:00:00'", "broken.yaml:3: "),
        ('start: "2021-11-20T12:00:00+03:00"', "start: yesterday", "broken.yaml:3: "),
        ('start: "2021-11-20T12:00:00+03:00"', "", "start"),
        ("seed: 1", "", "seed"),
        ("qqtube:", "qqtubes:", "qqtube"),
        ("  key: 5d41402abc4b2a76b9719d911017c592", "", "key"),
        ("project_id: 999", "project_id: 998", "998"),
    ],
)
def test_broken_world_is_refused_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    """A file that makes no world is refused with its path, its line and what is wrong."""
    assert old in DOCUMENTED
    broken = tmp_path / "broken.yaml"
    broken.write_text(DOCUMENTED.replace(old, new), "utf-8")

    with pytest.raises(SpecError) as refused:
        Simulator.open(broken)

    assert f"{broken}:" in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize("content", ["", "[]", "just text", "7"])
def test_file_that_is_no_mapping_is_refused(tmp_path: Path, content: str) -> None:
    """A file without keys is refused as a file, not by a crash."""
    file = tmp_path / "none.yaml"
    file.write_text(content, "utf-8")

    with pytest.raises(SpecError, match=r"none\.yaml:1: "):
        WorldFile.read(file)


def test_unknown_world_names_those_there_are() -> None:
    """A name that opens nothing is answered with the names that open something."""
    with pytest.raises(SpecError, match="documented"):
        Simulator.open("undocumented")


def test_missing_file_is_refused_by_its_path(tmp_path: Path) -> None:
    """A path that leads nowhere is refused with that path."""
    with pytest.raises(SpecError, match=r"absent\.yaml: No such file"):
        Simulator.open(tmp_path / "absent.yaml")


def test_every_world_of_the_specs_opens() -> None:
    """Each file below specs/worlds opens, and is called as it is named."""
    for path in FOLDER.glob("*.yaml"):
        assert Simulator.open(path.stem).world.tenant == path.stem == yaml.safe_load(path.read_bytes())["name"]
