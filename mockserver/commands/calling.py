"""What the commands of live calls share. They end with 0, with 1 for findings, with 2 for what was not permitted."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from apidouble.mockserver.live.permit import Budget
from apidouble.mockserver.live.recording.cassettes import FOLDER, MAX_AGE_DAYS, Cassette, CassetteError, folder, read
from apidouble.mockserver.stage.simulator import Simulator

FINDINGS, NOT_PERMITTED = 1, 2
Command = TypeVar("Command", bound=Callable[..., Any])


class NotDoneError(click.ClickException):
    """What was asked is not done; the text says why."""

    exit_code = NOT_PERMITTED


def now() -> datetime:
    """Return the time of the wall: recordings have an age in the world outside."""
    return datetime.now(UTC)  # noqa: TID251


def cassettes_option(command: Command) -> Command:
    """Add the folder of recordings to a command."""
    return click.option(
        "--cassettes", "place", default=FOLDER, show_default=True, type=click.Path(path_type=Path),
        help="Folder of the recordings, or one of them.",
    )(command)  # fmt: skip


def age_option(command: Command) -> Command:
    """Add the age after which a recording says nothing to a command."""
    return click.option(
        "--max-age", default=MAX_AGE_DAYS, show_default=True, type=click.IntRange(1), metavar="DAYS",
        help="A recording older than this says nothing any more.",
    )(command)  # fmt: skip


def confirm(budget: Budget, address: str, calls: Sequence[str]) -> None:
    """Ask whether the budget may be spent; raise NotDoneError unless it is typed."""
    for call in calls:
        click.echo(f"  {call}")
    wanted = str(budget)
    typed = click.prompt(
        f"This may spend {wanted} at {address}. Type {wanted} to go on", default="", show_default=False
    )
    if typed.strip() != wanted:
        raise NotDoneError("nothing was sent")


def read_cassettes(simulator: Simulator, place: Path) -> list[Cassette]:
    """Read the recordings at a place; raise NotDoneError where one cannot be read."""
    try:
        return [read(path, simulator.contract.vendors, simulator.world.vendors) for path in folder(place)]
    except CassetteError as error:
        raise NotDoneError(str(error)) from error


def write_output(path: Path | None, text: str) -> None:
    """Write a text to a file, to standard output for `-`, or nowhere for None."""
    if path is None:
        return
    if str(path) == "-":
        click.echo(text, nl=False)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise NotDoneError(f"{path}: {error.strerror}") from error


def name_and_value(text: str) -> tuple[str, str]:
    """Split NAME=VALUE."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise NotDoneError(f"{text!r} is not NAME=VALUE")
    return name, value
