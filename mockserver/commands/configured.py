"""The nearest apidouble.toml or pyproject.toml into defaults for the options of each command."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from apidouble.mockserver.commands.ends import WrongUseError

OWN_FILE, SHARED_FILE, SECTION = "apidouble.toml", "pyproject.toml", "apidouble"


def settings(start: Path | None = None) -> dict[str, Any]:
    """Return what the nearest file above a folder, the present one by default, sets: command, then option.

    A file apidouble.toml comes before a section [tool.apidouble] of pyproject.toml in the same folder. Dashes in names
    are as underscores. Raises WrongUseError with the file's name for what cannot be read.
    """
    for path, found in _files(start or Path.cwd()):
        if not isinstance(found, Mapping) or not all(isinstance(below, Mapping) for below in found.values()):
            raise WrongUseError(f"{path}: write a section for each command, such as [serve]")
        return {command: _options(path, command, below) for command, below in found.items()}
    return {}


def _files(start: Path) -> Iterator[tuple[Path, Any]]:
    for folder in (start, *start.parents):
        own, shared = folder / OWN_FILE, folder / SHARED_FILE
        if own.is_file():
            yield own, _read(own)
        if shared.is_file():
            section = _read(shared).get("tool", {}).get(SECTION)
            if section is not None:
                yield shared, section


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise WrongUseError(f"{path}: {error}") from error


def _options(path: Path, command: str, section: Mapping[str, Any]) -> dict[str, Any]:
    """Return a command's options by the names click gives them; raise for one that it does not have."""
    import click

    from apidouble.mockserver.commands.main import CLIENT, OWN, main
    from apidouble.mockserver.domain.names import closest

    if command not in (*OWN, *CLIENT):
        raise WrongUseError(f"{path}: there is no command {command}")
    found = main.get_command(click.Context(main), command)
    named = {}
    for param in () if found is None else found.params:
        for spelled in (*param.opts, *param.secondary_opts):
            named[spelled.lstrip("-").replace("-", "_")] = param.name
    plain = {name.replace("-", "_"): value for name, value in section.items()}
    for name, value in plain.items():
        if isinstance(value, Mapping):
            continue  # of a command below a group
        if name not in named:
            near = closest(name, named)
            raise WrongUseError(f"{path}: {command} has no option {name}" + (f"; did you mean {near}?" if near else ""))
    return {str(named.get(name, name)): value for name, value in plain.items()}
