"""Turn a method of a client into a command: its parameters, the question before it spends, its result, its errors."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import click

from apidouble.client.commands.show import show
from apidouble.client.errors import ClientError, TransportError

Question = Callable[[Mapping[str, Any]], str | None]


class NoAnswerError(click.ClickException):
    """No answer that says so, and it may have been done: the exit code tells it from a refusal's 1."""

    exit_code = 3


class Call(click.Command):
    """A command that calls the method of its name; `asks` returns the question for what would spend money."""

    def __init__(self, method: Callable[..., Any], *params: click.Parameter, asks: Question | None = None) -> None:
        self.method_name, self.asks = method.__name__, asks
        own: list[click.Parameter] = [
            click.Option(["--json", "as_json"], is_flag=True, help="JSON instead of a table.")
        ]
        if asks is not None:
            own.append(click.Option(["--yes", "sure"], is_flag=True, help="Spend without asking."))
        name = self.method_name.replace("_", "-")
        super().__init__(name, params=[*params, *own], callback=self._run, help=str(method.__doc__).partition("\n")[0])

    def _run(self, *, as_json: bool, sure: bool = False, **given: Any) -> None:
        sent = {name: value for name, value in given.items() if value is not None and value != ()}
        question = self.asks(sent) if self.asks else None
        if question and not sure:
            click.confirm(f"{question}?", abort=True, err=True)
        make: Callable[[], Any] = click.get_current_context().obj
        try:
            with make() as client:
                show(getattr(client, self.method_name)(**sent), as_json=as_json)
        except ClientError as error:
            _end(error)
        except (TypeError, ValueError) as error:
            raise click.UsageError(str(error)) from error


def _end(error: ClientError) -> NoReturn:
    unanswered = error.may_have_happened or isinstance(error, TransportError)
    raise (NoAnswerError if unanswered else click.ClickException)(str(error))


def argument(name: str, kind: Any = int) -> click.Argument:
    """Return an argument that a call cannot do without."""
    return click.Argument([name], type=kind)


def option(name: str, kind: Any = str, **more: Any) -> click.Option:
    """Return an option, named like the method's parameter, with dashes."""
    return click.Option([f"--{name.replace('_', '-').lower()}", name], type=kind, **more)


def access_options(key: str, variable: str) -> list[click.Parameter]:
    """Return the options of a group: config file, address, and the key for those who insist."""
    return [
        click.Option(["--config"], type=click.Path(path_type=Path), help="Config file instead of the usual one."),
        click.Option(["--base-url"], help="Address to call.  [default: a double's, http://127.0.0.1:8080]"),
        click.Option(["--live"], is_flag=True, help="Call the live service. What spends, spends real money."),
        click.Option(
            ["--insist-key-on-command-line", "key"],
            metavar=key.upper(),
            help=f"The key itself, which stays in your shell's history. Better: {variable}, or the config file.",
        ),
    ]
