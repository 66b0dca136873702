"""Scenario files: what opens, what is refused and where, and what a scenario chooses for the world."""

from pathlib import Path

import pytest
import yaml

from apidouble.mockserver.spec.source import SpecError
from apidouble.mockserver.stage.scenarios import FOLDER, Scenario, names
from apidouble.mockserver.stage.simulator import Simulator

REALISTIC = (FOLDER / "realistic.yaml").read_text("utf-8")


@pytest.mark.parametrize("name", names())
def test_every_scenario_of_the_specs_opens(name: str) -> None:
    """Each file below specs/scenarios opens and is called as it is named."""
    assert Scenario.read(name).name == name
    assert Simulator.open(scenario=name).world.tenant == "documented"


def test_documented_scenario_has_no_life_of_its_own() -> None:
    """The default leaves the world as the documents describe it, with nothing due."""
    world = Simulator.open().world
    assert (dict(world.life), world.timers.heap) == ({}, [])


def test_scenario_chooses_world_and_seed(tmp_path: Path) -> None:
    """A world beside the scenario is found from there; a given world wins, and so does the scenario's seed."""
    content = yaml.safe_load((FOLDER.parent / "worlds" / "documented.yaml").read_text("utf-8"))
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(content), "utf-8")
    story = tmp_path / "story.yaml"
    story.write_text("description: mine\nworld: mine.yaml\nseed: 77\n", "utf-8")

    assert Simulator.open(scenario=story).world.tenant == "mine"
    assert Simulator.open(scenario=story).world.seed == 77
    assert Simulator.open("documented", scenario=story).world.tenant == "documented"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  arrivals:", "  arivals:", "arivals"),
        ("give_up_percent: 6", "give_up_percent: 106", "106"),
        ("minutes: 12 ", "minutes: soon ", "soon"),
        ("description:", "descripton:", "description"),
        ("  endings:", "  endings:\n    fail_bored: 1", "fail_bored: there is no such ending"),
        ("start_minutes: [", "start_minutes: [9, 2] # [", "start_minutes: 9 is more than 2"),
        ("after_minutes: [60, 4320]", "after_minutes: [9, 2]", "after_minutes: 9 is more than 2"),
    ],
)
def test_broken_scenario_is_refused_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    """An unknown key or an impossible value is refused with the scenario's file, the line and what is wrong."""
    assert old in REALISTIC
    broken = tmp_path / "broken.yaml"
    text = REALISTIC.replace(old, new, 1)
    broken.write_text(text, "utf-8")

    with pytest.raises(SpecError) as refused:
        Simulator.open(scenario=broken)

    problem = str(refused.value)
    assert problem.startswith(f"{broken}:")
    assert said in problem
    if "_minutes: " in said or "ending" in said:
        line = int(problem.removeprefix(f"{broken}:").partition(":")[0])
        assert said.split(":", maxsplit=1)[0] in text.splitlines()[line - 1]


def test_unknown_scenario_names_those_there_are() -> None:
    """A name that opens nothing is answered with the names that open something."""
    with pytest.raises(SpecError, match="documented, hostile, instant, realistic"):
        Scenario.read("peaceful")
