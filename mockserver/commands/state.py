"""`apidouble state`: everything there is in a server's world, as JSON."""

import json

import click

from apidouble.mockserver.commands.asking import call, server_options
from apidouble.mockserver.commands.saying import say_lines


@click.command()
@server_options
def state(url: str, token: str | None) -> None:
    """Print everything there is in a server's world, as JSON."""
    say_lines(json.dumps(call(url, token, "GET", "state"), ensure_ascii=False, indent=2))
