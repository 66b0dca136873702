"""Turn a pytest run into a report of what its simulators reached; without its options it does and imports nothing."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from apidouble.mockserver.live import pytest_live

if TYPE_CHECKING:
    from apidouble.mockserver.coverage.model import Coverage

NAME = "apidouble-coverage"
TESTS_FAILED = 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    pytest_live.add_options(parser)
    group = parser.getgroup("apidouble", "coverage of the QComment and QQTube APIs, of simulators in this process")
    group.addoption("--apidouble-coverage", action="store_true", help="show what was reached, as a table")
    group.addoption("--apidouble-coverage-html", metavar="PATH", help="write what was reached, as a page")
    group.addoption("--apidouble-coverage-json", metavar="PATH", help="write what was reached, as a file to merge")
    group.addoption(
        "--apidouble-fail-under", metavar="PERCENT", type=float, help="fail where less of a dimension was reached"
    )
    group.addoption(
        "--apidouble-fail-under-for",
        metavar="WHAT",
        default="",
        help="dimensions, vendors, or both, for which --apidouble-fail-under holds: codes,qqtube.transitions",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let live tests be skipped or run; begin to observe, if any option asks for it."""
    config.pluginmanager.register(pytest_live, "apidouble-live")
    wanted = ("coverage", "coverage_html", "coverage_json", "fail_under", "fail_under_for")
    if any(config.getoption(f"apidouble_{name}") not in (None, False, "") for name in wanted):
        config.pluginmanager.register(_Observation(config), NAME)


class _Observation:
    """What is seen in this process, and as the controller of others, in theirs."""

    def __init__(self, config: pytest.Config) -> None:
        from apidouble.mockserver.coverage import registry
        from apidouble.mockserver.coverage.model import read_selection

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
        from apidouble.mockserver.coverage.document import read_document

        written = getattr(node, "workeroutput", {}).get(NAME)
        if written is not None:
            self.parts.append(read_document(json.loads(written)))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Hand over to the controller; as such, or alone, write the files and judge."""
        from apidouble.mockserver.coverage.document import write_document
        from apidouble.mockserver.coverage.source import write_files

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
        from apidouble.mockserver.coverage.table import write_never, write_table

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
        from apidouble.mockserver.coverage import registry

        registry.uninstall(self.collector)

    def _coverage(self) -> "Coverage":
        from apidouble.mockserver.coverage.model import merge

        return merge((self.collector.coverage(), *self.parts))

    def _verdict(self) -> list[str]:
        from apidouble.mockserver.coverage.table import write_verdict

        fail_under = self.config.getoption("apidouble_fail_under")
        if fail_under is None:
            return []
        return list(write_verdict(self._coverage().only(self.selection), fail_under))
