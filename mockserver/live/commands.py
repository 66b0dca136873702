"""The command line of live calls. Ends with 0, with 1 for findings, with 2 for what was not permitted or not there."""

import json
import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import click

from apidouble.mockserver.live.cassettes import FOLDER, MAX_AGE_DAYS, Cassette, CassetteError, folder, read
from apidouble.mockserver.live.line import Line, LineError
from apidouble.mockserver.live.permit import KEY_VARIABLES, Budget, NotPermittedError, Permit, host_of, key_of
from apidouble.mockserver.live.recording import Seen, asker, look, recorder
from apidouble.mockserver.simulator import Simulator

FINDINGS, NOT_PERMITTED = 1, 2
Command = TypeVar("Command", bound=Callable[..., Any])


class NotDoneError(click.ClickException):
    """What was asked is not done; the text says why."""

    exit_code = NOT_PERMITTED


def now() -> datetime:
    """Return the time of the wall: recordings have an age in the world outside."""
    return datetime.now(UTC)  # noqa: TID251


def open_line(
    simulator: Simulator,
    vendor: str,
    named: str | None,
    environment: Mapping[str, str],
    *,
    live: bool,
    cafile: str | None = None,
    budget: Budget | None = None,
    heard: Callable[..., None] = lambda *_: None,
) -> tuple[Line, str]:
    """Return a line to the service that was named, and its key; raise NotPermittedError where anything lacks."""
    if not live:
        raise NotPermittedError("calls to a live service need --live")
    spec = simulator.contract.vendors[vendor]
    address, key = host_of(spec, named), key_of(spec, environment)
    permit = Permit(spec, simulator.world.vendors[vendor], budget)
    line = Line(address, permit, cafile=cafile, heard=heard)
    if budget is not None:
        from apidouble.mockserver.live.prices import Prices  # noqa: PLC0415 (only when something may be spent)

        permit.estimate = Prices(asker(simulator, vendor, key, line.send, {}))
    return line, key


def _cassettes_option(command: Command) -> Command:
    return click.option(
        "--cassettes", "place", default=FOLDER, show_default=True, type=click.Path(path_type=Path),
        help="Folder of the recordings, or one of them.",
    )(command)  # fmt: skip


def _age_option(command: Command) -> Command:
    return click.option(
        "--max-age", default=MAX_AGE_DAYS, show_default=True, type=click.IntRange(1), metavar="DAYS",
        help="A recording older than this says nothing any more.",
    )(command)  # fmt: skip


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
    ids, extra = dict(_pair(text) for text in known), [_call(text) for text in calls]
    try:
        budget = Budget.read(spend)
        tape = recorder(simulator, vendor, host or "", place / f"{vendor}.yaml", now())
        line, key = open_line(simulator, vendor, host, os.environ, live=live, cafile=ca, budget=budget, heard=tape.hear)
    except (NotPermittedError, CassetteError, ValueError) as error:
        raise NotDoneError(str(error)) from error
    tape.host, tape.key, tape.known = urlsplit(line.address).netloc, key, ids
    if budget is not None:
        _ask(budget, line.address, calls)
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


def _ask(budget: Budget, address: str, calls: Sequence[str]) -> None:
    for call in calls:
        click.echo(f"  {call}")
    wanted = str(budget)
    typed = click.prompt(
        f"This may spend {wanted} at {address}. Type {wanted} to go on", default="", show_default=False
    )
    if typed.strip() != wanted:
        raise NotDoneError("nothing was sent")


def _tell(seen: Seen) -> None:
    click.echo(f"{seen.verdict:8}{seen.behaviour.name}" + (f": {seen.why}" if seen.why else ""))


@click.command()
@_cassettes_option
@_age_option
@click.option(
    "--json",
    "json_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the findings as JSON; - prints them.",
)
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page to look at.")
@click.option("--propose", is_flag=True, help="Print the patch of the specs that would settle them, and nothing else.")
def drift(*, place: Path, max_age: int, json_path: Path | None, html: Path | None, propose: bool) -> None:
    """Compare recordings with the specs and the simulator.

    Each finding names the line of the specs that it would change, and the reading that it settles. Ends with 0 if there
    is none, with 1 if there are, with 2 if nothing could be compared.

    \b
    Examples:
      apidouble drift
      apidouble drift --cassettes my/recordings --html drift.html
      apidouble drift --propose > specs.patch
    """  # noqa: D301 (click reads the backspace)
    from apidouble.mockserver.live.drift import drift as compare  # noqa: PLC0415
    from apidouble.mockserver.live.pages import drift_page  # noqa: PLC0415
    from apidouble.mockserver.live.proposal import propose as patch  # noqa: PLC0415
    from apidouble.mockserver.live.redaction import vocabulary  # noqa: PLC0415
    from apidouble.mockserver.spec.source import Source  # noqa: PLC0415
    from apidouble.specs import ROOT  # noqa: PLC0415

    simulator, at = Simulator.open(), now()
    recorded = _read(simulator, place)
    if not recorded:
        raise NotDoneError(f"{place} holds no recording: apidouble record makes one")
    found = compare(simulator.contract, simulator.stage.readings, recorded, at, max_age)
    if propose:
        words = {name: vocabulary(spec) for name, spec in simulator.contract.vendors.items()}
        click.echo("".join(patch(found.findings, Source.read(ROOT / "readings.yaml"), words)), nl=False)
    else:
        listed = {"at": at.isoformat(timespec="seconds"), "answers": found.answers, "compared": found.compared,
                  "left_out": list(found.left_out), "findings": [f.record for f in found.findings]}  # fmt: skip
        _write(json_path, json.dumps(listed, ensure_ascii=False, indent=2) + "\n")
        _write(html, drift_page(found, at))
        if str(json_path) != "-":
            for finding in found.findings:
                reading = f" [{finding.reading}]" if finding.reading else ""
                click.echo(f"{finding.severity:8}{finding.operation} {finding.format}: {finding.said}")
                click.echo(f"        {finding.line}{reading}")
            for line in found.left_out:
                click.echo(line, err=True)
            compared = f"{found.compared} of them compared with the simulator"
            click.echo(f"{len(found.findings)} findings in {found.answers} answers, {compared}.")
    if not found.cassettes:
        raise NotDoneError("every recording has expired: record anew, or give --max-age")
    sys.exit(FINDINGS if found.findings else 0)


@click.command()
@_cassettes_option
@_age_option
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
    from apidouble.mockserver.live.pages import scorecard_page  # noqa: PLC0415
    from apidouble.mockserver.live.scorecard import score  # noqa: PLC0415

    simulator, at = Simulator.open(), now()
    seen: dict[str, Sequence[Seen]] = {}
    at_hosts: dict[str, str] = {}
    ids = dict(_pair(text) for text in known)
    for host in hosts if live else ():
        vendor, line, key = _line_of_host(simulator, host, ca, seen)
        seen[vendor] = look(asker(simulator, vendor, key, line.send, ids))
        at_hosts[vendor] = urlsplit(line.address).netloc
        line.close()
    recorded = _read(simulator, place) if place.exists() else []
    card = score(simulator, recorded, seen, at_hosts, at, max_age)
    _write(html, scorecard_page(card))
    _write(json_path, json.dumps(card.record, ensure_ascii=False, indent=2) + "\n")
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
    from apidouble.mockserver.live.proxy import Proxy, serve  # noqa: PLC0415

    named = hosts if target == "live" else (target,)
    if not named:
        raise NotDoneError("no host is named: --to live --host qcomment.ru")
    if target != "live" and hosts:
        raise NotDoneError("--host goes with --to live")
    try:
        budget = Budget.read(spend)
        forwarder = Proxy(Simulator.open(), named, cafile=ca, budget=budget, place=place, at=now())
        if budget is not None:
            _ask(budget, " and ".join(named), ())
        serve(forwarder, port, print_url=print_url)
    except (NotPermittedError, CassetteError, ValueError, OSError) as error:
        raise NotDoneError(str(error)) from error


def _read(simulator: Simulator, place: Path) -> list[Cassette]:
    try:
        return [read(path, simulator.contract.vendors, simulator.world.vendors) for path in folder(place)]
    except CassetteError as error:
        raise NotDoneError(str(error)) from error


def _write(path: Path | None, text: str) -> None:
    if path is None:
        return
    if str(path) == "-":
        click.echo(text, nl=False)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise NotDoneError(f"{path}: {error.strerror}") from error


def _call(text: str) -> tuple[str, dict[str, str]]:
    operation, *parameters = text.split()
    return operation, dict(_pair(parameter) for parameter in parameters)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        _wrong(f"{text!r} is not NAME=VALUE")
    return name, value


def _wrong(said: str) -> NoReturn:
    raise NotDoneError(said)
