"""Check that every operation has its behaviour, and each behaviour its operation, with the same parameters."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from apidouble.mockserver.domain.world import Vendor
from apidouble.mockserver.spec.check.places import Place, did_you_mean
from apidouble.mockserver.spec.check.view import Operation, View

NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def problems(view: View, vendor: Vendor) -> Iterator[str]:
    """Yield operations without a behaviour, and behaviours that do not take their operation's parameters."""
    for operation in view.operations.values():
        behaviour = vendor.behaviours.get(operation.id)
        if behaviour is None:
            guess = did_you_mean(operation.id, strays(view, vendor))
            yield operation.place.says(
                f"{operation.id} has no behaviour: write a function of that name for vendor {vendor.name}{guess}"
            )
        else:
            yield from _parameters(operation, behaviour, vendor)


def strays(view: View, vendor: Vendor) -> list[str]:
    """Return the names of behaviours without an operation."""
    return [name for name in vendor.behaviours if name not in view.operations]


def misnamed(view: View, vendor: Vendor) -> list[str]:
    """Return the names of behaviours whose operation seems to be there under another name."""
    lacking = [name for name in view.operations if name not in vendor.behaviours]
    return [name for name in strays(view, vendor) if any(did_you_mean(other, [name]) for other in lacking)]


def used(vendor: Vendor) -> Iterator[tuple[str, Place]]:
    """Yield the operations that behaviours are named for."""
    for name, behaviour in vendor.behaviours.items():
        yield name, _place(behaviour)


def _parameters(operation: Operation, behaviour: Callable[..., Any], vendor: Vendor) -> Iterator[str]:
    _, *accepted = inspect.signature(behaviour).parameters.values()
    named = {p.name: p for p in accepted if p.kind in NAMED}
    accepts_any = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in accepted)
    hidden = (vendor.key, *vendor.envelope)
    taken = {name: schema for name, schema in operation.properties.items() if name not in hidden}
    strange = [name for name in taken if name not in named and not accepts_any]
    wanted = [name for name in named if name not in taken]
    if strange:
        instead = f"; it has {', '.join(wanted)} instead" if wanted else ""
        yield operation.parameter_place(strange[0]).says(
            f"{operation.id} takes {', '.join(strange)}, which its behaviour ({_place(behaviour)}) does not{instead}"
        )
    elif wanted:
        guess = did_you_mean(wanted[0], [*taken])
        yield operation.request_place.says(
            f"{operation.id} takes no {', '.join(wanted)}, which its behaviour ({_place(behaviour)}) has{guess}"
        )
    elif operation.is_open and not accepts_any:
        yield operation.request_place.says(
            f"{operation.id} takes parameters beyond those named: "
            f"its behaviour ({_place(behaviour)}) needs a **parameter"
        )
    for name in taken:
        if name in named and named[name].default is inspect.Parameter.empty and _may_be_absent(operation, name):
            yield operation.parameter_place(name).says(
                f"{operation.id} may be called without {name}: "
                f"its behaviour ({_place(behaviour)}) needs a default for it"
            )


def _may_be_absent(operation: Operation, name: str) -> bool:
    return name not in operation.required and "default" not in operation.properties[name]


def _place(behaviour: Callable[..., Any]) -> Place:
    code = inspect.unwrap(behaviour).__code__
    return Place(Path(code.co_filename).resolve(), line=code.co_firstlineno)
