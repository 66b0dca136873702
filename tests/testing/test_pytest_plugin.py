"""The pytest plugin, in runs of their own: its reports, its verdict, several processes, and its absence."""

import json
import subprocess
import sys
from typing import Any

import pytest

from apidouble.mockserver.stage.capsule import Capsule

SUITE = """
    from apidouble.mockserver.domain.call import Request
    from apidouble.mockserver.stage.simulator import Simulator

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
            plugin = sys.modules["apidouble.mockserver.testing.pytest_plugin"]
            assert pytestconfig.pluginmanager.is_registered(plugin)
            ours = {name for name in sys.modules if name.split(".")[0] == "apidouble"}
            rooms = ("testing", "testing.pytest_plugin", "testing.pytest_live", "domain", "domain.shown")
            allowed = {"apidouble", "apidouble.mockserver", *(f"apidouble.mockserver.{room}" for room in rooms)}
            assert ours <= allowed
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
        "import sys, pytest; before = set(sys.modules); import apidouble.mockserver.testing.pytest_plugin;"
        "new = {name.split('.')[0] for name in set(sys.modules) - before};"
        "sys.exit(' '.join(sorted(new - sys.stdlib_module_names - {'apidouble'})) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")


DOUBLES = """
    import time
    import pytest
    import requests
    from apidouble.mockserver import ForeignHostError

    QCOMMENT = "https://qcomment.ru/api/"

    def create(double, **parameters):
        return requests.post(QCOMMENT + "newproject", {"apicode": double.keys["qcomment"], **parameters}).json()

    @pytest.mark.parametrize("turn", range(2))
    def test_fresh(apidouble, qcomment_client, qqtube_client, apidouble_urls, turn):
        assert apidouble_urls == {"qcomment": "https://qcomment.ru", "qqtube": "https://www.qqtube.com"}
        assert qcomment_client.newproject(title="t", subjects=2, tarif_id=2, task="t").project_id == 8911
        assert str(qqtube_client.funds()) == "508.60"
        apidouble.calls.in_order("newproject", "funds")

    def test_clock(apidouble, apidouble_clock, monkeypatch):
        monkeypatch.setattr(time, "sleep", apidouble_clock.sleep)
        time.sleep(3600)
        apidouble_clock.advance("1d")
        assert apidouble_clock.now.isoformat() == "2021-11-21T10:00:00+00:00"

    @pytest.mark.apidouble(start="2026-01-01T00:00:00+03:00")
    class TestMarked:
        @pytest.mark.apidouble(readings={"qqtube.message_key": "messages"}, lint_allow=["unread-parameter"])
        def test_nearest_marker_adds(self, apidouble):
            assert apidouble.clock.now.year == 2025
            answer = requests.get(apidouble.base_urls["qqtube"] + "/v1-api", {"action": "funds", "x": 1})
            assert "messages" in answer.json()

        def test_marker_without_fixture(self):
            with pytest.raises(ForeignHostError):
                requests.get("https://example.com/")

    def test_served(apidouble, apidouble_server):
        sent = {"apicode": apidouble.keys["qcomment"]}
        assert requests.post(apidouble_server + "/api/balance", sent).json() == {"balance": 122.5}
        apidouble.calls.where("balance").once()

    def test_sloppy(apidouble):
        assert create(apidouble, tariff_id=2)["status"] == "no"
"""
WRONG = """
    import pytest
    import requests

    @pytest.mark.apidouble(senario="realistic")
    def test_unknown_argument(): pass

    @pytest.mark.apidouble("realistic")
    def test_argument_without_name(): pass

    @pytest.mark.apidouble(scenario="realistik")
    def test_unknown_scenario(): pass

    @pytest.mark.apidouble(start="2026-01-01")
    def test_start_without_offset(): pass

    @pytest.mark.apidouble(lint_allow=["duplicate-ad"])
    def test_unknown_rule(): pass

    @pytest.mark.apidouble(start="2026-01-01T00:00:00+03:00")
    def test_fails(apidouble):
        sent = {"apicode": apidouble.keys["qcomment"], "project_id": 99, "x": 1}
        requests.post("https://qcomment.ru/api/payproject", sent)
        apidouble.calls.where("payproject", project_id=100).once()
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Any:
    """What runs a suite that uses the fixtures, beside modules of the user's own called like ours."""
    pytester.makepyfile(client="mine = 1", mockserver="mine = 2", specs="mine = 3")
    pytester.makepyfile(conftest="import client, mockserver, specs")

    def runner(tests: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(test_suite=tests)
        common = ("--strict-markers", "-p", "no:cacheprovider", "-p", "no:randomly")
        if "-n" in options:
            return pytester.runpytest_subprocess(*common, *options, timeout=120)
        return pytester.runpytest_inprocess(*common, "-p", "no:xdist", *options)

    return runner


def test_fixtures_and_marker_give_each_test_a_double(suite: Any) -> None:
    """Fresh worlds, a clock, ready clients, a server; a bad habit is told in the summary and breaks nothing."""
    result = suite(DOUBLES, "-n", "1", "--apidouble-fail-under=1", "--apidouble-fail-under-for=operations")

    result.assert_outcomes(passed=7)
    result.stdout.fnmatch_lines(
        [
            "*= apidouble lint =*",
            "test_suite.py::test_sloppy",
            "  error: near-miss-parameter: newproject *tarif_id? (#1)",
        ]
    )
    result.stdout.no_fnmatch_line("*unread-parameter*")


def test_lint_fails_tests_or_says_nothing(suite: Any) -> None:
    """As an error a bad habit fails its test and no other; switched off, or allowed for all, it is not told."""
    strict = suite(DOUBLES, "--apidouble-lint=error")
    allowed = suite(
        DOUBLES, "-k", "sloppy", "-o", "apidouble_lint_allow=near-miss-parameter", "-o", "apidouble_lint=error"
    )
    off = suite(DOUBLES, "-k", "sloppy", "--apidouble-lint=off")

    strict.assert_outcomes(passed=6, failed=1)
    strict.stdout.fnmatch_lines(["The client did what will not go well:", "error: near-miss-parameter: *"])
    allowed.assert_outcomes(passed=1, deselected=6)
    off.assert_outcomes(passed=1, deselected=6)
    off.stdout.no_fnmatch_line("*apidouble lint*")


def test_mistakes_in_the_marker_and_failures_are_told(suite: Any, pytester: pytest.Pytester) -> None:
    """What is wrong with a marker is one line; a failing test shows the calls, without the key."""
    result = suite(WRONG, "--apidouble-capsules=kept", "--apidouble-lint=error")

    result.assert_outcomes(failed=1, errors=5)
    result.stdout.fnmatch_lines(
        [
            "@pytest.mark.apidouble: 'senario' is none of its arguments: world, scenario, *",
            "@pytest.mark.apidouble: its arguments have names: world, *",
            "@pytest.mark.apidouble: there is no scenario 'realistik': name one of *",
            "@pytest.mark.apidouble: start: 2026-01-01 has no offset*",
            "@pytest.mark.apidouble(lint_allow=…), *did you mean duplicate-add?",
            "E * project_id: expected 100, was '99'",
            "*- apidouble calls -*",
            "#1 2025-12-31T21:00:00Z POST payproject project_id=99 x=1 -> *",
            "    remark: x: not a parameter*",
            "    remark: pay is required",
            "To replay them: apidouble capsule replay kept/test_suite.py-test_fails-*.json",
        ]
    )
    result.stdout.no_fnmatch_line("*apicode=5d41*")
    (kept,) = (pytester.path / "kept").iterdir()
    replay = Capsule.read(kept).replay()
    assert (replay.calls, replay.first_difference) == (1, None)


def test_importing_is_cheap() -> None:
    """`import apidouble.mockserver` loads the standard library alone; what it offers comes when it is asked for."""
    code = (
        "import sys; before = set(sys.modules); import apidouble.mockserver as double;"
        "new = {name for name in set(sys.modules) - before if name.split('.')[0] not in sys.stdlib_module_names};"
        "assert new == {'apidouble', 'apidouble.mockserver'}, new;"
        "assert all(getattr(double, name) for name in double.__all__) and set(double.__all__) <= set(dir(double))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")


def test_settings_of_the_suite_hold_where_a_marker_says_nothing(pytester: pytest.Pytester, monkeypatch: Any) -> None:
    """The file of the suite sets the double of each test; a variable wins over it, and a marker over both."""
    pytester.makepyprojecttoml('[tool.pytest.ini_options]\napidouble_start = "2030-01-01T00:00:00Z"\n')
    pytester.makepyfile(
        """
        import os
        import pytest

        def test_of_the_suite(apidouble):
            expected = os.environ.get("APIDOUBLE_PYTEST_START", "2030-01-01T00:00:00Z")
            assert apidouble.clock.now.isoformat().startswith(expected[:10])

        @pytest.mark.apidouble(start="2026-05-05T00:00:00Z")
        def test_marked(apidouble):
            assert apidouble.clock.now.isoformat().startswith("2026-05-05")
        """
    )

    pytester.runpytest_subprocess("-p", "no:randomly", timeout=120).assert_outcomes(passed=2)
    monkeypatch.setenv("APIDOUBLE_PYTEST_START", "2031-02-02T00:00:00Z")
    pytester.runpytest_subprocess("-p", "no:randomly", timeout=120).assert_outcomes(passed=2)


def test_wrong_start_names_the_argument(pytester: pytest.Pytester) -> None:
    """The message says which argument is wrong, and what would be right."""
    pytester.makepyfile("""
        import pytest

        @pytest.mark.apidouble(start="yesterday")
        def test_marked(apidouble):
            pass
    """)

    result = pytester.runpytest_subprocess("-p", "no:randomly", timeout=120)

    result.stdout.fnmatch_lines(["*apidouble: start: *yesterday*; write an instant with an offset*"])
