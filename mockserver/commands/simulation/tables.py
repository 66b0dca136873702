"""Turn a running simulation into a progress bar, and a finished one into tables in a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from apidouble.mockserver.commands.simulation import deliveries
from apidouble.mockserver.commands.simulation.run import Run
from apidouble.mockserver.domain.money import PURSES, RUB, USD, major


@contextmanager
def following(days: int) -> Iterator[Callable[[float, int], None]]:
    """Show, on standard error, how far a simulation is, how fast it goes and how long it will take."""
    columns = (
        TextColumn("day {task.fields[day]} of {task.fields[days]}"),
        BarColumn(),
        TextColumn("{task.fields[events]:,} events"),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=1.0, day=0, days=days, events=0, rate=0.0)

        def follow(part: float, events: int) -> None:
            elapsed = progress.tasks[0].elapsed or 0
            rate = events / elapsed if elapsed else 0.0
            progress.update(task, completed=part, day=int(part * days), events=events, rate=rate)

        yield follow


def show(run: Run) -> None:
    """Print the tables of what came of it on standard output."""
    console = Console()
    last = run.samples[-1]
    works = Table(title="Works", title_justify="left")
    for name, justify in (("status", "left"), ("works", "right"), ("per cent", "right")):
        works.add_column(name, justify=justify)  # type: ignore[arg-type]
    total = sum(last.statuses.values())
    for status, state in run.world.rules["qcomment"].machines["comment"].states.items():
        count = last.statuses.get(status, 0)
        works.add_row(state.name.replace("_", " "), f"{count:,}", f"{100 * count / max(total, 1):.1f}")
    works.add_row("being written", f"{last.writing:,}", "")
    money = Table(title="Money of QComment", title_justify="left")
    money.add_column("currency")
    for purse in PURSES:
        money.add_column(purse, justify="right")
    for currency in (RUB, USD):
        money.add_row(currency, *(f"{major(last.money[currency][purse]):,}" for purse in PURSES))
    console.print(works)
    if run.deliveries:
        console.print(_deliveries(run))
    console.print(money)
    console.print(
        f"{run.events:,} events in {run.seconds:.1f} s, {run.events / max(run.seconds, 1e-9):,.0f} a second; "
        f"seed {run.world.seed}, scenario {run.scenario.name}",
        highlight=False,
    )


def _deliveries(run: Run) -> Table:
    """Return the submissions by status, of those that there are."""
    table = Table(title="Submissions", title_justify="left")
    for name, justify in (("status", "left"), ("submissions", "right"), ("per cent", "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    counts = deliveries.statuses(run.world)
    for status, state in run.world.rules[deliveries.VENDOR].machines["submission"].states.items():
        if counts.get(status):
            table.add_row(
                f"{status} {state.name}", f"{counts[status]:,}", f"{100 * counts[status] / sum(counts.values()):.1f}"
            )
    worth = run.deliveries[-1].worth
    table.caption = ", ".join(f"{major(amount):,} USD {name}" for name, amount in worth.items())
    table.caption_justify = "left"
    return table
