"""From the texts of specs and Python to everything that does not hold together in them."""

from collections.abc import Iterator, Mapping

from apidouble.mockserver.domain.world import Vendor
from apidouble.mockserver.spec.check import (
    behaviours,
    catalogs,
    costs,
    dispatch,
    errors,
    examples,
    machines,
    raised,
    readings,
    shapes,
)
from apidouble.mockserver.spec.check.files import Files
from apidouble.mockserver.spec.check.instances import Chosen
from apidouble.mockserver.spec.check.places import unknown
from apidouble.mockserver.spec.check.raised import Raised
from apidouble.mockserver.spec.check.view import View
from apidouble.mockserver.spec.source import Source

READINGS, CONTROL = "readings.yaml", "control/openapi.yaml"
OPENAPI, MACHINES, CATALOGUES = "openapi.yaml", "machines.yaml", ("errors.yaml", "messages.yaml")


def check_files(files: Files, vendors: Mapping[str, Vendor]) -> list[str]:
    """Check texts already read. A file that is wrong by itself is not compared with others."""
    problems, sound = shapes.inspect(files)
    missing = [name for name in (READINGS, CONTROL) if files.root / name not in files.specs]
    problems += [f"{files.root / name}:1: the file is missing" for name in missing]
    if READINGS not in sound:
        return problems
    chosen = {r["id"]: r["default"] for r in sound[READINGS].content["readings"] if "values" in r}
    specs = [source for name, source in sound.items() if name != READINGS]
    problems += readings.problems(files, sound[READINGS], specs)
    if CONTROL in sound:
        problems += _control(sound[CONTROL], chosen)
    shared = raised.scan(files.shared_python())
    failures: set[str] = set()
    for name, vendor in vendors.items():
        found = _view(name, files, sound)
        if isinstance(found, View):
            failures |= {error for error, _ in errors.given(found) if isinstance(error, str)}
            problems += _vendor(found, vendor, chosen, raised.scan(files.python_of(name)), shared)
        else:
            problems += found
            return problems
    problems += unknown("failure", shared.failures, failures)
    if not problems:
        views = (_view(name, files, sound) for name in vendors)
        problems += [said for view in views if isinstance(view, View) for said in catalogs.unread(view, files.python)]
        problems += readings.idle(files, sound[READINGS], specs)
    return list(dict.fromkeys(problems))


def _view(name: str, files: Files, sound: Mapping[str, Source]) -> View | list[str]:
    """Return a vendor's files, or what is missing; nothing is said of files that are already known to be wrong."""
    catalogue = next((c for c in CATALOGUES if files.root / name / c in files.specs), CATALOGUES[0])
    wanted = [f"{name}/{file}" for file in (OPENAPI, catalogue, MACHINES)]
    missing = [f"{files.root / file}:1: the file is missing" for file in wanted if files.root / file not in files.specs]
    catalogs = [
        path.relative_to(files.root).as_posix() for path in files.specs if path.parent == files.root / name / "catalog"
    ]
    if missing or any(file not in sound for file in (*wanted, *catalogs)):
        return missing
    openapi, catalogue_source, machine_source = (sound[file] for file in wanted)
    return View(name, openapi, catalogue_source, machine_source, {file: sound[file] for file in catalogs})


def _vendor(view: View, vendor: Vendor, chosen: Chosen, own: Raised, shared: Raised) -> Iterator[str]:
    """Compare one vendor's files with each other and with its Python."""
    catalogue, findings = errors.entries(view), examples.look(view.openapi, chosen, (vendor.key, *vendor.envelope))
    yield from dispatch.problems(view)
    yield from costs.problems(view)
    operations = [*errors.operations_used(view), *findings.operations, *behaviours.used(vendor)]
    yield from unknown("operation", operations, [*view.operations, *behaviours.misnamed(view, vendor)])
    yield from behaviours.problems(view, vendor)
    refusals = list(machines.refusals(view))
    named = [*errors.given(view), *refusals]
    codes = [*((error, place) for error, place in named if isinstance(error, int)), *findings.numbers, *own.codes]
    names = [*((error, place) for error, place in named if isinstance(error, str)), *own.failures]
    yield from unknown("error", codes, [entry.id for entry in catalogue if isinstance(entry.id, int)])
    yield from unknown("failure", names, [entry.id for entry in catalogue if isinstance(entry.id, str)])
    yield from errors.problems(view, vendor)
    known = {error for error, _ in (*refusals, *own.codes, *own.failures, *shared.codes, *shared.failures)}
    yield from errors.unraised(view, known)
    yield from machines.problems(view, vendor, catalogue)
    yield from catalogs.problems(view)
    yield from findings.problems
    yield from examples.schema_values(view.openapi)
    if errors.is_complete(view, catalogue):
        yield from examples.catalogue_texts(view, findings, catalogue)


def _control(source: Source, chosen: Chosen) -> Iterator[str]:
    view = View("control", source, source, source, {})
    yield from dispatch.problems(view)
    findings = examples.look(source, chosen, ())
    yield from unknown("operation", findings.operations, view.operations)
    yield from findings.problems
    yield from examples.schema_values(source)
