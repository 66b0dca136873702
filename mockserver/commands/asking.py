"""What the commands that ask a running server share: its address and token, and a call of its control plane."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

from apidouble.mockserver.commands.ends import WrongUseError, told

URL = "http://127.0.0.1:8080"
Command = TypeVar("Command", bound=Callable[..., Any])


def server_options(command: Command) -> Command:
    """Add --url and --token to a command."""
    command = click.option(
        "--token", envvar="APIDOUBLE_TOKEN", show_envvar=True, help="Bearer token of that server."
    )(command)  # fmt: skip
    return click.option(
        "--url", envvar="APIDOUBLE_URL", default=URL, show_default=True, show_envvar=True, help="Server to ask."
    )(command)  # fmt: skip


def call(url: str, token: str | None, method: str, path: str, body: Any = None) -> Any:
    """Make a call of the control plane and return its answer as plain values.

    Raises WrongUseError with the server's own words where it refuses, NoAnswerError where it does not answer.
    """
    from apidouble.mockserver.story.remote import said, send

    sent = b"" if body is None else json.dumps(body).encode()
    with told():
        status, answer = send(url, method, f"/_apidouble/{path}", sent, token)
        if status >= 400:  # noqa: PLR2004 (of HTTP)
            raise WrongUseError(f"{url} answers {status}: {said(answer)}")
        return json.loads(answer) if answer else None
