"""`apidouble open`: a running server into its console in the browser."""

import click

from apidouble.mockserver.commands.asking import call, server_options


@click.command("open")
@server_options
def open(url: str, token: str | None) -> None:  # noqa: A001 (the command's name)
    """Open the console of a running server in the browser, and print its address.

    \b
    Examples:
      apidouble open
      apidouble open --url http://127.0.0.1:9000
    """  # noqa: D301 (click reads the backspace)
    import webbrowser

    call(url, token, "GET", "health")
    address = f"{url.rstrip('/')}/_apidouble/console"
    click.echo(address)
    if not webbrowser.open(address):
        click.echo("There is no browser here: open the address yourself.", err=True)
