"""`apidouble coverage`: from files and from a server, its table, its files and its verdict."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from apidouble.mockserver.commands.main import main

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["coverage", *map(str, arguments)])


@pytest.fixture
def two_files(call: Any, control: Any, tmp_path: Path) -> list[Path]:
    """The coverage of two runs: one saw code 702, the other 303."""
    files = []
    for operation in ("project", "payproject"):
        control("POST", "/coverage/reset")
        call(operation, project_id=777, pay=1)
        files.append(tmp_path / f"{operation}.json")
        files[-1].write_text(json.dumps(control("GET", "/coverage")[1]), "utf-8")
    return files


def test_files_are_merged_into_one_table(two_files: list[Path]) -> None:
    """Columns are aligned, counts are those of both runs, and what neither reached is named with its meaning."""
    result = run(*two_files, "--only", "codes")
    head, codes, *rest = result.output.splitlines()

    assert result.exit_code == 0
    assert head.split() == ["dimension", "vendor", "natural", "forced", "never", "reached"]
    assert codes.split() == ["codes", "qcomment", "2", "0", "67", "2.8", "%"]
    assert (
        head.index("vendor") == codes.index("qcomment") and len(head) == len(codes) + len("reached") - len("2.8 %") - 2
    )
    assert "    revision: 601 (comment id missing)" in "\n".join(rest)
    assert "702" not in result.output


def test_written_files_hold_the_same(two_files: list[Path], tmp_path: Path) -> None:
    """What --json writes can be read again to the same table, and --html is the page of it."""
    written, page = tmp_path / "deep" / "both.json", tmp_path / "deep" / "both.html"
    first = run(*two_files, "--json", written, "--html", page)

    assert run(written).output == first.output
    assert page.read_text("utf-8").count('class="natural" title="702') == 1


@pytest.mark.parametrize(
    ("fail_under", "only", "code"), [(100, "codes", 1), (2, "qcomment.codes", 0), (3, "qcomment.codes", 1), (0, "", 0)]
)
def test_verdict_is_by_dimension(two_files: list[Path], fail_under: int, only: str, code: int) -> None:
    """Below the threshold it ends with 1 and says by how much; what is not selected is not judged."""
    result = run(*two_files, "--only", only, "--fail-under", fail_under)

    assert result.exit_code == code
    assert ("less than" in result.output) == bool(code)


def test_server_is_asked(server_url: str) -> None:
    """A running server's coverage grows with its calls; resetting the world does not shrink it."""
    with OPENER.open(f"{server_url}/api/projectedit", b"apicode=5d41402abc4b2a76b9719d911017c592", timeout=30):
        pass

    result = run("--url", server_url, "--only", "qcomment.codes")

    assert result.exit_code == 0
    assert "1001" not in result.output and "2001" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--url", "http://127.0.0.1:9"], "does not answer"),
        (["--url", "127.0.0.1:8080"], "not the address of a server"),
        (["--only", "code"], "none of operations"),
        (["--fail-under", "101"], "--fail-under"),
        ([__file__], "test_coverage.py"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], said: str) -> None:
    """A message says what is wrong, without a traceback."""
    result = run(*arguments)

    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)
    assert said in result.output
