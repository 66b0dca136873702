"""Check faults: those of scenarios and reserved inputs make sense, and the fields that they spoil are there."""

from collections.abc import Iterator
from pathlib import Path

from apidouble.mockserver.spec.check.places import Place
from apidouble.mockserver.spec.faults import fits, read_rule
from apidouble.mockserver.spec.load import load
from apidouble.mockserver.spec.model import Contract, VendorSpec
from apidouble.mockserver.spec.source import Source, SpecError


def problems(root: Path) -> Iterator[str]:
    """Yield what is wrong with the faults in a folder of specs that are sound otherwise."""
    try:
        contract = load(root)
    except SpecError as error:
        yield from error.problems
        return
    for name, spec in contract.vendors.items():
        yield from _facts(Source.read(root / name / "faults.yaml"), spec)
    for path in sorted((root / "scenarios").glob("*.yaml")):
        yield from _scenario(contract, Source.read(path))
    reserved = Source.read(root / "reserved.yaml")
    for name, fault in contract.reserved.inputs.items():
        if not any(fits(spec, operation, fault) for spec in contract.vendors.values() for operation in spec.operations):
            yield Place(reserved, ("inputs", name)).says(f"{fault.kind} finds nothing to spoil in any operation")


def _scenario(contract: Contract, source: Source) -> Iterator[str]:
    for number, plain in enumerate(source.content.get("faults", ())):
        try:
            read_rule(contract, plain)
        except ValueError as error:
            yield Place(source, ("faults", number)).says(str(error))


def _facts(source: Source, spec: VendorSpec) -> Iterator[str]:
    if spec.faults.maintenance not in spec.numbered:
        yield Place(source, ("maintenance",)).says(f"there is no error {spec.faults.maintenance}")
    components = spec.document["components"]["schemas"].values()
    known = {name for component in components for name in component.get("properties", ())}
    for key, names in (("status_fields", spec.faults.status_fields), ("message_fields", spec.faults.message_fields)):
        for name in names:
            if name not in known:
                yield Place(source, (key,)).says(f"no answer has a field {name}")
