"""Turn coverage into plain text: a table of shares, then the names of what was never reached."""

import textwrap
from collections.abc import Iterator

from apidouble.mockserver.story.coverage.model import Coverage, Share

HEAD = ("dimension", "vendor", "natural", "forced", "never", "reached")
LABELLED = ("codes", "failures", "statuses")
WIDTH = 110
INDENT = 4


def write_table(coverage: Coverage) -> Iterator[str]:
    """Yield the table's lines, columns aligned: a row for each dimension and vendor."""
    rows: list[tuple[str, ...]] = []
    for dimension in coverage.dimensions():
        for position, vendor in enumerate(coverage.vendors(dimension)):
            rows.append((dimension if position == 0 else "", vendor, *_cells(coverage.share(dimension, vendor))))
    rows.append(("all", "", *_cells(coverage.share())))
    widths = [max(len(row[column]) for row in (HEAD, *rows)) for column in range(len(HEAD))]
    for row in (HEAD, *rows):
        cells = [c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]  # noqa: PLR2004
        yield "  ".join(cells).rstrip()


def write_never(coverage: Coverage) -> Iterator[str]:
    """Yield lines that name what was never reached, by dimension and vendor."""
    for (dimension, vendor), points in coverage.never():
        yield f"never reached: {dimension} of {vendor}"
        places: dict[str, list[str]] = {}
        for point in points:
            label = coverage.labels.get(point) if dimension in LABELLED else None
            start = "" if point.place == point.name else f"{point.place}: "
            places.setdefault(start, []).append(f"{point.name} ({label})" if label else point.name)
        for start, names in places.items():
            yield from textwrap.wrap(
                start + ", ".join(names),
                WIDTH,
                initial_indent=" " * INDENT,
                subsequent_indent=" " * 2 * INDENT,
                break_on_hyphens=False,
            )


def write_verdict(coverage: Coverage, fail_under: float) -> Iterator[str]:
    """Yield a line for each dimension of which less than so many per cent were reached; none where all is well."""
    if not coverage.points:
        yield "apidouble: nothing was observed: no simulator was opened, or the selection names nothing"
    for dimension in coverage.dimensions():
        share = coverage.share(dimension)
        if share.is_below(fail_under):
            yield f"apidouble: {dimension}: {share.percent:g} % reached, less than {fail_under:g} %"


def _cells(share: Share) -> tuple[str, ...]:
    return str(share.natural), str(share.forced), str(share.never), f"{share.percent:g} %"
