"""The simulator: a Flask application that answers both vendors' documented calls.

For tests: `activate` lets `requests` reach a Double in process, `serve_threaded` starts a server in this process.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apidouble.mockserver.serve.doors.threaded import serve_threaded
    from apidouble.mockserver.stage.pacer import Pace
    from apidouble.mockserver.stage.simulator import Simulator
    from apidouble.mockserver.testing.activation import activate
    from apidouble.mockserver.testing.doors.hosts import ForeignHostError
    from apidouble.mockserver.testing.double import ControlError, Double

_HOMES = {
    "ControlError": "testing.double",
    "Double": "testing.double",
    "ForeignHostError": "testing.doors.hosts",
    "Pace": "stage.pacer",
    "Simulator": "stage.simulator",
    "activate": "testing.activation",
    "serve_threaded": "serve.doors.threaded",
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
