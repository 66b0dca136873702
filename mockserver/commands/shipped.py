"""The pages and examples that come with the package, wherever it is installed."""

from pathlib import Path

import apidouble.specs

PACKAGE = apidouble.specs.ROOT.parent
DOCS, EXAMPLES = PACKAGE / "docs", PACKAGE / "fixtures" / "examples"


def pages() -> dict[str, Path]:
    """Return the pages by their names."""
    return {path.stem: path for path in sorted(DOCS.glob("*.md"))}


def examples() -> dict[str, Path]:
    """Return the folders of examples by their names."""
    return {path.name: path for path in sorted(EXAMPLES.iterdir()) if path.is_dir() and not path.name.startswith("_")}
