"""`apidouble readings`: how the documents' gaps are read, and which readings can be switched."""

import click


@click.command()
@click.option("--all", "every", is_flag=True, help="Those without a switch too.")
def readings(*, every: bool) -> None:
    """List the readings of the documents' gaps that can be switched: `--reading NAME=VALUE`.

    Each line is a name, its default and other values, and its evidence; the question stands below.
    """
    from apidouble.mockserver.spec.source import Source
    from apidouble.specs import ROOT

    for entry in Source.read(ROOT / "readings.yaml").content["readings"]:
        values = entry.get("values", {})
        if values or every:
            others = ", ".join(value for value in values if value != entry["default"])
            choice = f"  {entry['default']} (or {others})" if values else ""
            click.echo(f"{entry['id']}{choice}  [{entry['evidence']}]\n    {entry['question']}")
