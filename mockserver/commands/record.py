"""Record what a live service answers to calls that only read."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from apidouble.mockserver.commands import calling
from apidouble.mockserver.commands.calling import NotDoneError, confirm, name_and_value
from apidouble.mockserver.live.asking.line import LineError
from apidouble.mockserver.live.permit import Budget, NotPermittedError
from apidouble.mockserver.live.recording.cassettes import FOLDER, CassetteError
from apidouble.mockserver.live.recording.opening import open_line
from apidouble.mockserver.live.recording.recording import Seen, asker, look, recorder
from apidouble.mockserver.stage.simulator import Simulator


@click.command()
@click.argument("vendor", type=click.Choice(["qcomment", "qqtube"]))
@click.option("--live", is_flag=True, help="Yes, call the live service. Nothing is sent without it.")
@click.option("--host", help="Name the service: qcomment.ru, www.qqtube.com, or an address on loopback.")
@click.option(
    "--ca", type=click.Path(exists=True, dir_okay=False), help="Certificate of an authority to trust as well."
)
@click.option(
    "--cassettes", "place", default=FOLDER, show_default=True, type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write VENDOR.yaml to.",
)  # fmt: skip
@click.option(
    "--known", multiple=True, metavar="NAME=VALUE", help="An id no call tells: id_service_submission, team_id."
)
@click.option("--projects", default=3, show_default=True, type=click.IntRange(1, 50), help="How many to look into.")
@click.option(
    "--call", "calls", multiple=True, metavar="'OPERATION NAME=VALUE…'", help="Record this call too, afterwards."
)
@click.option("--spend", multiple=True, metavar="RUB=20", help="Let --call spend so much in all; asks first.")
def record(
    *,
    vendor: str,
    live: bool,
    host: str | None,
    ca: str | None,
    place: Path,
    known: tuple[str, ...],
    projects: int,
    calls: tuple[str, ...],
    spend: tuple[str, ...],
) -> None:
    """Record what a live service answers to calls that only read.

    The key is taken from QCOMMENT_APICODE or QQTUBE_API_KEY. Keys, logins, texts, addresses and ids are replaced by
    pseudonyms before anything is written.

    \b
    Examples:
      apidouble record qcomment --live --host qcomment.ru
      apidouble record qqtube --live --host www.qqtube.com --known id_service_submission=123456
    """  # noqa: D301 (click reads the backspace)
    simulator = Simulator.open()
    ids, extra = dict(name_and_value(text) for text in known), [_call(text) for text in calls]
    try:
        budget = Budget.read(spend)
        tape = recorder(simulator, vendor, host or "", place / f"{vendor}.yaml", calling.now())
        line, key = open_line(simulator, vendor, host, os.environ, live=live, cafile=ca, budget=budget, heard=tape.hear)
    except (NotPermittedError, CassetteError, ValueError) as error:
        raise NotDoneError(str(error)) from error
    tape.host, tape.key, tape.known = urlsplit(line.address).netloc, key, ids
    if budget is not None:
        confirm(budget, line.address, calls)
    ask = asker(simulator, vendor, key, line.send, ids, projects)
    try:
        seen = look(ask, _tell)
        for operation, parameters in extra:
            answer = ask(operation, **parameters)
            click.echo(f"{'sent':8}{operation}: {answer.kind or 'no known kind'}")
    except (NotPermittedError, LineError, KeyError) as error:
        _save(tape)
        raise NotDoneError(str(error)) from error
    finally:
        line.close()
    _save(tape)
    if line.stopped:
        raise NotDoneError(line.stopped)
    if any(s.verdict == "differ" for s in seen):
        click.echo("Some of it is not as the specs say: apidouble drift tells more.")


def _save(tape: Any) -> None:
    try:
        count = tape.save()
    except CassetteError as error:
        raise NotDoneError(str(error)) from error
    click.echo(f"{count} answers in {tape.path}" if count else "Nothing was answered, so nothing was written.")


def _tell(seen: Seen) -> None:
    click.echo(f"{seen.verdict:8}{seen.behaviour.name}" + (f": {seen.why}" if seen.why else ""))


def _call(text: str) -> tuple[str, dict[str, str]]:
    operation, *parameters = text.split()
    return operation, dict(name_and_value(parameter) for parameter in parameters)
