"""`apidouble world`: a world file of one's own to begin with."""

from pathlib import Path

import click

from apidouble.mockserver.commands.ends import OutputPath, WrongUseError, told


@click.group()
def world() -> None:
    """Copy a world that comes with the specs, to change it."""


@world.command()
@click.argument("name")
@click.argument("file", type=OutputPath())
def copy(name: str, file: Path) -> None:
    """Copy the world NAME to FILE, to be served by `apidouble serve --world FILE`."""
    from apidouble.mockserver.stage.worlds import FOLDER, names

    if name not in names():
        raise WrongUseError(f"there is no world {name!r}: name one of {', '.join(names())}")
    if file.exists():
        raise WrongUseError(f"{file} is there already")
    with told():
        file.write_bytes((FOLDER / f"{name}.yaml").read_bytes())
    click.echo(f"{file}: apidouble serve --world {file}")
