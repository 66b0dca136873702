"""`apidouble examples`: whole integrations to begin with, copied where they are wanted."""

from pathlib import Path

import click

from apidouble.mockserver.commands.ends import WrongUseError, told


@click.group(invoke_without_command=True)
@click.pass_context
def examples(ctx: click.Context) -> None:
    """List whole examples for PHP, PHPUnit, Node, shell and GitHub Actions, or copy one."""
    from apidouble.mockserver.commands.shipped import examples as shipped

    if ctx.invoked_subcommand is None:
        for name in shipped():
            click.echo(name)


@examples.command()
@click.argument("name")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def copy(name: str, folder: Path | None) -> None:
    """Copy the example NAME into FOLDER, which is made: `apidouble examples copy phpunit my-tests`."""
    import shutil

    from apidouble.mockserver.commands.shipped import examples as shipped

    found = shipped()
    if name not in found:
        raise WrongUseError(f"there is no example {name!r}: name one of {', '.join(found)}")
    place = folder or Path(name)
    if place.exists():
        raise WrongUseError(f"{place} is there already")
    if not place.parent.is_dir():
        raise WrongUseError(f"{place} cannot be made: there is no folder {place.parent}")
    with told():
        shutil.copytree(found[name], place, ignore=shutil.ignore_patterns("__pycache__", "node_modules", "vendor"))
    click.echo(f"{place}: read {place / 'README.md'}" if (place / "README.md").exists() else str(place))
