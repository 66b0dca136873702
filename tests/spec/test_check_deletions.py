"""Nothing can be taken out of the specs or of a vendor's Python without the check naming it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.spec.conftest import VENDORS, Specs

SPECS = Specs()
LISTS = {"errors": "code", "legacy": "code", "messages": "id", "failures": "name"}
CATALOGUES = {"qcomment": "qcomment/errors.yaml", "qqtube": "qqtube/messages.yaml"}


def entries() -> Iterator[Any]:
    for vendor, name in CATALOGUES.items():
        content = SPECS.content(name)
        for key, number in LISTS.items():
            for entry in content.get(key, ()):
                yield pytest.param(name, key, number, entry[number], id=f"{vendor}-{entry[number]}")


def events() -> Iterator[Any]:
    for vendor in VENDORS:
        for machine, table in SPECS.content(f"{vendor}/machines.yaml")["machines"].items():
            for event in table["events"]:
                yield pytest.param(vendor, machine, event, id=f"{vendor}-{machine}-{event}")


def moves() -> Iterator[Any]:
    for vendor in VENDORS:
        for machine, table in SPECS.content(f"{vendor}/machines.yaml")["machines"].items():
            for event, row in table["events"].items():
                for state in row["moves"]:
                    yield pytest.param(vendor, machine, event, state, id=f"{vendor}-{machine}-{event}-{state}")


@pytest.mark.parametrize(("name", "key", "number", "entry"), list(entries()))
def test_deleted_error_is_named(name: str, key: str, number: str, entry: int | str) -> None:
    """Without its entry, one message says that a number or name of the vendor's has none."""
    content = SPECS.content(name)
    content[key] = [e for e in content[key] if e[number] != entry]
    (message,) = SPECS.dumping(name, content).problems()
    kind = "failure" if isinstance(entry, str) else "error"
    assert f": there is no {kind} {entry}" in message
    assert message.startswith(f"{name}:")


@pytest.mark.parametrize(("vendor", "machine", "event"), list(events()))
def test_deleted_event_is_named(vendor: str, machine: str, event: str) -> None:
    """Without an event, its effect has none; where events share an effect, nothing leads to the event's state."""
    name = f"{vendor}/machines.yaml"
    content = SPECS.content(name)
    deleted = content["machines"][machine]["events"].pop(event)
    effect = f"{machine}.{deleted.get('effect', event)}"
    shared = any(effect == f"{machine}.{e.get('effect')}" for e in content["machines"][machine]["events"].values())
    (message,) = SPECS.dumping(name, content).problems()
    if shared:
        (target,) = set(deleted["moves"].values())
        assert f"no event of {machine} leads to {target} " in message
    else:
        assert f"effect {effect}, and the machine no such event" in message


@pytest.mark.parametrize(("vendor", "machine", "event", "state"), list(moves()))
def test_deleted_move_is_named(vendor: str, machine: str, event: str, state: int) -> None:
    """Without a move, one message says that the event is silent about the state, or has no moves left."""
    name = f"{vendor}/machines.yaml"
    content = SPECS.content(name)
    row = content["machines"][machine]["events"][event]
    del row["moves"][state]
    changed = SPECS.dumping(name, content)
    (message,) = changed.problems()
    where = ["machines", machine, "events", event]
    if row["moves"]:
        assert message.startswith(f"{changed.line(name, *where)}: {machine}.{event} says nothing of {state};")
    else:
        assert message.startswith(f"{changed.line(name, *where, 'moves')}: machines.{machine}.events.{event}.moves")


@pytest.mark.parametrize(
    ("vendor", "operation"), [(vendor, name) for vendor, v in VENDORS.items() for name in v.behaviours]
)
def test_deleted_behaviour_is_named(vendor: str, operation: str, without: Callable[..., Specs]) -> None:
    """Without a behaviour, one message at the operation says so."""
    (message,) = without(vendor, "behaviours", operation).problems()
    assert f": {operation} has no behaviour: write a function of that name for vendor {vendor}" in message
    assert message.startswith(f"{vendor}/openapi.yaml:")


@pytest.mark.parametrize(("vendor", "effect"), [(vendor, name) for vendor, v in VENDORS.items() for name in v.effects])
def test_deleted_effect_is_named(vendor: str, effect: str, without: Callable[..., Specs]) -> None:
    """Without an effect, every event that needs it says so, and nothing else."""
    messages = without(vendor, "effects", effect).problems()
    assert messages
    assert all(f"vendor {vendor} has no effect {effect} to carry this event out" in message for message in messages)


@pytest.mark.parametrize("path", SPECS.content("qcomment/openapi.yaml")["paths"])
def test_deleted_operation_is_named_once(path: str) -> None:
    """Without an operation, one message names it, whoever refers to it; parameters it alone had are missed."""
    name = "qcomment/openapi.yaml"
    before, _, rest = SPECS.text(name).partition(f"  {path}:\n")
    after = re.search(r"^(  /|components)", rest, re.MULTILINE)
    assert after is not None
    problems = SPECS.writing(name, before + rest[after.start() :]).problems()
    (message,) = [problem for problem in problems if " has no parameter " not in problem]
    assert f": there is no operation {path.removeprefix('/api/')}" in message


@pytest.mark.parametrize("action", VENDORS["qqtube"].behaviours)
def test_deleted_action_is_named(action: str) -> None:
    """Where a dispatch loses an operation, the enum that still lists it or whoever refers to it says so."""
    name = "qqtube/openapi.yaml"
    content = SPECS.content(name)
    for method in ("get", "post"):
        content["paths"]["/v1-api"][method]["x-dispatch"]["operations"].pop(action, None)
    messages = SPECS.dumping(name, content).problems()
    assert any(message.endswith(f" differ in {action}") for message in messages) or action == "add"
    assert any(f"there is no operation {action}" in message for message in messages)
    assert len(messages) <= 3


def test_raise_of_each_error_is_needed() -> None:
    """With no raise left in a vendor's Python, every error without another cause is named, and no other."""
    for vendor, name in CATALOGUES.items():
        content, specs = SPECS.content(name), SPECS
        for path in SPECS.files.python_of(vendor):
            specs = specs.writing(str(path.relative_to(SPECS.files.code)), "")
        refused = {
            error
            for table in SPECS.content(f"{vendor}/machines.yaml")["machines"].values()
            for row in table["events"].values()
            for error in row.get("refusals", {}).values()
        }
        shared = {"invalid_access_method", "body_malformed", "body_unreadable", "body_too_large"}
        shared |= {"too_many_fields", "nested_too_deep"}
        expected = {
            f"nothing raises the {'failure' if key == 'failures' else 'error'} {entry[number]}:"
            for key, number in LISTS.items()
            for entry in content.get(key, ())
            if "when" not in entry and entry[number] not in refused | shared
        }
        messages = [m for m in specs.problems() if "nothing raises" in m]
        assert expected == {message.partition(": ")[2].partition(" give")[0] for message in messages}
