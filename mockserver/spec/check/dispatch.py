"""Check addresses that several operations share: the choosing parameter, components and flat parameters agree."""

from collections.abc import Iterator, Mapping
from typing import Any

from apidouble.mockserver.spec.check.places import Place, did_you_mean, repeated
from apidouble.mockserver.spec.check.view import View, flat_parameters


def problems(view: View) -> Iterator[str]:
    """Yield operationIds given twice, and disagreements between a dispatch and what stands beside it."""
    yield from repeated("operationId", ((o["operationId"], place) for place, o in view.written()))
    for place, operation in view.written():
        if "x-dispatch" in operation:
            yield from _components(view, place, operation["x-dispatch"])
            if "parameters" in operation:
                yield from _flat(view, place, operation)


def _components(view: View, place: Place, dispatch: Mapping[str, Any]) -> Iterator[str]:
    schemas, choosing = view.document["components"]["schemas"], dispatch["parameter"]
    for name, component in dispatch["operations"].items():
        at = place.below("x-dispatch", "operations", name)
        if component not in schemas:
            yield at.says(f"there is no component {component}{did_you_mean(component, [*schemas])}")
            continue
        written = view.resolve(schemas[component].get("properties", {}).get(choosing, {}))
        if written.get("const") != name:
            yield Place(view.openapi, ("components", "schemas", component, "properties", choosing)).says(
                f"{component} is the request of {name}, so its {choosing} is {{const: {name}}}"
            )


def _flat(view: View, place: Place, operation: Mapping[str, Any]) -> Iterator[str]:
    dispatch = operation["x-dispatch"]
    flat, choosing, chosen = flat_parameters(view, operation), dispatch["parameter"], dispatch["operations"]
    if choosing not in flat:
        yield place.below("parameters").says(f"x-dispatch looks at {choosing}, which is no parameter here")
    else:
        listed = view.resolve(flat[choosing].get("schema", {})).get("enum", [])
        if set(listed) != set(chosen):
            odd = ", ".join(sorted(map(str, {*listed} ^ {*chosen})))
            yield place.below("x-dispatch", "operations").says(
                f"the enum of {choosing} and x-dispatch list the same operations; they differ in {odd}"
            )
    operations = [view.operations[name] for name in chosen if name in view.operations]
    wanted = {name for o in operations for name in o.properties}
    for name in flat.keys() - wanted:
        index = [view.resolve(p)["name"] for p in operation["parameters"]].index(name)
        yield place.below("parameters", index).says(
            f"the parameter {name} is of none of the operations {', '.join(chosen)}{did_you_mean(name, sorted(wanted))}"
        )
    if operations and (lacking := sorted(wanted - flat.keys())) and not flat.keys() - wanted:
        yield place.below("parameters").says(
            f"the operations here take {', '.join(lacking)}, which the parameters lack"
        )
