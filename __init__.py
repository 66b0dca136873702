"""apidouble: specs, a simulator and a client of two HTTP APIs. This folder is the package `apidouble`."""

from typing import Any


def __getattr__(name: str) -> Any:
    """Return the installed version for `__version__`."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version  # noqa: PLC0415 (nobody waits for it)

    return version("apidouble")
