"""Tell whether the simulator does as the services do."""

import json
import os
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import click

from apidouble.mockserver.commands import calling
from apidouble.mockserver.commands.calling import (
    FINDINGS,
    NotDoneError,
    age_option,
    cassettes_option,
    name_and_value,
    read_cassettes,
    write_output,
)
from apidouble.mockserver.live.asking.line import Line
from apidouble.mockserver.live.permit import KEY_VARIABLES, NotPermittedError
from apidouble.mockserver.live.recording.opening import open_line
from apidouble.mockserver.live.recording.recording import Seen, asker, look
from apidouble.mockserver.live.reporting.pages import scorecard_page
from apidouble.mockserver.live.reporting.scorecard import score
from apidouble.mockserver.stage.simulator import Simulator


@click.command()
@cassettes_option
@age_option
@click.option(
    "--live",
    is_flag=True,
    help="Ask the live services too; needs --host, and the keys in the environment.",
)
@click.option(
    "--known", multiple=True, metavar="NAME=VALUE", help="An id no call tells: id_service_submission, team_id."
)
@click.option("--host", "hosts", multiple=True, help="Name a live service to ask; may be given twice.")
@click.option(
    "--ca", type=click.Path(exists=True, dir_okay=False), help="Certificate of an authority to trust as well."
)
@click.option(
    "--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write it as JSON; - prints it."
)
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page to look at.")
def scorecard(
    *,
    place: Path,
    max_age: int,
    live: bool,
    hosts: tuple[str, ...],
    known: tuple[str, ...],
    ca: str | None,
    json_path: Path | None,
    html: Path | None,
) -> None:
    """Tell, behaviour by behaviour, whether the simulator does as the services do: agree, differ or unknown.

    The same assertions are put to the documents' examples, the simulator, the recordings and, if asked, the live
    services. Ends with 1 if something differs.

    \b
    Examples:
      apidouble scorecard --html scorecard.html
      apidouble scorecard --live --host qcomment.ru
    """  # noqa: D301 (click reads the backspace)
    simulator, at = Simulator.open(), calling.now()
    seen: dict[str, Sequence[Seen]] = {}
    at_hosts: dict[str, str] = {}
    ids = dict(name_and_value(text) for text in known)
    for host in hosts if live else ():
        vendor, line, key = _line_of_host(simulator, host, ca, seen)
        seen[vendor] = look(asker(simulator, vendor, key, line.send, ids))
        at_hosts[vendor] = urlsplit(line.address).netloc
        line.close()
    recorded = read_cassettes(simulator, place) if place.exists() else []
    card = score(simulator, recorded, seen, at_hosts, at, max_age)
    write_output(html, scorecard_page(card))
    write_output(json_path, json.dumps(card.record, ensure_ascii=False, indent=2) + "\n")
    if str(json_path) != "-":
        for row in card.rows:
            cells = "".join(
                f"{row.cells[source].verdict:10}" for source in ("documents", "simulator", "cassette", "live")
            )
            click.echo(f"{row.fidelity:10}{row.behaviour.name:36}{cells}".rstrip())
        for note in card.notes:
            click.echo(note)
        click.echo(", ".join(f"{count} {verdict}" for verdict, count in card.counts.items()))
    differs = any(cell.verdict == "differ" for row in card.rows for cell in row.cells.values())
    sys.exit(FINDINGS if differs else 0)


def _line_of_host(simulator: Simulator, host: str, cafile: str | None, done: Collection[str]) -> tuple[str, Line, str]:
    """Return the vendor, not done yet, whose service was named and whose key there is, with a line and the key."""
    reasons = []
    for vendor, variable in KEY_VARIABLES.items():
        if vendor in done:
            continue
        if not os.environ.get(variable):
            reasons.append(f"{variable} is not set in the environment")
            continue
        try:
            return vendor, *open_line(simulator, vendor, host, os.environ, live=True, cafile=cafile)
        except NotPermittedError as error:
            reasons.append(str(error))
    raise NotDoneError("; ".join(reasons))
