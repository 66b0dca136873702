"""The files that a check looks at, as texts: the specs, and the Python that must agree with them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

CODE = Path(__file__).resolve().parents[2]
SCHEMA = "extensions.schema.json"
SHARED = ("gateway", "vendors/moves.py")


@dataclass(frozen=True)
class Files:
    """Texts by their paths. `root` is the folder of the specs, `code` that of the simulator's Python."""

    root: Path
    code: Path
    specs: Mapping[Path, bytes]
    python: Mapping[Path, bytes]

    @classmethod
    def read(cls, root: Path, code: Path = CODE) -> "Files":
        """Read everything that a check looks at."""
        own = Path(__file__).parent
        python = [path for path in code.rglob("*.py") if own not in path.parents]
        return cls(root, code, _texts([*root.rglob("*.yaml"), root / SCHEMA]), _texts(python))

    @classmethod
    def read_python(cls, code: Path = CODE) -> "Files":
        """Read only the modules that raise errors."""
        places = [code / "vendors", *(code / name for name in SHARED)]
        python = [path for place in places for path in (place.rglob("*.py") if place.is_dir() else [place])]
        return cls(code, code, {}, _texts(python))

    def replacing(self, path: Path, text: bytes) -> "Files":
        """Return the same files with another text in one of them, or with one more."""
        if path.suffix == ".py":
            return replace(self, python={**self.python, path: text})
        return replace(self, specs={**self.specs, path: text})

    def python_of(self, vendor: str) -> dict[Path, bytes]:
        """Return the modules of one vendor."""
        return self._below(f"vendors/{vendor}")

    def shared_python(self) -> dict[Path, bytes]:
        """Return the modules that raise errors on behalf of every vendor."""
        return {path: text for name in SHARED for path, text in self._below(name).items()}

    def _below(self, name: str) -> dict[Path, bytes]:
        place = str(self.code / name)
        return {path: text for path, text in self.python.items() if f"{path}/".startswith(f"{place}/")}


def _texts(paths: list[Path]) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(paths) if path.is_file()}
