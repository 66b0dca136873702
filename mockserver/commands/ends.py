"""How a command ends, and what it may write: exit codes, the errors behind them, paths that can be written.

| code | meaning |
|---|---|
| 0 | done |
| 1 | found something: a finding, a difference, less than was asked for, a refusal of the vendor |
| 2 | wrong use: an option, a file or a spec that cannot be used; nothing was done |
| 3 | no answer: a server that is not reachable, or a call whose answer was lost |
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

FOUND, WRONG_USE, NO_ANSWER = 1, 2, 3


class WrongUseError(click.ClickException):
    """Something that was given cannot be used; the text says what would be right."""

    exit_code = WRONG_USE


class NoAnswerError(click.ClickException):
    """A server does not answer; the text says which, and how to start one."""

    exit_code = NO_ANSWER


@contextmanager
def told() -> Iterator[None]:
    """Turn what wrong input raises into an error of the command line."""
    from apidouble.mockserver.spec.source import SpecError
    from apidouble.mockserver.story.remote import UnreachableError

    try:
        yield
    except UnreachableError as error:
        raise NoAnswerError(str(error)) from error
    except OSError as error:
        named = f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
        raise WrongUseError(named) from error
    except (SpecError, ValueError, LookupError, TypeError) as error:
        raise WrongUseError(str(error)) from error


class OutputPath(click.ParamType):  # type: ignore[type-arg, unused-ignore]  # generic since click 8.3
    """A file to write, looked at before any work is done: its folder is there, and both can be written.

    With `dash`, `-` means the standard output.
    """

    name = "file"

    def __init__(self, *, dash: bool = False) -> None:
        self.dash = dash

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path, or fail with the reason why nothing could be written there."""
        path = Path(value)
        if self.dash and str(path) == "-":
            return path
        folder = path.parent
        if not folder.is_dir():
            self.fail(f"{path} cannot be written: there is no folder {folder}", param, ctx)
        if path.is_dir():
            self.fail(f"{path} cannot be written: it is a folder", param, ctx)
        if not os.access(path if path.exists() else folder, os.W_OK):
            self.fail(f"{path} cannot be written: no permission", param, ctx)
        return path


def refuse_idle(ctx: click.Context, option: str, needs: str) -> None:
    """Raise UsageError for an option that was given and does nothing without another."""
    source = ctx.get_parameter_source(option.replace("-", "_"))
    if source is not None and source.name in ("COMMANDLINE", "ENVIRONMENT", "DEFAULT_MAP"):
        raise click.UsageError(f"--{option} does nothing without {needs}")
