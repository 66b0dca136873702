"""The examples of integrations in other languages pass as their READMEs say, and fail with a broken integration."""

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "fixtures" / "examples"
APIDOUBLE = Path(sys.executable).with_name("apidouble")


class Example(NamedTuple):
    """A folder, the command of its README, what that needs beside, and a bug to plant in its integration."""

    folder: str
    command: Sequence[str]
    needs: Sequence[str]
    file: str
    right: str
    wrong: str

    def run(self, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command in a folder, with no proxy between."""
        told = {"APIDOUBLE": str(APIDOUBLE), "APIDOUBLE_URL": "", "APIDOUBLE_TOKEN": "", "no_proxy": "*"} | environment
        return subprocess.run(
            self.command, cwd=folder, env=os.environ | told, capture_output=True, text=True, check=False, timeout=120
        )


CASES = [
    Example("phpunit", ["phpunit"], ["php"], "src/Reviews.php", ">= $shortest", "> 0"),
    Example("node", ["node", "--test"], [], "views.mjs", "3: 'waiting'", "3: 'failed'"),
    Example("shell", ["sh", "test.sh"], ["curl"], "orders.sh", """*'"error_code"'* | """, ""),
]


@pytest.fixture(params=CASES, ids=lambda case: case.folder)
def example(request: pytest.FixtureRequest, program: Callable[[str], str]) -> Example:
    """Each example whose programs are installed."""
    case: Example = request.param
    for name in (*case.needs, case.command[0]):
        program(name)
    return case


def test_example_passes_as_its_readme_says(example: Example, tmp_path: Path) -> None:
    """The command of the README starts a double of its own, passes, and ends that double."""
    folder = EXAMPLES / example.folder
    assert f"\n    {' '.join(example.command)}\n" in (folder / "README.md").read_text("utf-8")
    lives, starter = tmp_path / "lives", tmp_path / "starter"
    os.mkfifo(lives)
    starter.write_text(f'#!/bin/sh\nexec 9>{lives}\nexec {APIDOUBLE} "$@"\n')
    starter.chmod(0o755)
    watched = os.open(lives, os.O_RDONLY | os.O_NONBLOCK)

    ended = example.run(folder, APIDOUBLE=str(starter))

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert select.select([watched], [], [], 30)[0], "the double lives on"
    os.close(watched)


def test_example_fails_with_a_bug_in_its_integration(example: Example, server_url: str, tmp_path: Path) -> None:
    """The example's tests see what they are for, against a double that runs elsewhere; without the bug they pass."""
    folder = shutil.copytree(EXAMPLES / example.folder, tmp_path / example.folder)
    file = folder / example.file
    good = file.read_text("utf-8")
    assert good.count(example.right) == 1

    passed = example.run(folder, APIDOUBLE_URL=server_url, APIDOUBLE="none")
    file.write_text(good.replace(example.right, example.wrong), "utf-8")
    failed = example.run(folder, APIDOUBLE_URL=server_url, APIDOUBLE="none")

    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert failed.returncode != 0


def test_example_fails_where_no_double_starts(example: Example) -> None:
    """A double that cannot start is a failure that says so, not a hang."""
    ended = example.run(EXAMPLES / example.folder, APIDOUBLE="false")

    assert ended.returncode != 0
