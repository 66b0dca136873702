"""The simulator: a Flask application that answers both vendors' documented calls.

For tests: `activate` lets `requests` reach a Double in process, `serve_threaded` starts a server in this process.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apidouble.mockserver.activation import activate
    from apidouble.mockserver.doors.hosts import ForeignHostError
    from apidouble.mockserver.doors.threaded import serve_threaded
    from apidouble.mockserver.double import ControlError, Double
    from apidouble.mockserver.pacer import Pace
    from apidouble.mockserver.simulator import Simulator

_HOMES = {
    "ControlError": "double",
    "Double": "double",
    "ForeignHostError": "doors.hosts",
    "Pace": "pacer",
    "Simulator": "simulator",
    "activate": "activation",
    "serve_threaded": "doors.threaded",
}

__all__ = ["ControlError", "Double", "ForeignHostError", "Pace", "Simulator", "activate", "serve_threaded"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
