"""Install the repository's root as the package `apidouble`, with the folders that are its packages."""

from pathlib import Path

from setuptools import find_namespace_packages, setup

ROOT = Path(__file__).parent
FOLDERS = find_namespace_packages(str(ROOT), include=["mockserver*", "client*", "specs*"])
EXAMPLES = [path for path in (ROOT / "fixtures" / "examples").rglob("*") if path.is_dir() and path.name[0] not in "._"]
SHIPPED = ["docs", "fixtures", "fixtures.examples", *(".".join(path.relative_to(ROOT).parts) for path in EXAMPLES)]
TEXTS = ["*.md", "*.yml", "*.php", "*.xml", "*.mjs", "*.sh", "samples.yaml"]

setup(
    package_dir={"apidouble": "."},
    py_modules=["apidouble.__main__"],  # and __init__ with it; as a package the root would bring setup.py too
    packages=[f"apidouble.{name}" for name in (*FOLDERS, *SHIPPED)],
    package_data={
        "": ["*.yaml", "*.json", "*.html", "*.css", "py.typed"],
        **{f"apidouble.{name}": TEXTS for name in SHIPPED if name != "fixtures"},
    },
)
