"""Lines into what a terminal may be told, and a full disk or a closed pipe into a plain error."""

import errno
import os
import sys
from contextlib import suppress

import click

from apidouble.mockserver.commands.ends import WRONG_USE
from apidouble.mockserver.domain.shown import shown, shown_lines


def say(text: object, *, err: bool = False) -> None:
    """Print a line."""
    click.echo(shown(text), err=err)


def say_lines(text: object) -> None:
    """Print several lines."""
    click.echo(shown_lines(text))


def give_up(error: OSError) -> None:
    """Say that there is nowhere to write to, and end with 2; raises an error that is about something else."""
    if error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG):
        raise error
    with suppress(OSError, ValueError):  # lest what waits to be written fails once more at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    click.echo(f"Error: the output cannot be written: {error.strerror}", err=True)
    sys.exit(WRONG_USE)
