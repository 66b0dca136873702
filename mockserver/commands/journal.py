"""`apidouble journal`: the calls that a running server has seen into lines, and those to come as they come."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import click

from apidouble.mockserver.commands.asking import call, server_options

EVERY_S = 0.5
AT_ONCE = 1000


@click.command()
@server_options
@click.option(
    "--last", default=20, show_default=True, type=click.IntRange(0, AT_ONCE), help="How many calls to begin with."
)
@click.option("--follow", is_flag=True, help="Go on with the calls to come, until Ctrl-C.")
def journal(url: str, token: str | None, last: int, *, follow: bool) -> None:
    """Show the calls that a running server has seen, without their keys.

    \b
    Examples:
      apidouble journal --last 5
      apidouble journal --follow --url http://127.0.0.1:9000
    """  # noqa: D301 (click reads the backspace)
    import time

    with suppress(KeyboardInterrupt):
        known = _asked(url, token, f"journal?limit={max(last, 1)}")
        for line in _lines(known[len(known) - last :] if last < len(known) else known):
            click.echo(line)
        since = known[-1]["sequence"] if known else 0
        while follow:
            since, lines = _news(url, token, since)
            for line in lines:
                click.echo(line)
            time.sleep(EVERY_S)


def _news(url: str, token: str | None, since: int) -> tuple[int, list[str]]:
    """Return the number of the last call and the lines of those after a number; a world that began anew is told."""
    lines: list[str] = []
    while found := _asked(url, token, f"journal?limit={AT_ONCE}&since={since}"):
        if found[0]["sequence"] > since + 1:
            lines.append(f"    {found[0]['sequence'] - since - 1} calls are no longer in the journal")
        lines += _lines(found)
        since = found[-1]["sequence"]
    newest = _asked(url, token, "journal?limit=1")
    if (newest[-1]["sequence"] if newest else 0) < since:
        return 0, [*lines, "    the world began anew"]
    return since, lines


def _asked(url: str, token: str | None, path: str) -> list[Mapping[str, Any]]:
    return list(call(url, token, "GET", path)["entries"])


def _lines(entries: list[Mapping[str, Any]]) -> Iterator[str]:
    from apidouble.mockserver.story.transcript import write_happening, write_line

    for entry in entries:
        name, told = entry["operation"] or entry["path"], entry["parameters"]
        if entry["vendor"] == "control":
            line = write_happening(name, entry["path"], told)
        else:
            line = write_line(entry["method"], name, told, entry["answer"])
        yield f"#{entry['sequence']} {entry['at']} {line}"
        if entry["fault"] is not None:
            fault = entry["fault"]
            yield f"    fault: {fault['kind']} {fault['when']} the commit, by {fault['by']}"
        yield from (f"    remark: {note}" for note in entry["diagnostics"])
