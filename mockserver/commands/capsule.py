"""`apidouble capsule`: a server's story into a file, and a file into its story told again."""

import sys
from pathlib import Path

import click


@click.group()
def capsule() -> None:
    """Keep what happened to a server in one file, and replay it elsewhere, byte for byte."""


@capsule.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Server to ask.")
@click.option("--token", envvar="APIDOUBLE_TOKEN", show_envvar=True, help="Bearer token of that server.")
def save(file: Path, url: str, token: str | None) -> None:
    """Ask a running server for its story since the start, or the last reset, and write it to FILE."""
    from apidouble.mockserver.stage.capsule import Capsule
    from apidouble.mockserver.story.remote import ask

    try:
        story = Capsule.parse(ask(url, "capsule", token), url)
        story.write(file)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file}: {len(story.calls):,} calls")


@capsule.command()
@click.argument("file", type=click.Path(path_type=Path))
def replay(file: Path) -> None:
    """Make the calls of FILE again, at their times, in this process.

    Ends with 0 where every answer is the same, with 1 where one differs, which is shown, and with 2 where FILE
    cannot be replayed.
    """
    from apidouble.mockserver.stage.capsule import Capsule, CapsuleError

    try:
        story = Capsule.read(file)
        simulator = story.open()
        for name, then, now in story.changes(simulator):
            click.echo(f"Warning: not the {name} of the capsule, so answers may differ:", err=True)
            click.echo(f"  then {then}\n  now  {now}", err=True)
        found = story.replay(simulator)
    except CapsuleError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    if found.first_difference:
        click.echo(found.first_difference)
        sys.exit(1)
    click.echo(f"{found.calls:,} calls, each answered as before, byte for byte")
