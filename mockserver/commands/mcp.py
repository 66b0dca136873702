"""`apidouble mcp`: a server of the Model Context Protocol on standard input and output, for coding assistants."""

import click

from apidouble.mockserver.commands.asking import server_options
from apidouble.mockserver.commands.ends import WrongUseError


@click.command()
@server_options
def mcp(url: str, token: str | None) -> None:
    """Let a coding assistant use a double by the Model Context Protocol, over standard input and output.

    Its tools start a double, read calls and findings, move the clock, plant faults, and explain codes and statuses.
    """
    try:
        from apidouble.mockserver.serve.assistant import assistant
    except ModuleNotFoundError as error:
        raise WrongUseError(f"this needs the package {error.name}: install apidouble with the extra mcp") from error
    assistant(url, token).run("stdio")
