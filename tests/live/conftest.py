"""What the tests of live calls begin with: recordings of a stand-in, in process or over TLS."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.domain.world import Vendor
from apidouble.mockserver.live.asking.asking import EXAMPLE_IDS
from apidouble.mockserver.live.asking.line import Line
from apidouble.mockserver.live.permit import Permit, read_call
from apidouble.mockserver.live.recording import cassettes, recording
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.stage.stage import VENDORS
from tests.live.standin import StandIn, served_with_tls

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BY_NAME: Mapping[str, Vendor] = {vendor.name: vendor for vendor in VENDORS}


def record_in_process(standin: StandIn, folder: Path) -> list[cassettes.Cassette]:
    """Record both vendors of a stand-in without sockets."""

    def source(recorder: cassettes.Recorder) -> Callable[[Request], Response]:
        def send(request: Request) -> Response:
            spec = standin.contract.vendors[recorder.redactor.spec.name]
            response = standin.answer(request)
            recorder.hear(read_call(spec, BY_NAME[spec.name], request), request, response)
            return response

        return send

    return [_record(standin, vendor, folder, source, "https://127.0.0.1") for vendor in BY_NAME]


def record_over_tls(
    standin: StandIn, folder: Path, monotonic: Callable[[], float] = lambda: 0.0
) -> list[cassettes.Cassette]:
    """Record both vendors of a stand-in through a line."""
    with served_with_tls(standin, folder) as (url, cafile):

        def source(recorder: cassettes.Recorder) -> Callable[[Request], Response]:
            permit = Permit(recorder.redactor.spec, BY_NAME[recorder.redactor.spec.name])
            line = Line(url, permit, cafile=cafile, heard=recorder.hear, sleep=lambda _: None, monotonic=monotonic)
            return line.send

        return [_record(standin, vendor, folder, source, url) for vendor in BY_NAME]


def _record(
    standin: StandIn,
    vendor: str,
    folder: Path,
    source: Callable[[cassettes.Recorder], Callable[[Request], Response]],
    url: str,
) -> cassettes.Cassette:
    simulator = Simulator.open()
    path = folder / f"{vendor}.yaml"
    recorder = recording.recorder(simulator, vendor, url, path, NOW)
    recorder.key, recorder.known = standin.world.accounts[vendor].key, dict(EXAMPLE_IDS)
    recording.look(recording.asker(simulator, vendor, recorder.key, source(recorder), EXAMPLE_IDS))
    recorder.save()
    return cassettes.read(path, simulator.contract.vendors, BY_NAME)


@pytest.fixture
def standin() -> StandIn:
    """A stand-in that deviates in nothing."""
    return StandIn.like()
