"""The commands, by name; each is a module of its own, imported when it is asked for."""

from importlib import import_module
from typing import Any, cast

import click

from apidouble.mockserver.commands.saying import give_up
from apidouble.mockserver.domain.shown import shown_lines

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
CLIENT = ("qcomment", "qqtube")
OWN = ("capsule", "check", "coverage", "drift", "lint", "proxy", "record", "scorecard", "serve", "simulate")


class _Commands(click.Group):
    """The simulator's commands and the client's groups."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command; what cannot be written ends in a plain error."""
        try:
            return super().main(*args, **extra)
        except OSError as error:
            return give_up(error)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what its error says is printed as it may be."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            error.message = shown_lines(error.message)  # type: ignore[misc]
            raise

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted((*CLIENT, *OWN))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name in OWN:
            return cast("click.Command", getattr(import_module(f"apidouble.mockserver.commands.{cmd_name}"), cmd_name))
        if cmd_name in CLIENT:
            from apidouble.client.cli import groups

            return next(group for group in groups() if group.name == cmd_name)
        return None


@click.group(cls=_Commands, context_settings=CONTEXT)
@click.version_option(package_name="apidouble", prog_name="apidouble", message="%(prog)s %(version)s")
def main() -> None:
    """A test double of two HTTP APIs, QComment 1.5 and QQTube v1, with virtual time.

    `apidouble serve` starts it; point your client at the address it prints.
    """
