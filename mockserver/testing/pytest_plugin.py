"""Turn a test that asks for one into a test with a double of its own, and a run into reports of what its doubles saw.

Until a fixture, the marker or an option is used, it does nothing and imports nothing.
"""

import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import pytest

from apidouble.mockserver.testing import pytest_live

if TYPE_CHECKING:
    from apidouble.client import QComment, QQTube
    from apidouble.mockserver.story.lint import Finding
    from apidouble.mockserver.testing.double import Clock, Double

MARKER = "apidouble"
OPENED = ("world", "scenario", "readings", "clock", "start", "faults", "allow")
LINT_ALLOW = "lint_allow"
OFF, WARN, ERROR = "off", "warn", "error"
COVERAGE_OPTIONS = ("coverage", "coverage_html", "coverage_json", "fail_under", "fail_under_for")
SHOWN_CALLS = 20
NAME_CHARS = 80

_DOUBLE: pytest.StashKey["Double"] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    pytest_live.add_options(parser)
    group = parser.getgroup("apidouble", "doubles of the QComment and QQTube APIs, in this process")
    group.addoption(
        "--apidouble-lint",
        choices=(OFF, WARN, ERROR),
        help="what becomes of a client's habits that will not go well: nothing, a summary, failures (default: warn)",
    )
    group.addoption(
        "--apidouble-capsules",
        metavar="DIR",
        help="where the capsules of failed tests are kept (default: in pytest's cache)",
    )
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
    parser.addini("apidouble_lint", "as --apidouble-lint: off, warn or error", default=WARN)
    parser.addini("apidouble_lint_allow", "rules of the lint that need not hold, one a line", "linelist", [])


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers; begin to observe, if any option asks for it."""
    config.pluginmanager.register(pytest_live, "apidouble-live")
    config.addinivalue_line(
        "markers",
        f"{MARKER}({', '.join(f'{name}=…' for name in (*OPENED, LINT_ALLOW))}): what the double of a test is like; "
        "the test has one even if it does not ask for the fixture.",
    )
    if _lint_mode(config) not in (OFF, WARN, ERROR):
        raise pytest.UsageError(f"apidouble_lint is off, warn or error, not {_lint_mode(config)!r}")
    config.pluginmanager.register(_Summary(config), "apidouble-lint")
    if any(config.getoption(f"apidouble_{name}") not in (None, False, "") for name in COVERAGE_OPTIONS):
        from apidouble.mockserver.testing import pytest_coverage

        config.pluginmanager.register(pytest_coverage.Observation(config), pytest_coverage.NAME)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give a marked test its double, whether it names the fixture or not."""
    names = getattr(item, "fixturenames", None)
    if names is not None and item.get_closest_marker(MARKER) is not None and "apidouble" not in names:
        names.insert(0, "apidouble")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Judge the calls of a test, and show them where it failed."""
    report = yield
    double = item.stash.get(_DOUBLE, None)
    if double is None:
        return report
    if report.when == "call" and _lint_mode(item.config) != OFF:
        _judge(item, double, report)
    if report.failed:
        lines = [*(double.transcript(SHOWN_CALLS) or ["none"]), _keep(item, double)]
        report.sections.append(("apidouble calls", "\n".join(lines)))
    return report


@pytest.fixture
def apidouble(request: pytest.FixtureRequest) -> "Iterator[Double]":
    """A double in a fresh world of its own, which `requests` reaches in place of both vendors.

    The marker says what it is like: @pytest.mark.apidouble(scenario="realistic", start="2026-01-01T00:00:00+03:00").
    """
    from apidouble.mockserver.spec.source import SpecError
    from apidouble.mockserver.testing.activation import activate

    options = _marked(request.node)
    _lint_allow(request.node)
    with ExitStack() as stack:
        problem = ""
        try:
            double = stack.enter_context(activate(**{n: value for n, value in options.items() if n in OPENED}))
        except (ValueError, TypeError, SpecError, LookupError) as error:
            problem = str(error)
        if problem:
            pytest.fail(f"@pytest.mark.{MARKER}: {problem}", pytrace=False)
        request.node.stash[_DOUBLE] = double
        yield double


@pytest.fixture
def apidouble_server(apidouble: "Double") -> Iterator[str]:
    """The address of a real server in the world of `apidouble`, for other processes and other languages."""
    with apidouble.serve() as server:
        yield server.url


@pytest.fixture
def apidouble_clock(apidouble: "Double") -> "Clock":
    """The virtual time of `apidouble`."""
    return apidouble.clock


@pytest.fixture
def apidouble_urls(apidouble: "Double") -> dict[str, str]:
    """Where `requests` finds each vendor: {"qcomment": "https://qcomment.ru", "qqtube": "https://www.qqtube.com"}."""
    return apidouble.base_urls


@pytest.fixture
def qcomment_client(apidouble: "Double") -> "Iterator[QComment]":
    """The reference client of QComment in the world of `apidouble`. Where it waits, virtual time passes."""
    from apidouble.client import QComment

    with QComment(apidouble.keys["qcomment"], sleep=apidouble.clock.sleep) as client:
        yield client


@pytest.fixture
def qqtube_client(apidouble: "Double") -> "Iterator[QQTube]":
    """The reference client of QQTube in the world of `apidouble`. Where it waits, virtual time passes."""
    from apidouble.client import QQTube

    with QQTube(apidouble.keys["qqtube"], sleep=apidouble.clock.sleep) as client:
        yield client


class _Summary:
    """What was remarked in the tests of this process, or as the controller of others, of theirs."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.findings: dict[str, list[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect what a report says."""
        found = getattr(report, "apidouble_findings", None)
        if found:
            self.findings[report.nodeid] = found

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the findings, by test."""
        if not self.findings:
            return
        terminalreporter.section("apidouble lint", yellow=True)
        for test, lines in self.findings.items():
            terminalreporter.write_line(test)
            for line in lines:
                terminalreporter.write_line(f"  {line}")
        terminalreporter.write_line(
            "To make these failures: --apidouble-lint=error. To allow a rule: "
            f"@pytest.mark.{MARKER}({LINT_ALLOW}=[…]), or apidouble_lint_allow in the ini file."
        )


def _lint_mode(config: pytest.Config) -> str:
    return str(config.getoption("apidouble_lint") or config.getini("apidouble_lint"))


def _judge(item: pytest.Item, double: "Double", report: Any) -> None:
    findings = double.lint(_lint_allow(item))
    if not findings:
        return
    report.apidouble_findings = [_line(finding) for finding in findings]
    if _lint_mode(item.config) == ERROR and report.passed:
        report.outcome = "failed"
        report.longrepr = "\n".join(["The client did what will not go well:", *report.apidouble_findings])


def _keep(item: pytest.Item, double: "Double") -> str:
    """Write the capsule of a test, and say how to replay it, or why there is none."""
    from apidouble.mockserver.stage.capsule import Capsule
    from apidouble.mockserver.stage.recording import ForgottenError

    chosen, cache = item.config.getoption("apidouble_capsules"), getattr(item.config, "cache", None)
    folder = Path(chosen) if chosen else cache.mkdir("apidouble") if cache else Path(mkdtemp(prefix="apidouble-"))
    name = re.sub(r"[^\w.-]+", "-", item.nodeid)[-NAME_CHARS:].strip("-")
    path = folder / f"{name}-{sha256(item.nodeid.encode()).hexdigest()[:8]}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        Capsule.of(double.simulator).write(path)
    except (OSError, ForgottenError) as error:
        return f"There is no capsule of them: {error}"
    return f"To replay them: apidouble capsule replay {path}"


def _line(finding: "Finding") -> str:
    calls = ", ".join(f"#{number}" for number in finding.calls)
    return f"{finding.severity}: {finding.rule}: {finding.sentence} ({calls})"


def _marked(item: pytest.Item) -> Mapping[str, Any]:
    """Return the marker's arguments; of several markers, the one nearest to the test has its say in each."""
    options: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers(MARKER))):
        unknown = [name for name in marker.kwargs if name not in (*OPENED, LINT_ALLOW)]
        if marker.args or unknown:
            wrong = f"{unknown[0]!r} is none of its arguments" if unknown else "its arguments have names"
            pytest.fail(f"@pytest.mark.{MARKER}: {wrong}: {', '.join((*OPENED, LINT_ALLOW))}", pytrace=False)
        options |= marker.kwargs
    return options


def _lint_allow(item: pytest.Item) -> list[str]:
    """Return the rules that need not hold for a test."""
    from apidouble.mockserver.story.lint import check_rules

    allowed, problem = [_marked(item).get(LINT_ALLOW, ()), item.config.getini("apidouble_lint_allow")], ""
    for rules in allowed:
        try:
            check_rules(rules)
        except ValueError as error:
            problem = str(error)
    if problem:
        pytest.fail(f"@pytest.mark.{MARKER}({LINT_ALLOW}=…), apidouble_lint_allow: {problem}", pytrace=False)
    return [rule for rules in allowed for rule in rules]
