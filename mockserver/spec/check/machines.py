"""Check state machines: every event decides about every state, leads to known ones, and is carried out in code."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from apidouble.mockserver.domain.world import Vendor
from apidouble.mockserver.spec.check.errors import Entry
from apidouble.mockserver.spec.check.places import Place, did_you_mean, repeated
from apidouble.mockserver.spec.check.view import View

Events = Mapping[str, Mapping[str, Any]]


def problems(view: View, vendor: Vendor, catalogue: list[Entry]) -> Iterator[str]:
    """Yield what is wrong with each machine, and where it and the vendor's effects do not match."""
    for name, machine in view.machines.content["machines"].items():
        place = Place(view.machines, ("machines", name))
        found = [*_table(name, machine, place), *_effects(name, machine["events"], place, vendor)]
        yield from found or _unreachable(name, machine, place)
        yield from _foreign_refusals(view, name, machine["events"], place, catalogue)
    yield from states(view, vendor)
    machines = view.machines.content["machines"]
    for effect in vendor.effects:
        name = effect.partition(".")[0]
        if name not in machines:
            yield Place(view.machines, ("machines",)).says(
                f"vendor {vendor.name} has an effect {effect}, and there is no machine {name}"
                f"{did_you_mean(name, [*machines])}"
            )


def effects(view: View, vendor: Vendor) -> Iterator[str]:
    """Yield events without an effect in code, and effects without an event."""
    for name, machine in view.machines.content["machines"].items():
        yield from _effects(name, machine["events"], Place(view.machines, ("machines", name)), vendor)


def states(view: View, vendor: Vendor) -> Iterator[str]:
    """Yield machines whose states are not those that Python names."""
    machines, place = view.machines.content["machines"], Place(view.machines, ("machines",))
    for name, known in vendor.states.items():
        if name not in machines:
            yield place.says(f"vendor {vendor.name} has the states of {name}, and there is no such machine")
            continue
        written = {state["name"]: state["id"] for state in machines[name]["states"]}
        named = {state.name.lower(): state.value for state in known}
        for state in sorted(written.keys() | named.keys()):
            if written.get(state) != named.get(state):
                yield place.below(name, "states").says(
                    f"{name}: {state} is {written.get(state, 'no state')} here and "
                    f"{named.get(state, 'none')} in Python ({known.__module__}.{known.__name__})"
                )


def refusals(view: View) -> Iterator[tuple[int | str, Place]]:
    """Yield the errors that machines answer refused events with."""
    for name, machine in view.machines.content["machines"].items():
        for event, table in machine["events"].items():
            for state, error in table.get("refusals", {}).items():
                yield error, Place(view.machines, ("machines", name, "events", event, "refusals", state))


def _effects(name: str, events: Events, place: Place, vendor: Vendor) -> Iterator[str]:
    below = place.below("events")
    wanted = {f"{name}.{table.get('effect', event)}": event for event, table in events.items()}
    known = {effect for effect in vendor.effects if effect.startswith(f"{name}.")}
    for effect, event in wanted.items():
        if effect not in known:
            guess = did_you_mean(effect, sorted(known - wanted.keys()))
            yield below.below(event).says(f"vendor {vendor.name} has no effect {effect} to carry this event out{guess}")
    for effect in sorted(known - wanted.keys()):
        if not any(did_you_mean(w, [effect]) for w in wanted.keys() - known):
            yield below.says(f"vendor {vendor.name} has an effect {effect}, and the machine no such event")


def _table(name: str, machine: Mapping[str, Any], place: Place) -> Iterator[str]:
    states = [state["id"] for state in machine["states"]]
    yield from repeated("state", ((s, place.below("states", i)) for i, s in enumerate(states)))
    if machine["initial"] not in states:
        yield place.below("initial").says(f"{name}: the initial state {machine['initial']} is none of {_said(states)}")
    for event, table in machine["events"].items():
        yield from _row(f"{name}.{event}", table, states, place.below("events", event))


def _row(named: str, table: Mapping[str, Any], states: list[int], place: Place) -> Iterator[str]:
    moves, refused = table["moves"], table["refused"]
    used = [
        *((state, place.below("moves", state)) for state in moves),
        *((target, place.below("moves", state)) for state, target in moves.items()),
        *((state, place.below("refused")) for state in refused),
    ]
    for state, at in used:
        if state not in states:
            yield at.says(f"{named} names {state}, which is none of the states {_said(states)}")
    if both := [state for state in refused if state in moves]:
        yield place.below("refused").says(
            f"{named} both moves and refuses {_said(both)}; each state stands in one of them"
        )
    if neither := [state for state in states if state not in moves and state not in refused]:
        yield place.says(f"{named} says nothing of {_said(neither)}; each state stands in moves or in refused")
    for state in table.get("refusals", {}):
        if state not in refused:
            yield place.below("refusals", state).says(f"{named} names an error for {state}, which it does not refuse")


def _unreachable(name: str, machine: Mapping[str, Any], place: Place) -> Iterator[str]:
    reached, grown = {machine["initial"]}, True
    while grown:
        further = {target for e in machine["events"].values() for s, target in e["moves"].items() if s in reached}
        grown = not further <= reached
        reached |= further
    for index, state in enumerate(machine["states"]):
        if state["id"] not in reached:
            at = place.below("states", index)
            yield at.says(f"no event of {name} leads to {state['id']} ({state['name']}) from {machine['initial']}")


def _foreign_refusals(view: View, name: str, events: Events, place: Place, catalogue: list[Entry]) -> Iterator[str]:
    """Yield refusals by errors that none of the operations named in the event's `cause` can answer with."""
    known = {entry.id: entry for entry in catalogue}
    for event, table in events.items():
        named = set(re.findall(r"\w+", table["cause"])) & view.operations.keys()
        for state, error in table.get("refusals", {}).items():
            entry = known.get(error)
            answered = {o.id for o in entry.operations(view)} if entry else set()
            if entry and answered and not answered & named:
                yield place.below("events", event, "refusals", state).says(
                    f"{name}.{event} is refused with {error}, an error of {', '.join(sorted(answered))}, "
                    f"which its cause does not name (it names {', '.join(sorted(named)) or 'no operation'})"
                )


def _said(states: list[int]) -> str:
    return ", ".join(map(str, states))
