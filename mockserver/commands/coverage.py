"""`apidouble coverage`: a server, or files, into what has been reached of both APIs."""

import sys
from pathlib import Path

import click


@click.command(short_help="Tell what has been reached of both APIs.")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--url", default="http://127.0.0.1:8080", show_default=True, help="Server to ask, where no FILES are given."
)
@click.option("--token", envvar="APIDOUBLE_TOKEN", show_envvar=True, help="Bearer token of that server.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page to look at.")
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write a file to merge.")
@click.option("--only", default="", metavar="WHAT,…", help="Dimensions, vendors, or both: codes,qqtube.transitions.")
@click.option("--fail-under", type=click.FloatRange(0, 100), help="End with 1 where a dimension has less per cent.")
def coverage(
    files: tuple[Path, ...],
    url: str,
    token: str | None,
    html: Path | None,
    json_path: Path | None,
    only: str,
    fail_under: float | None,
) -> None:
    """Tell what has been reached of both APIs: naturally, by force, or never.

    Asks a running server, or merges FILES that --json or pytest's --apidouble-coverage-json wrote.

    \b
    Examples:
      apidouble coverage --only codes,transitions
      apidouble coverage --html coverage.html
      apidouble coverage first.json second.json --only qcomment.codes --fail-under 100
    """  # noqa: D301 (click reads the backspace)
    from apidouble.mockserver.story.coverage.model import merge, read_selection
    from apidouble.mockserver.story.coverage.source import fetch, read_file, write_files
    from apidouble.mockserver.story.coverage.table import write_never, write_table, write_verdict

    try:
        selection = read_selection(only)
        found = merge(map(read_file, files)) if files else fetch(url, token)
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error
    found = found.only(selection)
    for line in (*write_table(found), *write_never(found)):
        click.echo(line)
    write_files(found, html, json_path)
    verdict = [] if fail_under is None else list(write_verdict(found, fail_under))
    for line in verdict:
        click.echo(line, err=True)
    if verdict:
        sys.exit(1)
