"""Turn an event, or a wished-for state, into the vendor's effect; a refusal names the state and what it allows."""

from typing import Any

from apidouble.mockserver.domain.machine import Machine
from apidouble.mockserver.stage.control.problems import NotFoundError, RefusedEventError
from apidouble.mockserver.stage.stage import Stage


def fire(stage: Stage, vendor: str, machine: str, entity: Any, event: str, subject: Any = None, **words: Any) -> None:
    """Let an event happen to an entity; the effect acts on the subject, which is the entity unless named."""
    here = stage.world.here(vendor)
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
    effect = here.world.vendors[vendor].effects[f"{machine}.{shared}"]
    effect(here, entity if subject is None else subject, **words)


def bring(stage: Stage, vendor: str, machine: str, entity: Any, target: int, subject: Any = None) -> None:
    """Fire the event that leads to a state in one step, as `fire` does it; being there already is enough."""
    table = stage.world.rules[vendor].machines[machine]
    state = getattr(entity, table.field)
    if state == target:
        return
    event = table.path(entity, target)
    if event is None:
        raise RefusedEventError(
            f"The {machine} is in state {state} ({table.states[state].name}), from which no event leads to {target}.",
            _allowed(table, state),
        )
    stage.world.forcing = True
    try:
        fire(stage, vendor, machine, entity, event, subject)
    finally:
        stage.world.forcing = False


def _allowed(table: Machine, state: int) -> str:
    allowed = [f"{event.name} (to {event.moves[state]})" for event in table.events.values() if state in event.moves]
    if not allowed:
        return f"No event leads on from state {state}."
    return f"Allowed from state {state}: {', '.join(allowed)}."
