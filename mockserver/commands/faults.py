"""`apidouble faults`: what is to go wrong with calls to come, listed, added and taken out."""

from typing import Any

import click

from apidouble.mockserver.commands.asking import call, server_options
from apidouble.mockserver.commands.ends import WrongUseError
from apidouble.mockserver.commands.saying import say

NUMBERS = ("bytes", "code", "delay_ms", "status")


@click.group(invoke_without_command=True)
@server_options
@click.pass_context
def faults(ctx: click.Context, url: str, token: str | None) -> None:
    """List the faults that are to strike, add one, or take them out: `apidouble docs faults`.

    \b
    Examples:
      apidouble faults
      apidouble faults add reset --when after --operation newproject
      apidouble faults add server_error --option status=503 --times 3
      apidouble faults clear
    """  # noqa: D301 (click reads the backspace)
    ctx.obj = url, token
    if ctx.invoked_subcommand is None:
        _show(call(url, token, "GET", "faults")["faults"])


@faults.command()
@click.argument("kind")
@click.option("--when", type=click.Choice(["before", "after"]), help="Before the call is carried out, or after.")
@click.option("--vendor", type=click.Choice(["qcomment", "qqtube"]), help="Only calls of this vendor.")
@click.option("--operation", help="Only calls of this operation.")
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="Only calls that send this.")
@click.option("--probability", type=click.FloatRange(0, 1, min_open=True), help="Strike each of them with this.")
@click.option("--times", type=click.IntRange(1), help="Strike so many calls.  [default: 1]")
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="An option of the kind: delay_ms=500.")
@click.pass_obj
def add(server: tuple[str, str | None], /, kind: str, parameters: tuple[str, ...], options: tuple[str, ...],
        **given: Any) -> None:  # fmt: skip
    """Let something go wrong with calls to come. KIND: latency, reset, truncated, server_error, …"""
    rule: dict[str, Any] = {"kind": kind} | {name: value for name, value in given.items() if value is not None}
    if parameters:
        rule["parameters"] = dict(map(_pair, parameters))
    for name, value in map(_pair, options):
        rule[name] = int(value) if name in NUMBERS and value.isdecimal() else value
    _show([call(*server, "POST", "faults", rule)])


@faults.command()
@click.argument("fault_id", type=int, required=False)
@click.pass_obj
def clear(server: tuple[str, str | None], fault_id: int | None) -> None:
    """Take out the fault of a number, or all."""
    _show(call(*server, "DELETE", "faults" if fault_id is None else f"faults/{fault_id}")["faults"])


def _show(rules: list[dict[str, Any]]) -> None:
    for rule in rules:
        rest = {n: v for n, v in rule.items() if n not in ("id", "kind", "when") and v not in (None, {})}
        say(f"#{rule['id']}  {rule['kind']}  {rule['when']}  " + " ".join(f"{n}={v}" for n, v in rest.items()))
    if not rules:
        say("No faults.")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise WrongUseError(f"{text!r} is not NAME=VALUE")
    return name, value
