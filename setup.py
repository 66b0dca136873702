"""Install the repository's root as the package `apidouble`, with the folders that are its packages."""

from setuptools import find_namespace_packages, setup

FOLDERS = find_namespace_packages(include=["mockserver*", "client*", "specs*"])

setup(
    package_dir={"apidouble": "."},
    packages=["apidouble", *(f"apidouble.{name}" for name in FOLDERS)],
    package_data={"": ["*.yaml", "*.json", "*.html", "*.css", "py.typed"]},
)
