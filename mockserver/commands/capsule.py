"""`apidouble capsule`: a server's story into a file, and a file into its story told again."""

import sys
from pathlib import Path

import click

from apidouble.mockserver.commands.asking import server_options
from apidouble.mockserver.commands.ends import FOUND, OutputPath, WrongUseError, told
from apidouble.mockserver.commands.saying import say, say_lines


@click.group()
def capsule() -> None:
    """Keep what happened to a server in one file, and replay it elsewhere, byte for byte."""


@capsule.command()
@click.argument("file", type=OutputPath())
@server_options
def save(file: Path, url: str, token: str | None) -> None:
    """Ask a running server for its story since the start, or the last reset, and write it to FILE."""
    from apidouble.mockserver.stage.capsule import Capsule
    from apidouble.mockserver.story.remote import ask

    with told():
        story = Capsule.parse(ask(url, "capsule", token), url)
        story.write(file)
    say(f"{file}: {len(story.calls):,} calls")


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
            say(f"Warning: not the {name} of the capsule, so answers may differ:", err=True)
            say(f"  then {then}", err=True)
            say(f"  now  {now}", err=True)
        found = story.replay(simulator)
    except CapsuleError as error:
        raise WrongUseError(str(error)) from error
    if found.first_difference:
        say_lines(found.first_difference)
        sys.exit(FOUND)
    say(f"{found.calls:,} calls, each answered as before, byte for byte")
