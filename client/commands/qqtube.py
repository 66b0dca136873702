"""The group `qqtube`: a command for each action, and one that waits."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from apidouble.client.commands import access
from apidouble.client.commands.call import Call, access_options, argument, option
from apidouble.client.qqtube import QQTube


def _params(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str] | None:
    """Read the service's own parameters, each NAME=VALUE."""
    pairs = [one.partition("=") for one in given]
    if any(not equals for _, equals, _ in pairs):
        raise click.BadParameter("write NAME=VALUE")
    return {name: value for name, _, value in pairs} or None


def _orders(sent: Mapping[str, Any]) -> str:
    return f"Order {sent['quantity']} of service {sent['id_service']} for {sent['url']}"


COMMANDS = [
    Call(
        QQTube.add,
        *(argument("url", str), argument("quantity"), argument("id_service"), option("share_type", int)),
        option("geo_countries"),
        click.Option(["--param", "params"], multiple=True, callback=_params, help="NAME=VALUE, the service's own."),
        asks=_orders,
    ),
    Call(QQTube.stats, argument("id_service_submission")),
    Call(QQTube.funds),
    Call(QQTube.services),
    Call(QQTube.wait_for_submission, argument("id_service_submission")),
]


def _open(*, config: Path | None, base_url: str | None, key: str | None, live: bool) -> None:
    def make() -> QQTube:
        found = access.find("qqtube", config, key, {"base_url": base_url}, live=live)
        return QQTube(found.key, **found.settings)  # type: ignore[arg-type]  # base_url is all there is

    click.get_current_context().obj = make


qqtube = click.Group(
    "qqtube",
    {str(command.name): command for command in COMMANDS},
    params=access_options("api_key", "QQTUBE_API_KEY"),
    callback=_open,
    short_help="Call QQTube, a double or, with --live, the live service.",
    help="Call QQTube: one command for each action, with the parameters of the document. It calls a double on "
    "this machine, unless --live, --base-url or a configured address says otherwise.",
)
