"""Turn a pytest run into a report of what its simulators reached."""

import json
from pathlib import Path
from typing import Any

import pytest

from apidouble.mockserver.story.coverage import registry
from apidouble.mockserver.story.coverage.document import read_document, write_document
from apidouble.mockserver.story.coverage.model import Coverage, merge, read_selection
from apidouble.mockserver.story.coverage.source import write_files
from apidouble.mockserver.story.coverage.table import write_never, write_table, write_verdict

NAME = "apidouble-coverage"
TESTS_FAILED = 1


class Observation:
    """What is seen in this process, and as the controller of others, in theirs."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        try:
            self.selection = read_selection(config.getoption("apidouble_fail_under_for"))
        except ValueError as error:
            raise pytest.UsageError(f"--apidouble-fail-under-for: {error}") from error
        self.parts: list[Coverage] = []
        self.collector = registry.Collector()
        registry.install(self.collector)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what another process has seen."""
        written = getattr(node, "workeroutput", {}).get(NAME)
        if written is not None:
            self.parts.append(read_document(json.loads(written)))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Hand over to the controller; as such, or alone, write the files and judge."""
        output = getattr(self.config, "workeroutput", None)
        if output is not None:
            output[NAME] = json.dumps(write_document(self.collector.coverage()))
            return
        html, json_path = (self.config.getoption(f"apidouble_coverage_{kind}") for kind in ("html", "json"))
        write_files(self._coverage(), html and Path(html), json_path and Path(json_path))
        if self._verdict() and exitstatus == 0:
            session.exitstatus = TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the table, and what is missing."""
        coverage, verdict = self._coverage(), self._verdict()
        if self.config.getoption("apidouble_coverage"):
            terminalreporter.section("apidouble coverage")
            for line in write_table(coverage):
                terminalreporter.write_line(line)
        if verdict:
            terminalreporter.section("apidouble: not enough was reached", red=True)
            for line in (*verdict, *write_never(coverage.only(self.selection))):
                terminalreporter.write_line(line)

    def pytest_unconfigure(self) -> None:
        """Observe no more."""
        registry.uninstall(self.collector)

    def _coverage(self) -> Coverage:
        return merge((self.collector.coverage(), *self.parts))

    def _verdict(self) -> list[str]:
        fail_under = self.config.getoption("apidouble_fail_under")
        if fail_under is None:
            return []
        return list(write_verdict(self._coverage().only(self.selection), fail_under))
