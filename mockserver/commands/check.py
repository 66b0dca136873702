"""`apidouble check`: the specs into what does not hold together in them."""

import sys
from pathlib import Path

import click


@click.command()
@click.argument("root", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def check(root: Path | None) -> None:
    """Prove that the specs of both APIs hold together.

    Each problem is named with file and line. ROOT is the folder of specs, the installed one unless given.
    """
    from apidouble.mockserver.spec.check import check as problems_of
    from apidouble.mockserver.stage.stage import VENDORS
    from apidouble.specs import ROOT

    problems = problems_of(root or ROOT, {vendor.name: vendor for vendor in VENDORS})
    for problem in problems:
        click.echo(problem)
    if problems:
        sys.exit(1)
    click.echo("The specs hold together.")
