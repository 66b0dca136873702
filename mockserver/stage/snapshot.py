"""Turn a stage, as it is between two calls, into plain values of JSON, and a stage that began alike into one like it.

A snapshot has all that later answers depend on: accounts, timers, faults, what the marketplace remembers, clock and
pace, and what has been reached of the contract. It leaves out what is said elsewhere, and would be the same again: the
world's file, the scenario, readings and options are the stage's own, and the journal's entries belong to whoever keeps
them; only their count goes on.
"""

import json
from collections.abc import Mapping
from datetime import tzinfo
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo

from apidouble.mockserver.domain.forms import MalformedError, Own
from apidouble.mockserver.domain.plain import Codec
from apidouble.mockserver.domain.world import World
from apidouble.mockserver.stage.pacer import Pace
from apidouble.mockserver.stage.stage import VENDORS, Stage
from apidouble.mockserver.story.coverage.model import Point, Reach

# To be raised when what is written means something else than before. A snapshot that lacks a field which has a default
# can still be read.
VERSION = 1
WORLD = ("now_ms", "timers", "faults", "moves")  # of a World's own
PACE = ("mode", "rate", "step_ms")
Reached = dict[Point, Reach]


class SnapshotError(ValueError):
    """Plain values are no snapshot, or none of such a stage; the text, one line, says why. Nothing has changed."""


def snapshot(stage: Stage) -> dict[str, Any]:
    """Return the stage as it is now as plain values, which share nothing with it. Nobody may call it meanwhile."""
    world, pacer = stage.world, stage.pacer
    anchor_ms, elapsed_s = pacer.since(world)
    state = {
        **{name: getattr(world, name) for name in WORLD},
        **{_account(vendor): account for vendor, account in world.accounts.items()},
        **{_memory(vendor): world.lives.get(vendor) for vendor in world.vendors},
        "sequence": world.journal.sequence,
        **{name: getattr(pacer.pace, name) for name in PACE},
        "anchor_ms": anchor_ms,
        "elapsed_s": elapsed_s,
        "reached": stage.recorder.reached,
    }
    return {
        "snapshot": VERSION,
        "apidouble": version("apidouble"),
        "specs": stage.contract.digest,
        "seed": world.seed,
        "readings": dict(stage.readings),
        "life": _life(stage),
        **_codec().write(state),
    }


def restore(stage: Stage, plain: Mapping[str, Any]) -> None:
    """Put the stage where a snapshot was taken of it, or of one that began alike; raises SnapshotError.

    Seed, readings and life must be the same; whether the specs are (`specs` is their digest) is for the caller to ask.
    A journal without entries goes on counting. Nobody may call the stage meanwhile.
    """
    _admit(stage, plain)
    try:
        state = _codec().read(plain)
    except MalformedError as error:
        raise SnapshotError(f"a snapshot that cannot be read: {error}") from error
    world = stage.blank()
    for name in WORLD:
        setattr(world, name, state[name])
    world.journal.sequence = state["sequence"]
    for name, vendor in world.vendors.items():
        world.accounts[name] = state[_account(name)]
        if state[_memory(name)] is not None:
            world.lives[name] = state[_memory(name)]
        vendor.revive(world.here(name), stage.file.section(name))
    pace = Pace(*(state[name] for name in PACE))
    stage.enter(world, pace)
    stage.pacer.resume(pace, state["anchor_ms"], state["elapsed_s"])
    stage.recorder.restore(state["reached"])


@cache
def _codec() -> Codec:
    """Return the codec of everything kept; raises UndeclaredError where something of it has no plain form."""
    declared = get_type_hints(World)
    return Codec(
        {
            **{name: declared[name] for name in WORLD},
            **{_account(vendor.name): vendor.account for vendor in VENDORS},
            **{_memory(vendor.name): (vendor.memory or type(None)) | None for vendor in VENDORS},
            "sequence": int,
            **{name: get_type_hints(Pace)[name] for name in PACE},
            "anchor_ms": int,
            "elapsed_s": float,
            "reached": Reached,
        },
        {tzinfo: Own(_write_zone, ZoneInfo), Reached: Own(_write_reached, _read_reached)},
    )


def _account(vendor: str) -> str:
    return f"{vendor} account"


def _memory(vendor: str) -> str:
    return f"{vendor} memory"


def _admit(stage: Stage, plain: Mapping[str, Any]) -> None:
    """Refuse a snapshot that cannot be read here, or from which a world would not go on as the one that it is of."""
    if plain.get("snapshot") != VERSION:
        raise SnapshotError(
            f"a snapshot of version {plain.get('snapshot')!r}, and this apidouble reads version {VERSION}; "
            f"apidouble {plain.get('apidouble', 'that wrote it')} reads it"
        )
    for what, now in {"seed": stage.world.seed, "life": _life(stage), **stage.readings}.items():
        # of a reading that is newer than the snapshot, it says nothing
        then = plain.get("readings", {}).get(what, now) if what in stage.readings else plain.get(what)
        if then != now:
            raise SnapshotError(f"a snapshot of another world: its {what} is {then!r}, here it is {now!r}")


def _life(stage: Stage) -> str:
    """Return a hash over how the stage's world lives by itself."""
    return sha256(json.dumps(stage.scenario.life, sort_keys=True).encode()).hexdigest()


def _write_zone(zone: tzinfo) -> str:
    if not isinstance(zone, ZoneInfo) or zone.key is None:
        raise TypeError(f"{zone!r} is no time zone with a name")
    return zone.key


def _write_reached(reached: Reached) -> dict[str, Any]:
    """Return how far each point was reached, below its dimension, vendor and place."""
    tree: dict[str, Any] = {}
    for point, reach in sorted(reached.items()):
        tree.setdefault(point.dimension, {}).setdefault(point.vendor, {}).setdefault(point.place, {})[point.name] = int(
            reach
        )
    return tree


def _read_reached(tree: Mapping[str, Any]) -> Reached:
    return {
        Point(dimension, vendor, place, name): Reach(reach)
        for dimension, vendors in tree.items()
        for vendor, places in vendors.items()
        for place, names in places.items()
        for name, reach in names.items()
    }
