"""Turn the catalogue of planted bugs into a table of the tests that notice them, and fail where none does."""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import NamedTuple

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
CATALOGUE = Path(__file__).with_name("mutants.yaml")
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "node_modules")
PYTEST = (sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", "--hypothesis-seed=0", "-rfE")
# Most of a run's time would be the import of plugins that these tests have no use for.
BARE = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": "_hypothesis_pytestplugin,xdist.plugin,apidouble.mockserver.testing.pytest_plugin",
}
# What a mutant meets when its own tests let it live: everything but what is slow and says little about the product, or
# needs a plugin.
SLOW = (
    *("mutants", "spec/test_check_deletions.py", "testing", "test_cli.py", "doors/test_flask.py", "contract"),
    *("live/test_behaviours.py", "live/test_commands.py"),
)
TIMEOUT_S, TIMEOUT_OF_ALL_S = 120, 900
PASSED, NOTHING_RAN = 0, 5
KILLER = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
PROOF = "import apidouble.mockserver as m, apidouble.client as c; print(m.__file__, c.__file__)"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted bug: `old` stands once in `file` and becomes `new`; `tests` are those that should notice."""

    name: str
    why: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def planted(self, text: str) -> str:
        """Return the file's text with the bug in it; raise ValueError if there is not exactly one place for it."""
        if (places := text.count(self.old)) != 1:
            raise ValueError(f"{self.name}: {places} places for it in {self.file}")
        return text.replace(self.old, self.new)


class Verdict(NamedTuple):
    """The test that a mutant was killed by, none if it lives."""

    mutant: Mutant
    killer: str
    seconds: float


def catalogue() -> tuple[Mutant, ...]:
    """Read the planted bugs."""
    written = yaml.safe_load(CATALOGUE.read_text("utf-8"))
    return tuple(Mutant(**{**one, "tests": tuple(one["tests"])}) for one in written)


class Copy:
    """A private copy of the repository, which its own Python takes for `apidouble`."""

    def __init__(self, place: Path) -> None:
        self.root = place / "apidouble"
        shutil.copytree(REPOSITORY, self.root, ignore=LEFT_OUT)
        self.environment = {**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
        proof = subprocess.run(
            (sys.executable, "-c", PROOF),
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        if not all(Path(found).is_relative_to(self.root) for found in proof.stdout.split()):
            raise RuntimeError(f"the copy is not what is imported, but {proof.stdout}")

    def passes(self, tests: Sequence[str], *options: str, timeout_s: int = TIMEOUT_OF_ALL_S) -> tuple[bool, str]:
        """Run tests in their order and return whether they passed, and which failed first; too slow is failed."""
        shutil.rmtree(self.root / ".hypothesis", ignore_errors=True)
        process = subprocess.Popen(
            (*PYTEST, *options, *tests),
            cwd=self.root,
            env=self.environment | BARE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return False, f"(no end within {timeout_s} s)"
        if process.returncode == NOTHING_RAN:
            raise RuntimeError(f"no tests in {' '.join(tests)}")
        found = KILLER.search(output)
        return process.returncode == PASSED, found[1] if found else f"(loading) {output.strip().splitlines()[-1]}"

    def try_out(self, mutant: Mutant) -> Verdict:
        """Plant a bug, run the tests that should notice it and then all quick ones, and take it out again."""
        started = time.monotonic()
        path = self.root / mutant.file
        text = path.read_text("utf-8")
        path.write_text(mutant.planted(text), "utf-8")
        try:
            lives, killer = self.passes(mutant.tests, "-x", timeout_s=TIMEOUT_S)
            if lives:
                lives, killer = self.passes(("tests",), "-x", *(f"--ignore=tests/{slow}" for slow in SLOW))
        finally:
            path.write_text(text, "utf-8")
        return Verdict(mutant, "" if lives else killer, time.monotonic() - started)


def verdicts(mutants: Sequence[Mutant], jobs: int) -> Iterator[Verdict]:
    """Try out mutants in so many copies at once; yield verdicts in the catalogue's order."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as place:
        free: Queue[Copy] = Queue()
        for job in range(jobs):
            (below := Path(place) / str(job)).mkdir()
            free.put(Copy(below))
        copy = free.get()
        hinted = sorted({test for mutant in mutants for test in mutant.tests})
        passed, failed = copy.passes(hinted, "-n", str(jobs))
        free.put(copy)
        if not passed:
            raise SystemExit(f"without any mutant, {failed} fails")

        def one(mutant: Mutant) -> Verdict:
            own = free.get()
            try:
                return own.try_out(mutant)
            finally:
                free.put(own)

        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(one, mutants)


def main() -> int:
    """Print the table; 1 if a mutant lives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="NAME", action="append", help="only this mutant (may be repeated)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="copies to work in at once (default: 2)")
    parser.add_argument("--list", action="store_true", help="list the mutants and run nothing")
    options = parser.parse_args()
    mutants = [mutant for mutant in catalogue() if not options.only or mutant.name in options.only]
    if unknown := set(options.only or ()) - {mutant.name for mutant in mutants}:
        parser.error(f"no such mutant: {', '.join(sorted(unknown))}")
    width = max(len(mutant.name) for mutant in mutants)
    if options.list:
        for mutant in mutants:
            print(f"{mutant.name:{width}}  {mutant.why} ({mutant.file})")
        return 0
    started, survivors = time.monotonic(), []
    for verdict in verdicts(mutants, options.jobs):
        print(f"{verdict.mutant.name:{width}}  {verdict.seconds:5.1f} s  {verdict.killer or 'LIVES'}", flush=True)
        if not verdict.killer:
            survivors.append(verdict.mutant)
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} killed in {time.monotonic() - started:.0f} s")
    for mutant in survivors:
        print(f"lives: {mutant.name}: {mutant.why} ({mutant.file})")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
