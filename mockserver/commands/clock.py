"""`apidouble clock`: how a server's virtual time passes, told and changed."""

from typing import Any

import click

from apidouble.mockserver.commands.asking import call, server_options
from apidouble.mockserver.commands.ends import told


@click.group(invoke_without_command=True)
@server_options
@click.pass_context
def clock(ctx: click.Context, url: str, token: str | None) -> None:
    """Tell a server's virtual time, or move it.

    \b
    Examples:
      apidouble clock
      apidouble clock advance 3d12h
      apidouble clock set 2026-01-01T00:00:00+03:00
      apidouble clock run --rate 3600
      apidouble clock freeze
    """  # noqa: D301 (click reads the backspace)
    ctx.obj = url, token
    if ctx.invoked_subcommand is None:
        show(call(url, token, "GET", "clock"))


@clock.command()
@click.argument("duration")
@click.pass_obj
def advance(server: tuple[str, str | None], duration: str) -> None:
    """Let virtual time pass: 90s, 3d12h, P3D."""
    from apidouble.mockserver.domain.instants import read_duration

    with told():
        read_duration(duration)
    moved = call(*server, "POST", "clock/advance", {"by": duration})
    show(moved)
    click.echo(f"events  {moved['events']}")


@clock.command("set")
@click.argument("instant")
@click.pass_obj
def set_(server: tuple[str, str | None], instant: str) -> None:
    """Move virtual time forward to an instant with an offset: 2026-01-01T00:00:00+03:00."""
    show(call(*server, "PUT", "clock", {"now": instant}))


@clock.command()
@click.option("--rate", type=click.FloatRange(0, 1_000_000, min_open=True), default=1.0, show_default=True,
              help="Virtual seconds that pass in a real one.")  # fmt: skip
@click.pass_obj
def run(server: tuple[str, str | None], rate: float) -> None:
    """Let virtual time follow the wall clock."""
    show(call(*server, "PUT", "clock", {"mode": "running", "rate": rate}))


@clock.command()
@click.argument("duration")
@click.pass_obj
def step(server: tuple[str, str | None], duration: str) -> None:
    """Let a step of virtual time pass before each call of a vendor."""
    show(call(*server, "PUT", "clock", {"mode": "polling", "step": duration}))


@clock.command()
@click.pass_obj
def freeze(server: tuple[str, str | None]) -> None:
    """Stop virtual time until it is moved."""
    show(call(*server, "PUT", "clock", {"mode": "frozen"}))


def show(told_by_server: dict[str, Any]) -> None:
    """Print a clock: its time, and how it passes."""
    mode = told_by_server["mode"]
    how = {"running": f" at {told_by_server['rate']:g} virtual seconds a second",
           "polling": f", {told_by_server.get('step', 0):g} virtual seconds a call"}.get(mode, "")  # fmt: skip
    click.echo(f"now     {told_by_server['now']}\nclock   {mode}{how}")
