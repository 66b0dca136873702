"""The command groups `qcomment` and `qqtube`, for a console script to take in."""

import click

from apidouble.client.commands.qcomment import qcomment
from apidouble.client.commands.qqtube import qqtube


def groups() -> tuple[click.Group, ...]:
    """Return the groups."""
    return qcomment, qqtube
