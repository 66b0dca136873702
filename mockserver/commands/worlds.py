"""`apidouble worlds`: the worlds that come with the specs."""

import click


@click.command()
def worlds() -> None:
    """List the worlds that come with the specs; `apidouble world copy` makes one of your own."""
    from apidouble.mockserver.stage.worlds import FOLDER, names

    for name in names():
        click.echo(f"{name}  {FOLDER / name}.yaml")
