"""`apidouble open`: a running server into its console in the browser."""

import click


@click.command("open")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Server to look at.")
def open(url: str) -> None:  # noqa: A001 (the command's name)
    """Open the console of a running server in the browser, and print its address.

    \b
    Examples:
      apidouble open
      apidouble open --url http://127.0.0.1:9000
    """  # noqa: D301 (click reads the backspace)
    import webbrowser

    from apidouble.mockserver.story.remote import ask

    try:
        ask(url, "health")
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    address = f"{url.rstrip('/')}/_apidouble/console"
    click.echo(address)
    if not webbrowser.open(address):
        click.echo("There is no browser here: open the address yourself.", err=True)
