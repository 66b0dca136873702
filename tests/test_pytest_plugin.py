"""The pytest plugin, in runs of their own: its reports, its verdict, several processes, and its absence."""

import json
import subprocess
import sys
from typing import Any

import pytest

SUITE = """
    from apidouble.mockserver.domain.call import Request
    from apidouble.mockserver.simulator import Simulator

    FORM = "application/x-www-form-urlencoded"

    def test_missing_id():
        body = b"apicode=5d41402abc4b2a76b9719d911017c592"
        answer = Simulator.open().answer(Request("POST", "/api/payproject", "", FORM, body))
        assert b"301" in answer.body

    def test_forced():
        request = Request("PUT", "/_apidouble/qcomment/comments/300000/status", "", "", b'{"status": 2}')
        assert Simulator.open().answer(request).status == 200
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> Any:
    """What runs a suite of two calls in a process of its own."""
    pytester.makepyfile(SUITE)

    def runner(*options: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider", *options, timeout=120)

    return runner


@pytest.mark.parametrize("processes", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_reports_hold_what_the_run_reached(run: Any, pytester: pytest.Pytester, processes: list[str]) -> None:
    """Table, page and file tell the same, whether one process ran the tests or several did."""
    result = run(
        "--apidouble-coverage", "--apidouble-coverage-json=out/c.json", "--apidouble-coverage-html=c.html", *processes
    )

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["dimension * natural * forced * never * reached", "codes * qcomment * 1 * 0 * 68 * 1.4 %"]
    )
    points = json.loads((pytester.path / "out" / "c.json").read_text("utf-8"))["points"]
    reached = {(p["dimension"], p["name"]): p["reach"] for p in points if p["reach"] != "never"}
    assert reached["codes", "301"] == "natural"
    assert reached["transitions", "reject 0→2"] == "forced"
    assert "project id missing" in (pytester.path / "c.html").read_text("utf-8")


def test_too_little_fails_the_run_and_is_named(run: Any) -> None:
    """A run whose tests pass fails all the same where it reached too little of what it was to reach."""
    result = run("--apidouble-fail-under=50", "--apidouble-fail-under-for=qcomment.codes,formats")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["apidouble: codes: 1.4 % reached, less than 50 %", "*303 (project not found)*"])
    result.stdout.no_fnmatch_line("never reached: parameters*")


def test_enough_passes_the_run(run: Any) -> None:
    """What is not asked for is not judged."""
    assert run("--apidouble-fail-under=1", "--apidouble-fail-under-for=qcomment.codes").ret == pytest.ExitCode.OK


def test_run_without_simulator_reaches_nothing(pytester: pytest.Pytester) -> None:
    """A demand is not met by observing nothing."""
    pytester.makepyfile("def test_nothing(): pass")

    result = pytester.runpytest_subprocess("--apidouble-fail-under=1")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["apidouble: nothing was observed*"])


def test_misspelt_demand_is_refused(run: Any) -> None:
    """A demand for an unknown dimension stops the run before the first test."""
    result = run("--apidouble-fail-under=1", "--apidouble-fail-under-for=code")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*'code' is none of operations*"])


def test_unused_plugin_imports_nothing_and_hides_nothing(pytester: pytest.Pytester) -> None:
    """Without its options it imports only itself; modules called client and mockserver are the user's own."""
    pytester.makepyfile(client="mine = 1", mockserver="mine = 2")
    pytester.makepyfile(
        test_own="""
        import sys
        import client, mockserver

        def test_modules(pytestconfig):
            assert pytestconfig.pluginmanager.hasplugin("apidouble")
            ours = {name for name in sys.modules if name.split(".")[0] == "apidouble"}
            live = {"apidouble.mockserver.live", "apidouble.mockserver.live.pytest_live"}
            assert ours - live == {"apidouble", "apidouble.mockserver", "apidouble.mockserver.pytest_plugin"}
            assert (client.mine, mockserver.mine) == (1, 2)
        """
    )

    result = pytester.runpytest_subprocess(
        "-W", "error", "-p", "no:randomly", "-p", "no:hypothesispytest", "-p", "no:flask"
    )

    result.assert_outcomes(passed=1)


def test_modules_of_the_user_are_not_taken_for_ours(pytester: pytest.Pytester) -> None:
    """A program that has imported its own client before it runs pytest is not warned about it."""
    pytester.makepyfile(client="mine = 1", mockserver="mine = 2", test_own="def test_own(): pass")
    program = pytester.makepyfile(program="import client, mockserver, pytest; pytest.main(['-W', 'error'])")

    pytester.runpython(program).assert_outcomes(passed=1)


def test_plugin_imports_the_standard_library_alone() -> None:
    """Beside pytest, which is there anyway, loading it imports nothing that has to be installed."""
    code = (
        "import sys, pytest; before = set(sys.modules); import apidouble.mockserver.pytest_plugin;"
        "new = {name.split('.')[0] for name in set(sys.modules) - before};"
        "sys.exit(' '.join(sorted(new - sys.stdlib_module_names - {'apidouble'})) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")
