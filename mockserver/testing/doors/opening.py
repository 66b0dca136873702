"""From the doors that are open to the one that answers here, and to the methods of libraries that ask it.

A seam is a method of a library that a stand-in replaces while any door is open. The stand-in is made of the original,
which it calls for what may pass.
"""

import sys
import threading
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NamedTuple

from apidouble.mockserver.testing.doors.hosts import Hosts

HERE = "apidouble.mockserver.testing.doors"
# By the library that a module has the seams for: those that need not be installed come in once they are imported.
ALWAYS = ("requests_door", "connections", "network")
ONCE_IMPORTED = {"httpx": "httpx_transport", "aiohttp": "aiohttp_door"}


class Seam(NamedTuple):
    """A method, and what makes its stand-in of it."""

    owner: type
    name: str
    stand_in: Callable[[Any], Any]


class _Placed(NamedTuple):
    seam: Seam
    original: Any
    stand_in: Any


_lock = threading.RLock()
_open: list["Opening"] = []
_here: ContextVar[tuple["Opening", ...]] = ContextVar("doors opened in this thread or task", default=())
_placed: dict[str, list[_Placed]] = {}


class Opening:
    """While it is open, HTTP libraries reach the simulator of `hosts`, and nothing else reaches the vendors.

    Of several that are open the last one answers that was opened in the caller's thread or task, or else anywhere.
    """

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts

    def open(self) -> None:
        """Take over from the libraries, in all threads."""
        with _lock:
            _open.append(self)
            _here.set((*_here.get(), self))
            for module in (*ALWAYS, *(module for library, module in ONCE_IMPORTED.items() if library in sys.modules)):
                _place(module)
            if _LATE not in sys.meta_path:
                sys.meta_path.insert(0, _LATE)

    def close(self) -> None:
        """Give back what `open` has taken."""
        with _lock:
            _open.remove(self)
            _here.set(tuple(opening for opening in _here.get() if opening is not self))
            if not _open:
                sys.meta_path.remove(_LATE)
                for module in list(_placed):
                    _give_back(_placed.pop(module))


def answering() -> Hosts | None:
    """Return who answers for hosts here and now, None while no door is open."""
    if not _open:
        return None
    opened_here = next((opening for opening in reversed(_here.get()) if opening in _open), None)
    opening = opened_here or next(reversed(_open), None)
    return opening.hosts if opening is not None else None


def _place(module: str) -> None:
    if module in _placed:
        return
    seams: Sequence[Seam] = import_module(f"{HERE}.{module}").SEAMS
    _placed[module] = []
    for seam in seams:
        original = getattr(seam.owner, seam.name)
        stand_in = seam.stand_in(original)
        setattr(seam.owner, seam.name, stand_in)
        _placed[module].append(_Placed(seam, original, stand_in))


def _give_back(placed: list[_Placed]) -> None:
    for (owner, name, _), original, stand_in in reversed(placed):
        if getattr(owner, name) is stand_in:  # or else somebody has put his own over it, and it only passes calls on
            setattr(owner, name, original)


class _Late(MetaPathFinder):
    """Takes over from a library that is imported while a door is open."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in ONCE_IMPORTED:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in others)), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _LateLoader(spec.loader)
        return spec


class _LateLoader(Loader):
    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self.loader
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        with _lock:
            if _open:
                _place(ONCE_IMPORTED[module.__name__])


_LATE = _Late()
