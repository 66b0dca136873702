"""State machines as tables: an event either leads from a state to a state, or is refused and changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class IllegalMoveError(Exception):
    """The machine refuses this event in this state; nothing has changed.

    `refusal` is the error that answers it, a code or a failure's name, where the table names one.
    """

    def __init__(self, machine: str, event: str, state: int, refusal: int | str | None) -> None:
        super().__init__(f"{machine}: {event} is refused in state {state}")
        self.machine, self.event, self.state, self.refusal = machine, event, state, refusal


@dataclass(frozen=True, slots=True)
class State:
    """One state. `text` is what an answer prints for it, where one does; `info` holds vendor-specific words."""

    id: int
    name: str
    text: str
    info: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `by` says who causes it; `effect` names the function that carries out its consequences."""

    name: str
    by: str
    effect: str
    moves: Mapping[int, int]
    refusals: Mapping[int, int | str]


@dataclass(frozen=True, slots=True)
class Machine:
    """A table of states and events over one integer attribute of an entity."""

    name: str
    field: str
    initial: int
    states: Mapping[int, State]
    events: Mapping[str, Event]

    def allows(self, entity: object, event: str) -> bool:
        """Tell whether the event leads anywhere from the entity's state."""
        return getattr(entity, self.field) in self.events[event].moves

    def move(self, entity: object, event: str) -> None:
        """Put the entity into the state the event leads to, or raise IllegalMoveError."""
        state = getattr(entity, self.field)
        moves = self.events[event].moves
        if state not in moves:
            raise IllegalMoveError(self.name, event, state, self.events[event].refusals.get(state))
        setattr(entity, self.field, moves[state])

    def path(self, entity: object, target: int) -> str | None:
        """Name the first event that leads from the entity's state to the target, if there is one."""
        state = getattr(entity, self.field)
        return next((e.name for e in self.events.values() if e.moves.get(state) == target != state), None)
