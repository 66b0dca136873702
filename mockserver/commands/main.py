"""The commands, by name; each is a module of its own, imported when it is asked for."""

from importlib import import_module
from typing import cast

import click

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
CLIENT = ("qcomment", "qqtube")
OWN = ("capsule", "check", "coverage", "drift", "lint", "proxy", "record", "scorecard", "serve", "simulate")


class _Commands(click.Group):
    """The simulator's commands and the client's groups."""

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
