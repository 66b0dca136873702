"""`apidouble serve`: a command line into a running server."""

from pathlib import Path

import click

TLS_DIR = Path(click.get_app_dir("apidouble"), "tls")


@click.command()
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
    from apidouble.mockserver.serve.server import CannotServeError, Settings, serve
    from apidouble.mockserver.spec.source import SpecError
    from apidouble.mockserver.stage.pacer import Pace

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
