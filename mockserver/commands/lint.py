"""`apidouble lint`: the calls of a server into what a client does that will not go well."""

import sys

import click


@click.command()
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

    from apidouble.mockserver.story.lint import check_rules
    from apidouble.mockserver.story.remote import ask

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
