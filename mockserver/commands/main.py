"""The commands, by name; each is a module of its own, imported when it is asked for."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

import click

from apidouble.mockserver.commands.configured import settings
from apidouble.mockserver.commands.saying import give_up
from apidouble.mockserver.domain.shown import shown_lines

CONTEXT = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": 110,
    "auto_envvar_prefix": "APIDOUBLE",
}
CLIENT = ("qcomment", "qqtube")
OWN = (
    "capsule", "check", "clock", "coverage", "docs", "drift", "examples", "faults", "journal", "lint", "mcp", "open",
    "proxy", "readings", "record", "reset", "sandbox", "scenarios", "scorecard", "serve", "simulate", "state", "world",
    "worlds",
)  # fmt: skip


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

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # no terminal's encoding ends a command
        try:
            return super().main(args, *more, **extra)
        except OSError as error:
            return give_up(error)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what its error says is printed as it may be."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            error.message = shown_lines(error.message)  # type: ignore[misc]
            raise


@click.group(cls=_Commands, context_settings=CONTEXT)
@click.version_option(package_name="apidouble", prog_name="apidouble", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """A test double of two HTTP APIs, QComment 1.5 and QQTube v1, with virtual time.

    `apidouble serve` starts it; point your client at the address it prints.

    Each option can be set by a variable, APIDOUBLE_SERVE_PORT=9000, or in a file, `[tool.apidouble.serve]` in
    pyproject.toml or `[serve]` in apidouble.toml. Ends with 0 when done, 1 for findings, 2 for wrong use, 3 without an
    answer: `apidouble docs command-line`.
    """
    ctx.default_map = settings()
