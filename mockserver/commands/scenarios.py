"""`apidouble scenarios`: how worlds can live by themselves."""

import click


@click.command()
def scenarios() -> None:
    """List the scenarios that come with the specs, each with what it does."""
    from apidouble.mockserver.stage.scenarios import Scenario, names

    for name in names():
        click.echo(f"{name:12}{Scenario.read(name).description}")
