"""`apidouble simulate`: a scenario and some days into a report."""

from pathlib import Path

import click


@click.command(short_help="Let a marketplace live for some days, and report.")
@click.option("--scenario", default="realistic", show_default=True, help="A name in specs/scenarios, or a path.")
@click.option(
    "--days", default=30, show_default=True, type=click.IntRange(1, 3650), help="How much virtual time passes."
)
@click.option(
    "--projects", default=100, show_default=True, type=click.IntRange(1, 10_000), help="How many are created."
)
@click.option("--works", default=200, show_default=True, type=click.IntRange(1, 100_000), help="Works bought for each.")
@click.option(
    "--submissions", default=200, show_default=True, type=click.IntRange(0, 10_000),
    help="How many are ordered of QQTube, if the scenario has deliveries.",
)  # fmt: skip
@click.option("--seed", type=int, help="Another seed, another life.  [default: the scenario's, or its world's]")
@click.option(
    "--report", type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write one self-contained HTML page with charts.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the works: CSV if so named, else JSON Lines.",
)  # fmt: skip
@click.option(
    "--submissions-out", type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the submissions likewise.",
)  # fmt: skip
def simulate(
    *,
    scenario: str,
    days: int,
    projects: int,
    works: int,
    submissions: int,
    seed: int | None,
    report: Path | None,
    out: Path | None,
    submissions_out: Path | None,
) -> None:
    """Let a marketplace and its deliveries live for some days, in seconds, and tell what came of it.

    \b
    Examples:
      apidouble simulate --days 7 --projects 20
      apidouble simulate --scenario hostile --report out.html --out works.csv
    """  # noqa: D301 (click reads the backspace)
    from dataclasses import replace

    from apidouble.mockserver.commands.simulation import deliveries
    from apidouble.mockserver.commands.simulation import run as life
    from apidouble.mockserver.commands.simulation.report import page
    from apidouble.mockserver.commands.simulation.tables import following, show
    from apidouble.mockserver.spec.source import SpecError
    from apidouble.mockserver.stage.scenarios import Scenario

    try:
        chosen = Scenario.read(scenario)
        if seed is not None:
            chosen = replace(chosen, seed=seed)
        with following(days) as progress:
            run = life.simulate(
                chosen, days=days, projects=projects, works=works, progress=progress, submissions=submissions
            )
    except SpecError as error:
        raise click.ClickException(str(error)) from error
    show(run)
    try:
        if report is not None:
            report.write_text(page(run), "utf-8")
        if out is not None:
            life.write(life.rows(run), out)
        if submissions_out is not None:
            life.write(deliveries.rows(run.world), submissions_out)
    except OSError as error:
        raise click.ClickException(str(error)) from error
