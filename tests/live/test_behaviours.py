"""The same assertions on the simulator, on the recordings there are, and with --live on the services themselves."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from apidouble.mockserver.live.asking.asking import EXAMPLE_IDS, Asker
from apidouble.mockserver.live.asking.behaviours import Behaviour, behaviours
from apidouble.mockserver.live.recording import cassettes, recording
from apidouble.mockserver.live.recording.cassettes import Player
from apidouble.mockserver.stage.simulator import Simulator
from tests.live.conftest import BY_NAME

RECORDED = sorted((Path(__file__).parents[2] / cassettes.FOLDER).glob("*.yaml"))
ALL = [pytest.param(b, id=b.name) for vendor in BY_NAME for b in behaviours(vendor)]
LIVE = [pytest.param(b, id=b.name, marks=pytest.mark.live(b.vendor)) for v in BY_NAME for b in behaviours(v)]


@cache
def _simulated(vendor: str) -> Asker:
    simulator = Simulator.open()
    key = simulator.world.accounts[vendor].key
    return recording.asker(simulator, vendor, key, simulator.answer, EXAMPLE_IDS)


def _must_agree(behaviour: Behaviour, ask: Asker) -> None:
    seen = recording.see(behaviour, ask)
    if seen.verdict == "unknown":
        pytest.skip(seen.why)
    assert seen.verdict == "agree", seen.why


@pytest.mark.parametrize("behaviour", ALL)
def test_the_simulator_does_as_the_specs_say(behaviour: Behaviour) -> None:
    assert recording.see(behaviour, _simulated(behaviour.vendor)).verdict == "agree"


@pytest.mark.skipif(not RECORDED, reason="nobody has recorded the services yet")
@pytest.mark.parametrize("path", RECORDED or [cassettes.FOLDER], ids=lambda path: path.stem)
def test_a_recording_plays_to_its_end(path: Path) -> None:
    simulator = Simulator.open()
    cassette = cassettes.read(path, simulator.contract.vendors, BY_NAME)
    player = Player(cassette)
    seen = recording.look(recording.asker(simulator, cassette.vendor, cassette.key, player.send, cassette.known))
    assert {s.behaviour.name: s.why for s in seen if s.verdict == "differ"} == {}
    assert player.unplayed() == []


@pytest.mark.parametrize("behaviour", LIVE)
def test_the_live_service_does_as_the_specs_say(behaviour: Behaviour, live_asker: Callable[[str], Asker]) -> None:
    _must_agree(behaviour, live_asker(behaviour.vendor))
