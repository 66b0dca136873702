"""Turn the command line into a running server or a report; what a command needs is imported when it runs."""

import sys
from pathlib import Path

import click

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
TLS_DIR = Path(click.get_app_dir("apidouble"), "tls")


class _Commands(click.Group):
    """The simulator's commands, the client's, and those of live calls; imported when they are asked for."""

    client = ("qcomment", "qqtube")
    live = ("drift", "proxy", "record", "scorecard")

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted((*super().list_commands(ctx), *self.client, *self.live))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self.live:
            from apidouble.mockserver.live import commands

            command: click.Command = getattr(commands, cmd_name)
            return command
        if cmd_name in self.client:
            from apidouble.client.cli import groups

            return next(group for group in groups() if group.name == cmd_name)
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Commands, context_settings=CONTEXT)
@click.version_option(package_name="apidouble", prog_name="apidouble", message="%(prog)s %(version)s")
def main() -> None:
    """A test double of two HTTP APIs, QComment 1.5 and QQTube v1, with virtual time.

    `apidouble serve` starts it; point your client at the address it prints.
    """


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free port.")
@click.option("--tls", is_flag=True, help="Speak https, as the live services' hosts: docs/any-language.md.")
@click.option(
    "--tls-dir", type=click.Path(file_okay=False, path_type=Path, resolve_path=True),
    help=f"Where the authority that signs for them is kept, made on first use.  [default: {TLS_DIR}]",
)  # fmt: skip
@click.option(
    "--tls-name", "tls_names", multiple=True, metavar="HOST",
    help="Another host for the certificate; may be given repeatedly.",
)  # fmt: skip
@click.option("--world", help="World to start in, a name in specs/worlds or a path.  [default: the scenario's]")
@click.option(
    "--scenario", default="documented", show_default=True,
    help="How the world lives by itself: a name in specs/scenarios, or a path.",
)  # fmt: skip
@click.option(
    "--reading", "readings", multiple=True, metavar="NAME=VALUE",
    help="Read an unclear point of the documents otherwise, one of specs/readings.yaml; may be given repeatedly.",
)  # fmt: skip
@click.option(
    "--clock", type=click.Choice(["frozen", "running", "polling"]), default="frozen", show_default=True,
    help="Whether virtual time moves only when told to, follows the wall clock, or steps at each call of a vendor.",
)  # fmt: skip
@click.option(
    "--rate", type=click.FloatRange(0, 1_000_000, min_open=True), default=1.0, show_default=True,
    help="Virtual seconds that pass in a real one, with --clock running.",
)  # fmt: skip
@click.option(
    "--step", default="1m", show_default=True, metavar="DURATION",
    help="Virtual time that passes before each call, with --clock polling: 90s, 1h, P1D.",
)  # fmt: skip
@click.option(
    "--token", envvar="APIDOUBLE_TOKEN", show_envvar=True,
    help="Bearer token that the control plane asks for; needed to listen beyond this machine.",
)  # fmt: skip
@click.option(
    "--journal", default=10_000, show_default=True, type=click.IntRange(1),
    help="How many calls to remember; a capsule must hold them all.",
)  # fmt: skip
@click.option(
    "--fault-header/--no-fault-header", default=None,
    help="Whether callers may ask for faults by the header X-Apidouble-Fault.  [default: on loopback only]",
)  # fmt: skip
@click.option(
    "--reserved-inputs", is_flag=True, help="Let texts such as apidouble-fault-add-reset-after ask for faults."
)
@click.option("--print-url", is_flag=True, help="Print the server's URL, and nothing else, on standard output.")
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info", show_default=True,
    help="info writes a line a call on standard error.",
)  # fmt: skip
def serve(
    *,
    host: str,
    port: int,
    tls: bool,
    tls_dir: Path | None,
    tls_names: tuple[str, ...],
    world: str | None,
    scenario: str,
    readings: tuple[str, ...],
    clock: str,
    rate: float,
    step: str,
    token: str | None,
    journal: int,
    fault_header: bool | None,
    reserved_inputs: bool,
    print_url: bool,
    log_level: str,
) -> None:
    """Serve both APIs and the control plane until Ctrl-C.

    \b
    Examples:
      apidouble serve
      apidouble serve --port 0 --print-url
      apidouble serve --port 443 --tls
      apidouble serve --reading qqtube.message_key=messages
      apidouble serve --scenario realistic --clock running --rate 3600
      apidouble serve --scenario realistic --clock polling --step 1h
    """  # noqa: D301 (click reads the backspace)
    from apidouble.mockserver.pacer import Pace
    from apidouble.mockserver.server import CannotServeError, Settings, serve
    from apidouble.mockserver.spec.source import SpecError

    if not tls and (tls_dir or tls_names):
        raise click.UsageError("--tls-dir and --tls-name are for --tls")
    settings = Settings(
        host,
        port,
        world,
        scenario,
        tuple(map(_pair, readings)),
        Pace(clock, rate, _step(step)),
        token or None,
        journal,
        print_url,
        log_level,
        fault_header=fault_header,
        reserved_inputs=reserved_inputs,
        authority=(tls_dir or TLS_DIR) / "ca.pem" if tls else None,
        tls_names=tls_names,
    )
    try:
        serve(settings)
    except (CannotServeError, SpecError, ValueError) as error:
        raise click.ClickException(str(error)) from error


@main.command(short_help="Let a marketplace live for some days, and report.")
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

    from apidouble.mockserver import deliveries
    from apidouble.mockserver import simulate as life
    from apidouble.mockserver.report import page
    from apidouble.mockserver.scenarios import Scenario
    from apidouble.mockserver.spec.source import SpecError
    from apidouble.mockserver.tables import following, show

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


@main.command()
@click.argument("root", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def check(root: Path | None) -> None:
    """Prove that the specs of both APIs hold together.

    Each problem is named with file and line. ROOT is the folder of specs, the installed one unless given.
    """
    from apidouble.mockserver.spec.check import check as problems_of
    from apidouble.mockserver.stage import VENDORS
    from apidouble.specs import ROOT

    problems = problems_of(root or ROOT, {vendor.name: vendor for vendor in VENDORS})
    for problem in problems:
        click.echo(problem)
    if problems:
        sys.exit(1)
    click.echo("The specs hold together.")


@main.command(short_help="Tell what has been reached of both APIs.")
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
    from apidouble.mockserver.coverage.model import merge, read_selection
    from apidouble.mockserver.coverage.source import fetch, read_file, write_files
    from apidouble.mockserver.coverage.table import write_never, write_table, write_verdict

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


@main.command()
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Server to ask.")
@click.option("--token", envvar="APIDOUBLE_TOKEN", show_envvar=True, help="Bearer token of that server.")
@click.option("--allow", multiple=True, metavar="RULE", help="Leave a rule out; may be given repeatedly.")
def lint(url: str, token: str | None, allow: tuple[str, ...]) -> None:
    """Tell what a client does that will not go well, from the calls that a running server has seen.

    Ends with 1 if there is anything. The rules: docs/pytest.md.

    \b
    Examples:
      apidouble lint
      apidouble lint --url http://127.0.0.1:9000 --allow duplicate-add
    """  # noqa: D301 (click reads the backspace)
    import json

    from apidouble.mockserver.lint import check_rules
    from apidouble.mockserver.remote import ask

    try:
        check_rules(allow)
        findings = json.loads(ask(url, "lint", token))["findings"]
    except (ValueError, OSError, LookupError, TypeError) as error:
        raise click.ClickException(str(error)) from error
    findings = [finding for finding in findings if finding["rule"] not in allow]
    for finding in findings:
        calls = ", ".join(f"#{number}" for number in finding["calls"])
        click.echo(f"{finding['severity']}  {finding['rule']}  {finding['sentence']} ({calls})")
    if findings:
        sys.exit(1)
    click.echo("Nothing to remark.")


@main.group()
def capsule() -> None:
    """Keep what happened to a server in one file, and replay it elsewhere, byte for byte."""


@capsule.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Server to ask.")
@click.option("--token", envvar="APIDOUBLE_TOKEN", show_envvar=True, help="Bearer token of that server.")
def save(file: Path, url: str, token: str | None) -> None:
    """Ask a running server for its story since the start, or the last reset, and write it to FILE."""
    from apidouble.mockserver.capsule import Capsule
    from apidouble.mockserver.remote import ask

    try:
        story = Capsule.parse(ask(url, "capsule", token), url)
        story.write(file)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file}: {len(story.calls):,} calls")


@capsule.command()
@click.argument("file", type=click.Path(path_type=Path))
def replay(file: Path) -> None:
    """Make the calls of FILE again, at their times, in this process.

    Ends with 0 where every answer is the same, with 1 where one differs, which is shown, and with 2 where FILE
    cannot be replayed.
    """
    from apidouble.mockserver.capsule import Capsule, CapsuleError

    try:
        story = Capsule.read(file)
        simulator = story.open()
        for name, then, now in story.changes(simulator):
            click.echo(f"Warning: not the {name} of the capsule, so answers may differ:", err=True)
            click.echo(f"  then {then}\n  now  {now}", err=True)
        found = story.replay(simulator)
    except CapsuleError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    if found.first_difference:
        click.echo(found.first_difference)
        sys.exit(1)
    click.echo(f"{found.calls:,} calls, each answered as before, byte for byte")


def _step(text: str) -> int:
    from apidouble.mockserver.domain.instants import read_duration

    try:
        step_ms = read_duration(text)
    except ValueError as error:
        raise click.BadParameter(f"{error}: write 90s, 1h or P1D", param_hint="--step") from error
    if not step_ms:
        raise click.BadParameter("a step of nothing", param_hint="--step")
    return step_ms


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text} is not NAME=VALUE", param_hint="--reading")
    return name, value
