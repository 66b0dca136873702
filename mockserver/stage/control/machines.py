"""Turn an event, or a wished-for state, into the vendor's effect; a refusal names the state and what it allows."""

from typing import Any

from apidouble.mockserver.domain.machine import Machine
from apidouble.mockserver.domain.world import Here, vendor_of
from apidouble.mockserver.stage.control.problems import NotFoundError, RefusedEventError
from apidouble.mockserver.stage.stage import Stage


def find(stage: Stage, vendor: str, kind: str, attribute: str, number: int) -> tuple[Here, Any]:
    """Return the entity of a number, whoever's it is, and where its holder's behaviours act; raises NotFoundError."""
    holders = [stage.world.here(holder) for holder in stage.world.accounts if vendor_of(holder) == vendor]
    for here in holders:
        if number in getattr(here.account, attribute):
            return here, getattr(here.account, attribute)[number]
    newest = [number for here in holders for number in list(getattr(here.account, attribute))[-5:]]
    raise NotFoundError(
        f"There is no {kind} {number}.",
        f"GET /_apidouble/state lists what there is; the newest: {', '.join(map(str, newest)) or 'none'}.",
    )


def fire(here: Here, machine: str, entity: Any, event: str, subject: Any = None, **words: Any) -> None:
    """Let an event happen to an entity; the effect acts on the subject, which is the entity unless named."""
    table = here.rules.machines[machine]
    if event not in table.events:
        raise NotFoundError(f"The machine {machine} has no event {event}.", f"It has {', '.join(table.events)}.")
    if not table.allows(entity, event):
        state = getattr(entity, table.field)
        raise RefusedEventError(
            f"The {machine} is in state {state} ({table.states[state].name}), where {event} is refused.",
            _allowed(table, state),
        )
    shared = table.events[event].effect
    if shared != event:
        words["event"] = event
    effect = here.world.vendors[vendor_of(here.holder)].effects[f"{machine}.{shared}"]
    effect(here, entity if subject is None else subject, **words)


def bring(here: Here, machine: str, entity: Any, target: int, subject: Any = None) -> None:
    """Fire the event that leads to a state in one step, as `fire` does it; being there already is enough."""
    table = here.rules.machines[machine]
    state = getattr(entity, table.field)
    if state == target:
        return
    event = table.path(entity, target)
    if event is None:
        raise RefusedEventError(
            f"The {machine} is in state {state} ({table.states[state].name}), from which no event leads to {target}.",
            _allowed(table, state),
        )
    here.world.forcing = True
    try:
        fire(here, machine, entity, event, subject)
    finally:
        here.world.forcing = False


def _allowed(table: Machine, state: int) -> str:
    allowed = [f"{event.name} (to {event.moves[state]})" for event in table.events.values() if state in event.moves]
    if not allowed:
        return f"No event leads on from state {state}."
    return f"Allowed from state {state}: {', '.join(allowed)}."
