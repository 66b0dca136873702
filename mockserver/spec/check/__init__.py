"""From the specs and the Python beside them to messages, each with file and line, of what does not hold together."""

from collections.abc import Mapping
from pathlib import Path

from apidouble.mockserver.domain.world import Vendor
from apidouble.mockserver.spec.check import behaviours, errors, faults, machines, raised
from apidouble.mockserver.spec.check.files import Files
from apidouble.mockserver.spec.check.places import unknown
from apidouble.mockserver.spec.check.view import View
from apidouble.mockserver.spec.model import Contract
from apidouble.mockserver.spec.source import SpecError


def check(root: Path, vendors: Mapping[str, Vendor]) -> list[str]:
    """Return what is wrong with the specs below a folder, one message for each fact; nothing when all is well."""
    from apidouble.mockserver.spec.check.whole import check_files  # noqa: PLC0415 (not at every start: jsonschema)

    return check_files(Files.read(root), vendors) or list(faults.problems(root))


def coherent(contract: Contract, vendors: Mapping[str, Vendor]) -> None:
    """Raise SpecError where specs and Python differ: the quick part of the check, for every start.

    Operations against behaviours, events against effects; and every error has a cause, or its number or name
    stands somewhere in the vendor's modules.
    """
    files = Files.read_python()
    shared = raised.mentioned(files.shared_python())
    problems: list[str] = []
    for name, spec in contract.vendors.items():
        view = View(name, spec.source, spec.errors_source, spec.machines_source, {})
        if name not in vendors:
            problems.append(f"{spec.source.path}:1: there is no vendor {name} in Python")
            continue
        problems += behaviours.problems(view, vendors[name])
        problems += unknown("operation", behaviours.used(vendors[name]), view.operations)
        problems += machines.effects(view, vendors[name])
        problems += machines.states(view, vendors[name])
        known = {error for error, _ in machines.refusals(view)}
        problems += errors.unraised(view, known | shared | raised.mentioned(files.python_of(name)))
    if problems:
        raise SpecError(*problems)
