"""Check that each operation says whether it only reads, or what it costs, before anybody may call it live."""

from collections.abc import Iterator

from apidouble.mockserver.spec.check.view import View


def problems(view: View) -> Iterator[str]:
    """Yield requests that say neither, and conditions for reading that no call can meet."""
    schemas = view.document["components"]["schemas"]
    for operation in view.operations.values():
        if operation.request_place.keys[:2] != ("components", "schemas"):
            continue
        request = schemas.get(operation.request_place.keys[-1], {})
        safe = request.get("x-safe")
        if safe is not True and "x-cost" not in request:
            yield operation.request_place.says(f"{operation.id} needs x-safe: true if it only reads, else x-cost")
        for name, values in safe.items() if isinstance(safe, dict) else ():
            possible = operation.properties.get(name, {}).get("enum", [])
            if strange := [value for value in values if value not in possible]:
                yield operation.request_place.below("x-safe").says(f"{name} is never {', '.join(strange)}")
