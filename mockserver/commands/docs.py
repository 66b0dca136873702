"""`apidouble docs`: the pages that come with the package."""

import click

from apidouble.mockserver.commands.ends import WrongUseError


@click.command()
@click.argument("page", required=False)
def docs(page: str | None) -> None:
    """List the pages of the documentation, or print one: `apidouble docs faults`."""
    from apidouble.mockserver.commands.shipped import pages

    found = pages()
    if page is None:
        for name, path in found.items():
            title = path.read_text("utf-8").partition("\n")[0].lstrip("# ")
            click.echo(f"{name:14}{title}")
        return
    name = page.removeprefix("docs/").removesuffix(".md")
    if name not in found:
        raise WrongUseError(f"there is no page {page!r}: name one of {', '.join(found)}")
    click.echo_via_pager(found[name].read_text("utf-8"))
