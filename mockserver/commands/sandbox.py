"""`apidouble sandbox`: a command line into a server with a world for each of many partners."""

from pathlib import Path

import click

from apidouble.mockserver.commands.ends import WrongUseError

TLS_DIR = Path(click.get_app_dir("apidouble"), "tls")
STORE = Path(click.get_app_dir("apidouble"), "sandbox.sqlite")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free port.")
@click.option(
    "--store", envvar="APIDOUBLE_STORE", show_envvar=True, metavar="URL",
    help=f"What to keep tenants in: sqlite:///FILE, postgresql://… or memory:  [default: {STORE}]",
)  # fmt: skip
@click.option(
    "--operator-token", envvar="APIDOUBLE_OPERATOR_TOKEN", show_envvar=True,
    help="Bearer token of who makes tenants. Better set in the environment than on the command line.",
)  # fmt: skip
@click.option(
    "--secret", envvar="APIDOUBLE_SECRET", show_envvar=True,
    help="What keys are digested under, at least 16 characters.  [default: drawn once and kept in the store]",
)  # fmt: skip
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 256),
    help="How many processes share the port; more than one over PostgreSQL only.",
)  # fmt: skip
@click.option(
    "--worlds", default=1000, show_default=True, type=click.IntRange(1),
    help="How many worlds stay in the memory of a process.",
)  # fmt: skip
@click.option(
    "--durability", type=click.Choice(["full", "relaxed"]), default="full", show_default=True,
    help="relaxed answers sooner; a power cut may then take calls of the last moments.",
)  # fmt: skip
@click.option("--calls-a-minute", type=click.IntRange(1), help="Limit of new tenants, in each process.")
@click.option("--clock-step", type=click.IntRange(1), metavar="SECONDS", help="Limit of new tenants.")
@click.option("--body-bytes", type=click.IntRange(1), help="Limit of new tenants.")
@click.option(
    "--sign-ups", type=click.IntRange(1), metavar="COUNT",
    help="Let anybody make a tenant, so many an hour in each process.  [default: nobody]",
)  # fmt: skip
@click.option("--tls", is_flag=True, help="Speak https, as the live services' hosts: docs/any-language.md.")
@click.option(
    "--tls-dir", type=click.Path(file_okay=False, path_type=Path, resolve_path=True),
    help=f"Where the authority that signs for them is kept.  [default: {TLS_DIR}]",
)  # fmt: skip
@click.option("--tls-name", "tls_names", multiple=True, metavar="HOST", help="Another host for the certificate.")
@click.option("--print-url", is_flag=True, help="Print the server's URL, and nothing else, on standard output.")
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info", show_default=True,
    help="info writes a line a call on standard error.",
)  # fmt: skip
def sandbox(
    *,
    host: str,
    port: int,
    store: str | None,
    operator_token: str | None,
    secret: str | None,
    workers: int,
    worlds: int,
    durability: str,
    calls_a_minute: int | None,
    clock_step: int | None,
    body_bytes: int | None,
    sign_ups: int | None,
    tls: bool,
    tls_dir: Path | None,
    tls_names: tuple[str, ...],
    print_url: bool,
    log_level: str,
) -> None:
    """Serve a world for each of many partners, and keep every call that is answered.

    \b
    Examples:
      APIDOUBLE_OPERATOR_TOKEN=… apidouble sandbox
      apidouble sandbox --store sqlite:////var/lib/apidouble/sandbox.sqlite
      apidouble sandbox --store postgresql://apidouble@db/apidouble --workers 4
    """  # noqa: D301 (click reads the backspace)
    if not tls and (tls_dir or tls_names):
        raise click.UsageError("--tls-dir and --tls-name are for --tls")
    if secret is not None and len(secret) < 16:  # noqa: PLR2004 (as the help says)
        raise click.UsageError("--secret is shorter than 16 characters")
    try:
        from apidouble.mockserver.sandbox.server import Settings, serve
        from apidouble.mockserver.sandbox.tenant import Limits
        from apidouble.mockserver.serve.server import CannotServeError
    except ModuleNotFoundError as error:
        raise WrongUseError(f"the sandbox needs the package {error.name}: pip install 'apidouble[sandbox]'") from error
    settings = Settings(
        host,
        port,
        store or f"sqlite:///{STORE}",
        operator_token or None,
        secret.encode() if secret else None,
        workers,
        worlds,
        durability == "full",
        Limits(calls_a_minute, clock_step_s=clock_step, body_bytes=body_bytes),
        sign_ups,
        (tls_dir or TLS_DIR) / "ca.pem" if tls else None,
        tls_names,
        print_url,
        log_level,
    )
    try:
        serve(settings)
    except CannotServeError as error:
        raise WrongUseError(str(error)) from error
