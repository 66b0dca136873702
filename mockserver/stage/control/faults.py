"""The plan of faults: what is to go wrong with calls to come."""

from collections.abc import Callable, Mapping
from typing import Any

from apidouble.mockserver.spec.faults import read_rule
from apidouble.mockserver.stage.control.problems import InvalidError, NotFoundError
from apidouble.mockserver.stage.stage import Stage


def list_faults(stage: Stage) -> dict[str, Any]:
    """Return the rules in their order."""
    return {"faults": [rule.plain() for rule in stage.world.faults.rules]}


def add_fault(stage: Stage, **asked: Any) -> dict[str, Any]:
    """Append a rule."""
    try:
        rule = read_rule(stage.contract, asked)
    except ValueError as error:
        raise InvalidError(f"{error}.", "docs/faults.md has a table of all faults.") from error
    stage.world.faults.add([rule])
    return rule.plain()


def delete_fault(stage: Stage, fault_id: int) -> dict[str, Any]:
    """Take one rule out."""
    plan = stage.world.faults
    found = next((rule for rule in plan.rules if rule.id == fault_id), None)
    if found is None:
        there = ", ".join(str(rule.id) for rule in plan.rules) or "none"
        raise NotFoundError(
            f"There is no fault {fault_id}; one that has struck for the last time is gone.", f"There are: {there}."
        )
    plan.rules.remove(found)
    return list_faults(stage)


def clear_faults(stage: Stage) -> dict[str, Any]:
    """Take all rules out, those of the scenario too."""
    stage.world.faults.rules.clear()
    return list_faults(stage)


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "listFaults": list_faults,
    "addFault": add_fault,
    "deleteFault": delete_fault,
    "clearFaults": clear_faults,
}
