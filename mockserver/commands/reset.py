"""`apidouble reset`: a server's world begins anew."""

import click

from apidouble.mockserver.commands.asking import call, server_options
from apidouble.mockserver.commands.clock import show


@click.command()
@server_options
def reset(url: str, token: str | None) -> None:
    """Start a server's world anew: its accounts, its clock, its journal, the scenario's faults."""
    show(call(url, token, "POST", "reset"))
