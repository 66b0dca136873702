"""Put an entity into its machine and through its events, and turn a refused one into the vendor's error."""

from apidouble.mockserver.domain.call import FailedError, RefusedError
from apidouble.mockserver.domain.journal import CREATED
from apidouble.mockserver.domain.machine import IllegalMoveError, Machine
from apidouble.mockserver.domain.world import Here


def move(here: Here, machine: str, entity: object, event: str) -> None:
    """Move the entity, or raise the error that the machine's table names for a refusal in its state.

    Raises IllegalMoveError itself where the table names none: no call of the vendor's can meet that refusal.
    """
    table = here.rules.machines[machine]
    before = getattr(entity, table.field)
    after = table.events[event].moves.get(before)
    if after is None:
        _refuse(table, entity, event)
    else:
        setattr(entity, table.field, after)
        here.world.moves[machine, event, before, after, here.world.forcing] += 1


def _refuse(table: Machine, entity: object, event: str) -> None:
    try:
        table.move(entity, event)
    except IllegalMoveError as illegal:
        if isinstance(illegal.refusal, int):
            raise RefusedError(illegal.refusal) from illegal
        if illegal.refusal is not None:
            raise FailedError(illegal.refusal) from illegal
        raise


def create(here: Here, *machines: str) -> None:
    """Note that an entity has come to be, in the initial state of each of its machines."""
    for name in machines:
        here.world.moves[name, CREATED, None, here.rules.machines[name].initial, False] += 1


def allows(here: Here, machine: str, entity: object, event: str) -> bool:
    """Tell whether the event leads anywhere from the entity's state."""
    return here.rules.machines[machine].allows(entity, event)
