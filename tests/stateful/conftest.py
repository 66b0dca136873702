"""A double behind each of the ways into it."""

from pathlib import Path

import pytest
import yaml

from apidouble.specs import ROOT
from tests.stateful.double import MODERATION_M, Double
from tests.ways import WAYS, Entrance

AT_LENGTH = "fast lane"  # what goes wrong whatever the way is searched for in one of them


@pytest.fixture(scope="session")
def strict_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a world that is the documented one, but for a moderation and a throttle."""
    world = yaml.safe_load((ROOT / "worlds/documented.yaml").read_text("utf-8"))
    world["qcomment"]["moderation_minutes"], world["qqtube"]["throttle"] = MODERATION_M, True
    path = tmp_path_factory.mktemp("worlds") / "strict.yaml"
    path.write_text(yaml.safe_dump(world), "utf-8")
    return path


@pytest.fixture(params=WAYS)
def double(request: pytest.FixtureRequest, entrance: Entrance, strict_world: Path) -> Double:
    """A double behind one of the ways into it."""
    doors = entrance(request.param), entrance(request.param, strict_world)
    return Double(*doors, at_length=request.param == AT_LENGTH)
