"""Install the top-level folders as packages below `apidouble`, whose own modules are in .types/apidouble."""

from pathlib import Path

from setuptools import find_namespace_packages, setup

ROOT = Path(__file__).parent
FOLDERS = find_namespace_packages(str(ROOT), include=["mockserver*", "client*", "specs*"])
EXAMPLES = [path for path in (ROOT / "fixtures" / "examples").rglob("*") if path.is_dir() and path.name[0] not in "._"]
SHIPPED = ["docs", "fixtures", "fixtures.examples", *(".".join(path.relative_to(ROOT).parts) for path in EXAMPLES)]
TEXTS = ["*.md", "*.yml", "*.php", "*.xml", "*.mjs", "*.sh", "samples.yaml"]

setup(
    package_dir={
        "apidouble": ".types/apidouble",
        **{f"apidouble.{name}": name for name in ("client", "docs", "fixtures", "mockserver", "specs")},
    },
    packages=["apidouble", *(f"apidouble.{name}" for name in (*FOLDERS, *SHIPPED))],
    package_data={
        "": ["*.yaml", "*.json", "*.html", "*.css", "*.js", "*.svg", "*.txt", "py.typed"],
        **{f"apidouble.{name}": TEXTS for name in SHIPPED if name != "fixtures"},
    },
)
