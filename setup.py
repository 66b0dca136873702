"""Install the top-level folders as the packages of one namespace, `apidouble`."""

from setuptools import find_namespace_packages, setup

FOLDERS = find_namespace_packages(include=["mockserver*", "client*", "specs*"])

setup(
    package_dir={"apidouble": "."},
    py_modules=["_apidouble"],
    packages=[f"apidouble.{name}" for name in FOLDERS],
    package_data={"": ["*.yaml", "*.json", "*.html", "*.css", "*.js", "*.svg", "*.txt", "py.typed"]},
)
