"""A line, or anything that answers, into what each behaviour showed, and a cassette of what was said."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from apidouble.mockserver.live.asking.asking import Asker, UnknownError
from apidouble.mockserver.live.asking.behaviours import Behaviour, DiffersError, behaviours
from apidouble.mockserver.live.asking.line import LineError
from apidouble.mockserver.live.permit import NotPermittedError
from apidouble.mockserver.live.recording.cassettes import CassetteError, Recorder
from apidouble.mockserver.live.recording.pseudonyms import Pseudonyms
from apidouble.mockserver.live.recording.redaction import Redactor
from apidouble.mockserver.stage.simulator import Simulator

SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a behaviour at one source: agree, differ or unknown, and why."""

    behaviour: Behaviour
    verdict: str
    why: str = ""


def look(asker: Asker, told: Callable[[Seen], None] = lambda _: None) -> list[Seen]:
    """Look at every behaviour of a vendor; what cannot be asked is unknown."""
    found = []
    for behaviour in behaviours(asker.spec.name):
        found.append(see(behaviour, asker))
        told(found[-1])
    return found


def see(behaviour: Behaviour, asker: Asker) -> Seen:
    """Look at one behaviour."""
    try:
        behaviour.look(asker)
    except DiffersError as error:
        return Seen(behaviour, "differ", str(error))
    except (UnknownError, LineError, NotPermittedError, CassetteError) as error:
        return Seen(behaviour, "unknown", str(error))
    return Seen(behaviour, "agree")


def recorder(simulator: Simulator, vendor: str, address: str, path: Path, now: datetime) -> Recorder:
    """Return what records the answers of an address, under a salt that is forgotten with it."""
    spec = simulator.contract.vendors[vendor]
    redactor = Redactor(spec, simulator.world.vendors[vendor].key, Pseudonyms(os.urandom(SALT_BYTES)))
    return Recorder(path, redactor, str(urlsplit(address).netloc), now)


def asker(
    simulator: Simulator, vendor: str, key: str, send: Callable[..., object], known: Mapping[str, str], most: int = 3
) -> Asker:
    """Return what asks a source about one vendor, under the simulator's specs and readings."""
    spec, described = simulator.contract.vendors[vendor], simulator.world.vendors[vendor]
    return Asker(simulator.contract, spec, described, simulator.stage.readings, key, send, known, most)  # type: ignore[arg-type]
