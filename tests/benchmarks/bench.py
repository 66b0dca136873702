"""How fast apidouble answers, beside what else could: `make bench`, and `make bench PEERS=1` for other mock servers.

All contenders run at once and are loaded by turns, round by round, so that what else the machine does hits all alike;
each figure is the median of the rounds. Ratios can be compared between machines, figures cannot.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks import contenders, inprocess, load
from tests.benchmarks.contenders import FLASK, FORGETFUL, GRANIAN, WSGI
from tests.benchmarks.operations import Call, calls
from tests.benchmarks.processes import Running, running

ROOT = Path(__file__).parents[2]
PACKAGES = ("apidouble", "httptools", "granian", "flask", "marshmallow", "orjson", "requests", "responses")
STARTS = 3
APIDOUBLE = "apidouble"
LIMITS = (
    ("requests_ratio", "a call of requests in process, in the time of one through responses", 0.6, "×"),
    ("adapter_ratio", "the same with an adapter that does nothing", None, "×"),
    ("gateway_us", "a call of the simulator itself, mean of the three", None, "µs"),
    ("fresh_world_ms", "fresh isolated world", 1, "ms"),
    ("plugin_unused_ms", "pytest plugin, unused", 20, "ms"),
    ("import_ms", "import apidouble.mockserver", 200, "ms"),
    ("growth_mb", "memory grown from 100,000 calls to 1,000,000", 5, "MB"),
)


@dataclass(slots=True)
class Result:
    """The medians of one contender: calls a second and latencies by operation, memory after the load, start."""

    version: str = ""
    missing: str = ""
    per_second: dict[str, float] = field(default_factory=dict)
    p50_ms: dict[str, float] = field(default_factory=dict)
    p99_ms: dict[str, float] = field(default_factory=dict)
    errors: int = 0
    memory_mb: float = 0
    start_s: float = 0


@dataclass(frozen=True, slots=True)
class Goal:
    """One row of goals: what was measured, beside what, and whether that is enough; None where it was not measured."""

    what: str
    goal: str
    measured: str
    met: bool | None


def main() -> None:
    """Measure, print tables, write a JSON file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", action="store_true", help="install other mock servers and measure them too")
    parser.add_argument("--rounds", type=int, default=5, help="bursts for each operation and contender")
    parser.add_argument("--seconds", type=float, default=2, help="how long a burst lasts")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--only", choices=("http", "inprocess"), help="half of it")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "bench.json", help="where the figures go")
    arguments = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120)
    with tempfile.TemporaryDirectory() as folder:
        results = {} if arguments.only == "inprocess" else _http(arguments, Path(folder), console)
        rows = {} if arguments.only == "http" else _rows(Path(folder), console)
    found = list(goals(results, rows))
    machine = _machine(arguments)
    if results:
        console.print(_http_table(results))
    console.print(_goals_table(found))
    console.print(f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}; Python {machine['python']}; load: "
                  f"{machine['load']}, {arguments.connections} connections")  # fmt: skip
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "machine": machine,
        "http": {name: asdict(result) for name, result in results.items()},
        "in_process": rows,
        "goals": [asdict(goal) for goal in found],
    }
    arguments.json.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    console.print(f"written to {arguments.json}")


def goals(results: dict[str, Result], rows: dict[str, float | str]) -> Iterator[Goal]:
    """Yield what was aimed at beside what was measured."""
    if results:
        yield from _http_goals(results)
    for name, what, limit, unit in LIMITS:
        value, aim = rows.get(name), f"< {limit} {unit}" if limit else ""
        if isinstance(value, float):
            yield Goal(what, aim, f"{value:.3g} {unit}", None if limit is None else value < limit)
        elif value is not None:
            yield Goal(what, aim, value, None)


def _http_goals(results: dict[str, Result]) -> Iterator[Goal]:
    mine = results[APIDOUBLE]
    ours = (APIDOUBLE, FORGETFUL, FLASK, WSGI)
    others = {n: r for n, r in results.items() if n not in ours and not n.endswith(GRANIAN) and r.per_second}
    for operation, per_second in mine.per_second.items():
        if others:
            name, best = max(others.items(), key=lambda found: found[1].per_second[operation])
            ratio = per_second / best.per_second[operation]
            yield Goal(f"{operation}, against the fastest peer ({name})", "3 ×", f"{ratio:.2f} ×", ratio >= 3)
        for name, factor in ((FLASK, 4), (WSGI, 0.6)):
            ratio = per_second / results[name].per_second[operation]
            yield Goal(f"{operation}, against the {name}", f"{factor} ×", f"{ratio:.2f} ×", ratio >= factor)
    p99 = max(mine.p99_ms.values())
    yield Goal("99th percentile", "< 4 ms", f"{p99:.1f} ms", p99 < 4)
    yield Goal("memory of the process tree (PSS)", "< 90 MB", f"{mine.memory_mb:.0f} MB", mine.memory_mb < 90)
    yield Goal("start to first answer", "< 0.3 s", f"{mine.start_s:.2f} s", mine.start_s < 0.3)


def _http(arguments: argparse.Namespace, folder: Path, console: Console) -> dict[str, Result]:
    served = calls()
    everyone = list(contenders.own(served, folder))
    if arguments.peers:
        console.print("installing the peers")
        everyone += contenders.peers(served, folder)
    results = {c.name: Result(version=c.version, missing=c.missing) for c in everyone}
    there = [c for c in everyone if not c.missing]
    starts: dict[str, list[float]] = {c.name: [] for c in there}
    for _ in range(STARTS):
        for contender in there:
            try:
                with running(contender, served[0]) as server:
                    starts[contender.name].append(server.start_s)
            except RuntimeError as error:
                results[contender.name].missing = str(error)
    there = [c for c in there if not results[c.name].missing]
    with ExitStack() as stack:
        servers = {c.name: stack.enter_context(running(c, served[0])) for c in there}
        _bursts(arguments, served, servers, results, console)
        for name, server in servers.items():
            results[name].memory_mb = server.memory_mb()
            results[name].start_s = statistics.median(starts[name])
    return results


def _bursts(
    arguments: argparse.Namespace,
    served: tuple[Call, ...],
    servers: dict[str, Running],
    results: dict[str, Result],
    console: Console,
) -> None:
    found: dict[tuple[str, str], list[load.Load]] = {}
    for number in range(-1, arguments.rounds):  # the first one warms up, and does not count
        console.print(f"round {number + 1} of {arguments.rounds}" if number >= 0 else "warming up")
        for call in served:
            for name, server in servers.items():
                burst = load.burst(server.port, call, arguments.connections, arguments.seconds if number >= 0 else 1)
                if number >= 0:
                    found.setdefault((name, call.name), []).append(burst)
    for (name, operation), bursts in found.items():
        result = results[name]
        result.per_second[operation] = statistics.median(b.per_second for b in bursts)
        result.p50_ms[operation] = statistics.median(b.p50_ms for b in bursts)
        result.p99_ms[operation] = statistics.median(b.p99_ms for b in bursts)
        result.errors += sum(b.errors for b in bursts)


def _rows(folder: Path, console: Console) -> dict[str, float | str]:
    """Return each row's figure, or what kept it from being measured."""
    rows: dict[str, float | str] = {}
    for name in inprocess.ROWS:
        console.print(f"in process: {name}")
        command = [sys.executable, "-m", "tests.benchmarks.inprocess", name, str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        rows[name] = float(done.stdout) if done.returncode == 0 else done.stderr.strip().splitlines()[-1]
    return rows


def _http_table(results: dict[str, Result]) -> Table:
    table = Table(title="calls a second and 99th percentile, medians")
    for title in ("", "balance", "project", "stats", "p99 ms", "× Flask", "memory MB", "start s", "errors"):
        table.add_column(title, justify="left" if not title else "right")
    for name, result in results.items():
        if result.missing:
            table.add_row(name, result.missing)
            continue
        ratios = [result.per_second[o] / results[FLASK].per_second[o] for o in result.per_second]
        table.add_row(
            f"{name} {result.version}".strip(),
            *(f"{value:,.0f}" for value in result.per_second.values()),
            f"{max(result.p99_ms.values()):.1f}",
            f"{statistics.geometric_mean(ratios):.2f}",
            f"{result.memory_mb:.0f}",
            f"{result.start_s:.2f}",
            str(result.errors),
        )
    return table


def _goals_table(found: list[Goal]) -> Table:
    table = Table("", "goal", "measured", "met", title="goals")
    for goal in found:
        table.add_row(goal.what, goal.goal, goal.measured, {True: "yes", False: "no", None: "-"}[goal.met])
    return table


def _machine(arguments: argparse.Namespace) -> dict[str, Any]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        cpu = platform.processor() or platform.machine()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251 (of the run, not of a world)
        "cpu": cpu,
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "load": load.generator(),
        "load_average": os.getloadavg(),
        "rounds": arguments.rounds,
        "seconds": arguments.seconds,
        "connections": arguments.connections,
    }


if __name__ == "__main__":
    main()
