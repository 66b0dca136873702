"""The shipped specs as texts, to be changed and checked without touching a file."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from apidouble.mockserver.domain.world import Vendor
from apidouble.mockserver.spec.check.files import CODE, Files
from apidouble.mockserver.spec.check.whole import check_files
from apidouble.mockserver.spec.source import Source
from apidouble.mockserver.vendors import qcomment, qqtube
from apidouble.specs import ROOT

VENDORS: Mapping[str, Vendor] = {"qcomment": qcomment.VENDOR, "qqtube": qqtube.VENDOR}
SHIPPED = Files.read(ROOT)
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Keys = tuple[str | int, ...]
DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Slip(NamedTuple):
    """A passage of a file and what a slip of the pen makes of it; where the message points, and how it begins."""

    name: str
    old: str
    new: str
    keys: Keys
    said: str
    at: str = ""  # the file the message points to, where it is another


@dataclass(frozen=True)
class Specs:
    """The shipped specs, perhaps changed. Names are paths below the specs, or below the simulator's code for Python."""

    files: Files = SHIPPED
    vendors: Mapping[str, Vendor] = field(default_factory=lambda: VENDORS)

    def problems(self) -> list[str]:
        """Check, and return the messages with paths relative to the specs."""
        found = check_files(self.files, self.vendors)
        return [message.replace(f"{ROOT}/", "").replace(f"{CODE}/", "") for message in found]

    def text(self, name: str) -> str:
        """Return the text of a file."""
        path = self.path(name)
        return (self.files.python if path.suffix == ".py" else self.files.specs)[path].decode()

    def content(self, name: str) -> Any:
        """Return a file's content, of which any part may be changed."""
        return deepcopy(_parsed(self.text(name)))

    def writing(self, name: str, text: str) -> "Specs":
        """Return the specs with another text in one file."""
        return replace(self, files=self.files.replacing(self.path(name), text.encode()))

    def dumping(self, name: str, content: Any) -> "Specs":
        """Return the specs with other content in one file."""
        return self.writing(name, yaml.dump(content, Dumper=DUMPER, allow_unicode=True, sort_keys=False))

    def changing(self, name: str, old: str, new: str) -> "Specs":
        """Return the specs with one passage changed; it must stand there once."""
        text = self.text(name)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        return self.writing(name, text.replace(old, new))

    def line(self, name: str, *keys: str | int) -> str:
        """Return "name:line" of a place in a file."""
        source = Source.parse(self.path(name), self.text(name).encode())
        return source.at(*keys).replace(f"{ROOT}/", "")

    def path(self, name: str) -> Path:
        """Return a file's path."""
        return (CODE if name.endswith(".py") else ROOT) / name


@lru_cache(maxsize=16)
def _parsed(text: str) -> Any:
    return yaml.load(text, LOADER)  # noqa: S506 (a safe loader)


def see_slip(slip: Slip, specs: Specs) -> None:
    """See that a slip gets one message, at the line of what is wrong, that says what it is."""
    changed = specs.changing(slip.name, slip.old, slip.new)
    (message,) = changed.problems()
    place, _, said = message.partition(": ")
    assert said.startswith(slip.said)
    assert place == changed.line(slip.at or slip.name, *slip.keys)


@pytest.fixture
def specs() -> Specs:
    """The shipped specs."""
    return Specs()


@pytest.fixture
def without() -> Callable[[str, str, str], Specs]:
    """What leaves one of a vendor's behaviours or effects out."""

    def leave_out(vendor: str, kind: str, name: str) -> Specs:
        left: Any = {key: function for key, function in getattr(VENDORS[vendor], kind).items() if key != name}
        return Specs(vendors={**VENDORS, vendor: replace(VENDORS[vendor], **{kind: left})})

    return leave_out
