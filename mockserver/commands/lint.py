"""`apidouble lint`: the calls of a server into what a client does that will not go well."""

import sys

import click

from apidouble.mockserver.commands.asking import server_options
from apidouble.mockserver.commands.ends import FOUND, told
from apidouble.mockserver.commands.saying import say


@click.command()
@server_options
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

    with told():
        check_rules(allow)
        findings = json.loads(ask(url, "lint", token))["findings"]
    findings = [finding for finding in findings if finding["rule"] not in allow]
    for finding in findings:
        calls = ", ".join(f"#{number}" for number in finding["calls"])
        say(f"{finding['severity']}  {finding['rule']}  {finding['sentence']} ({calls})")
    if findings:
        sys.exit(FOUND)
    say("Nothing to remark.")
