"""Forward a client's calls to a service and check both directions."""

from pathlib import Path

import click

from apidouble.mockserver.commands import calling
from apidouble.mockserver.commands.calling import NotDoneError, confirm
from apidouble.mockserver.live.permit import Budget, NotPermittedError
from apidouble.mockserver.live.proxy import Proxy, serve
from apidouble.mockserver.live.recording.cassettes import CassetteError
from apidouble.mockserver.stage.simulator import Simulator


@click.command()
@click.option("--to", "target", required=True, help="'live', with --host; or the address of a service on loopback.")
@click.option("--host", "hosts", multiple=True, help="Name the live service to forward to; may be given twice.")
@click.option("--port", default=8090, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free port.")
@click.option(
    "--ca", type=click.Path(exists=True, dir_okay=False), help="Certificate of an authority to trust as well."
)
@click.option(
    "--record", "place", type=click.Path(path_type=Path, file_okay=False), help="Record what passes into this folder."
)
@click.option("--spend", multiple=True, metavar="RUB=20", help="Let calls that spend pass, up to this; asks first.")
@click.option("--print-url", is_flag=True, help="Print the proxy's URL, and nothing else, on standard output.")
def proxy(
    *,
    target: str,
    hosts: tuple[str, ...],
    port: int,
    ca: str | None,
    place: Path | None,
    spend: tuple[str, ...],
    print_url: bool,
) -> None:
    """Forward your own client's calls, and check both directions against the specs.

    Listens on loopback alone. Only calls that read pass, unless --spend gives a budget; the keys are your client's own.
    What is wrong with a call or an answer is told on standard error, and counted in the header X-Apidouble-Findings.

    \b
    Examples:
      apidouble proxy --to live --host qcomment.ru
      apidouble proxy --to http://127.0.0.1:8080 --record recordings
    """  # noqa: D301 (click reads the backspace)
    named = hosts if target == "live" else (target,)
    if not named:
        raise NotDoneError("no host is named: --to live --host qcomment.ru")
    if target != "live" and hosts:
        raise NotDoneError("--host goes with --to live")
    try:
        budget = Budget.read(spend)
        forwarder = Proxy(Simulator.open(), named, cafile=ca, budget=budget, place=place, at=calling.now())
        if budget is not None:
            confirm(budget, " and ".join(named), ())
        serve(forwarder, port, print_url=print_url)
    except (NotPermittedError, CassetteError, ValueError, OSError) as error:
        raise NotDoneError(str(error)) from error
