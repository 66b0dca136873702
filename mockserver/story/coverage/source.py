"""Turn a running server's address, or a file, into coverage, and coverage into files."""

import json
from pathlib import Path

from apidouble.mockserver.story.coverage.document import read_document, write_document
from apidouble.mockserver.story.coverage.model import Coverage
from apidouble.mockserver.story.coverage.page import coverage_page
from apidouble.mockserver.story.remote import ask


def fetch(url: str, token: str | None = None) -> Coverage:
    """Ask a server for its coverage; raises OSError where it does not answer, ValueError where it answers otherwise."""
    return _parsed(ask(url, "coverage", token), url)


def read_file(path: Path) -> Coverage:
    """Read the coverage of a file; raises ValueError where it holds none."""
    return _parsed(path.read_bytes(), str(path))


def write_files(coverage: Coverage, html: Path | None, json_path: Path | None) -> None:
    """Write the page and the file that are wanted."""
    if html is not None:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(coverage_page(coverage), "utf-8")
    if json_path is not None:
        json_path.parent.mkdir(parents=True, exist_ok=True)
        json_path.write_text(json.dumps(write_document(coverage), ensure_ascii=False, indent=1) + "\n", "utf-8")


def _parsed(content: bytes, where: str) -> Coverage:
    try:
        return read_document(json.loads(content))
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
