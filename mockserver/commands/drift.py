"""Compare recordings with the specs and the simulator."""

import json
import sys
from pathlib import Path

import click

from apidouble.mockserver.commands import calling
from apidouble.mockserver.commands.calling import (
    FINDINGS,
    NotDoneError,
    age_option,
    cassettes_option,
    read_cassettes,
    write_output,
)
from apidouble.mockserver.live.recording.redaction import vocabulary
from apidouble.mockserver.live.reporting.drift import drift as compare
from apidouble.mockserver.live.reporting.pages import drift_page
from apidouble.mockserver.live.reporting.proposal import propose as patch
from apidouble.mockserver.spec.source import Source
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.specs import ROOT


@click.command()
@cassettes_option
@age_option
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
    simulator, at = Simulator.open(), calling.now()
    recorded = read_cassettes(simulator, place)
    if not recorded:
        raise NotDoneError(f"{place} holds no recording: apidouble record makes one")
    found = compare(simulator.contract, simulator.stage.readings, recorded, at, max_age)
    if propose:
        words = {name: vocabulary(spec) for name, spec in simulator.contract.vendors.items()}
        click.echo("".join(patch(found.findings, Source.read(ROOT / "readings.yaml"), words)), nl=False)
    else:
        listed = {"at": at.isoformat(timespec="seconds"), "answers": found.answers, "compared": found.compared,
                  "left_out": list(found.left_out), "findings": [f.record for f in found.findings]}  # fmt: skip
        write_output(json_path, json.dumps(listed, ensure_ascii=False, indent=2) + "\n")
        write_output(html, drift_page(found, at))
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
