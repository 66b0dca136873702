"""Check a catalogue of errors: each can be raised, each that is raised is in it, and each names what exists."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from apidouble.mockserver.domain.world import Vendor
from apidouble.mockserver.spec.check.places import Place, did_you_mean, repeated
from apidouble.mockserver.spec.check.view import Operation, View

LISTS = {"errors": "code", "legacy": "code", "messages": "id", "failures": "name"}
BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems")
RUN = re.compile(r"([0-9]+)-([0-9]+)")
MISSING, BLANK, INVALID, RANGE = "missing", "blank", "invalid", "range"
ANY = "any"


class Entry(NamedTuple):
    """An entry of a catalogue: its number, or its name where it has none."""

    id: int | str
    place: Place
    content: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """What the entry is, in words."""
        return "failure" if isinstance(self.id, str) else "error"

    def operations(self, view: View) -> list[Operation]:
        """Return the known operations that it can answer."""
        names = self.content["operation"]
        if names == ANY:
            return list(view.operations.values())
        return [view.operations[n] for n in _listed(names) if n in view.operations]

    def causes(self) -> list[tuple[Place, Mapping[str, Any]]]:
        """Return the entries of `when`, each with its place."""
        when, at = self.content.get("when", []), self.place.below("when")
        if isinstance(when, dict):
            return [(at, when)]
        return [(at.below(index), cause) for index, cause in enumerate(when)]


def entries(view: View) -> list[Entry]:
    """Return all entries of a vendor's catalogue, in their order of precedence."""
    return [
        Entry(item[key], Place(view.errors, (name, index)), item)
        for name, key in LISTS.items()
        for index, item in enumerate(view.errors.content.get(name, ()))
    ]


def given(view: View) -> Iterator[tuple[int | str, Place]]:
    """Yield what the vendor gives out: `numbers` of the catalogue, 101-104 being four of them, and `names`."""
    for index, written in enumerate(view.errors.content["numbers"]):
        run = RUN.fullmatch(str(written))
        for number in range(int(run[1]), int(run[2]) + 1) if run else [int(written)]:
            yield number, Place(view.errors, ("numbers", index))
    for index, name in enumerate(view.errors.content["names"]):
        yield name, Place(view.errors, ("names", index))


def operations_used(view: View) -> Iterator[tuple[str, Place]]:
    """Yield the operations that the catalogue names."""
    for entry in entries(view):
        for name in _listed(entry.content["operation"]):
            if name != ANY:
                yield name, entry.place.below("operation")


def problems(view: View, vendor: Vendor) -> Iterator[str]:
    """Yield what is wrong within the catalogue, and what calls it leaves unanswered."""
    catalogue = entries(view)
    yield from repeated("error", ((e.id, e.place) for e in catalogue))
    listed = {error for error, _ in given(view)}
    for entry in catalogue:
        if entry.id not in listed:
            where = "names" if isinstance(entry.id, str) else "numbers"
            yield entry.place.says(
                f"the {entry.kind} {entry.id} is not among the `{where}` at the top: add it there, or mend it"
            )
        for place, cause in entry.causes():
            yield from _impossible(view, entry, place, cause)
    if is_complete(view, catalogue):
        for operation in view.operations.values():
            yield from _unanswered(view, operation, vendor, catalogue)


def is_complete(view: View, catalogue: list[Entry]) -> bool:
    """Tell whether everything that the vendor gives out has its entry, so that others may be measured by it."""
    return {error for error, _ in given(view)} <= {entry.id for entry in catalogue}


def unraised(view: View, raised: set[int | str]) -> Iterator[str]:
    """Yield the entries that nothing raises; `raised` holds what code and machines raise."""
    for entry in entries(view):
        if not entry.content.get("when") and entry.id not in raised:
            call = f'FailedError("{entry.id}")' if isinstance(entry.id, str) else f"RefusedError({entry.id})"
            yield entry.place.says(
                f"nothing raises the {entry.kind} {entry.id}: give it a `when`, name it in a machine's `refusals`, "
                f"or write {call} in code"
            )


def _impossible(view: View, entry: Entry, place: Place, cause: Mapping[str, Any]) -> Iterator[str]:
    operations, name = entry.operations(view), cause.get("parameter")
    if not operations:
        return
    for wanted in [name, *cause.get("if", {})]:
        without = [o.id for o in operations if wanted is not None and wanted not in o.properties]
        if without and (entry.content["operation"] != ANY or len(without) == len(operations)):
            known = [known for o in operations for known in o.properties]
            at = place.below("parameter") if wanted == name else place.below("if", str(wanted))
            yield at.says(
                f"{entry.kind} {entry.id}: {', '.join(without)} has no parameter {wanted}"
                f"{did_you_mean(str(wanted), known)}"
            )
            return
    if name is not None and not any(
        r in _rules(o, name) for o in operations if name in o.properties for r in cause["rules"]
    ):
        possible = ", ".join(sorted({r for o in operations if name in o.properties for r in _rules(o, name)}))
        yield place.says(f"{entry.kind} {entry.id}: {name} can never be {' or '.join(cause['rules'])}, only {possible}")


def _unanswered(view: View, operation: Operation, vendor: Vendor, catalogue: list[Entry]) -> Iterator[str]:
    """Yield required parameters for whose absence or bad values there is no error: no behaviour can do without them."""
    hidden = (vendor.key, *vendor.envelope)
    for name in operation.properties:
        if name not in operation.required or name in hidden:
            continue
        answered = {
            rule
            for entry in catalogue
            if operation in entry.operations(view)
            for _, cause in entry.causes()
            if cause.get("parameter", name) == name
            for rule in cause["rules"]
        }
        if lacking := sorted(_rules(operation, name) - answered):
            yield operation.parameter_place(name).says(
                f"no error answers a call of {operation.id} in which {name} is {' or '.join(lacking)}: give one "
                f"when: {{parameter: {name}, rules: [{', '.join(lacking)}]}} in {view.errors.path.name}"
            )


def _rules(operation: Operation, name: str) -> set[str]:
    """Return the rules that a parameter can break."""
    schema = operation.properties[name]
    rules = {INVALID}
    if name in operation.required:
        rules.add(MISSING)
    if schema.get("x-blank") == "kept":
        rules.add(BLANK)
    if any(bound in schema for bound in BOUNDS):
        rules.add(RANGE)
    return rules


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names
