"""How commands end: one table of exit codes, on terminals of any encoding, and nothing half done."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from apidouble.mockserver.commands.ends import FOUND, NO_ANSWER, WRONG_USE
from apidouble.mockserver.commands.main import CLIENT, OWN, main
from apidouble.specs import ROOT

ENCODINGS = ("cp1252", "cp866", "ascii")
KEYS = {
    "QCOMMENT_APICODE": "5d41402abc4b2a76b9719d911017c592",
    "QQTUBE_API_KEY": "172a1c261d1d84916d9e7321153d0416acab98fc",
}
NOBODY = "http://127.0.0.1:9"
MISSING = "missing/folder/file.out"


def run(*arguments: str | Path, encoding: str = "utf-8", **environment: str) -> Result:
    """Run a command line; an exception that is no exit fails the test."""
    runner = CliRunner(charset=encoding, env={"APIDOUBLE_TOKEN": "", "APIDOUBLE_URL": "", **environment})
    return runner.invoke(main, list(map(str, arguments)), catch_exceptions=False)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("command", [*OWN, *CLIENT])
def test_help_is_printed_on_any_terminal(command: str, encoding: str) -> None:
    """What an encoding does not have is escaped."""
    assert run(command, "--help", encoding=encoding).exit_code == 0


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "arguments",
    [
        ["coverage", "--url", "SERVER"],
        ["lint", "--url", "SERVER"],
        ["clock", "--url", "SERVER"],
        ["state", "--url", "SERVER"],
        ["faults", "--url", "SERVER"],
        ["reset", "--url", "SERVER"],
        ["readings", "--all"],
        ["scenarios"],
        ["worlds"],
        ["docs"],
        ["docs", "faults"],
        ["examples"],
        ["check"],
        ["scorecard"],
        ["simulate", "--days", "1", "--projects", "1", "--works", "3", "--submissions", "0"],
        ["qcomment", "--base-url", "SERVER", "get-tariff"],
        ["qcomment", "--base-url", "SERVER", "projects", "--json"],
        ["qqtube", "--base-url", "SERVER", "services"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_output_is_printed_on_any_terminal(arguments: list[str], encoding: str, server_url: str) -> None:
    """Cyrillic, dashes and box lines end no command."""
    named = [server_url if word == "SERVER" else word for word in arguments]

    result = run(*named, encoding=encoding, **KEYS)

    assert result.exit_code == 0, result.output
    assert result.output


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["coverage", "--url", NOBODY], NO_ANSWER),
        (["lint", "--url", NOBODY], NO_ANSWER),
        (["clock", "--url", NOBODY], NO_ANSWER),
        (["clock", "--url", NOBODY, "advance", "3d"], NO_ANSWER),
        (["reset", "--url", NOBODY], NO_ANSWER),
        (["state", "--url", NOBODY], NO_ANSWER),
        (["faults", "--url", NOBODY, "add", "reset"], NO_ANSWER),
        (["capsule", "save", "story.json", "--url", NOBODY], NO_ANSWER),
        (["qcomment", "--base-url", NOBODY, "balance"], NO_ANSWER),
        (["qqtube", "--base-url", NOBODY, "funds"], NO_ANSWER),
        (["coverage", "--url", "nowhere"], WRONG_USE),
        (["lint", "--allow", "no-such-rule"], WRONG_USE),
        (["clock", "advance", "soon"], WRONG_USE),
        (["capsule", "save", MISSING], WRONG_USE),
        (["capsule", "replay", MISSING], WRONG_USE),
        (["coverage", "--html", MISSING], WRONG_USE),
        (["coverage", "--json", MISSING], WRONG_USE),
        (["coverage", MISSING], WRONG_USE),
        (["scorecard", "--html", MISSING], WRONG_USE),
        (["scorecard", "--json", MISSING], WRONG_USE),
        (["drift", "--html", MISSING], WRONG_USE),
        (["drift", "--cassettes", MISSING], WRONG_USE),
        (["simulate", "--report", MISSING], WRONG_USE),
        (["simulate", "--out", MISSING], WRONG_USE),
        (["simulate", "--scenario", "nowhere"], WRONG_USE),
        (["serve", "--scenario", "nowhere"], WRONG_USE),
        (["serve", "--world", MISSING], WRONG_USE),
        (["serve", "--world", "missing.yaml"], WRONG_USE),
        (["serve", "--reading", "qqtube.message_key=telegram"], WRONG_USE),
        (["serve", "--rate", "60"], WRONG_USE),
        (["check", MISSING], WRONG_USE),
        (["world", "copy", "nowhere", "my.yaml"], WRONG_USE),
        (["world", "copy", "documented", MISSING], WRONG_USE),
        (["docs", "nowhere"], WRONG_USE),
        (["examples", "copy", "cobol"], WRONG_USE),
        (["examples", "copy", "php", MISSING], WRONG_USE),
        (["proxy", "--to", "live"], WRONG_USE),
        (["record", "qcomment"], WRONG_USE),
        (["qcomment", "--live", "--base-url", NOBODY, "balance"], WRONG_USE),
        (["qcomment", "--config", MISSING, "balance"], WRONG_USE),
        (["no-such-command"], WRONG_USE),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else str(given),
)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_wrong_input_ends_as_the_table_says(
    arguments: list[str], code: int, encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message on standard error, an exit code of the table, no traceback, and no new file or folder."""
    monkeypatch.chdir(tmp_path)

    result = run(*arguments, encoding=encoding, XDG_CONFIG_HOME=str(tmp_path), **KEYS)

    assert result.exit_code == code, result.output
    assert "Error: " in result.stderr
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_vendors_refusal_is_something_found(server_url: str) -> None:
    """The call went through, and the answer is no."""
    result = run("qcomment", "--base-url", server_url, "project", "777", **KEYS)

    assert result.exit_code == FOUND


def test_client_calls_a_double_unless_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without an address it is this machine that is called, with --live the live service."""
    asked: list[str] = []

    class Made:
        def __init__(self, _: str, base_url: str = "live") -> None:
            asked.append(base_url)

        def __enter__(self) -> "Made":
            raise click.ClickException("enough")

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr("apidouble.client.commands.qqtube.QQTube", Made)
    for arguments in (["qqtube", "funds"], ["qqtube", "--live", "funds"]):
        run(*arguments, XDG_CONFIG_HOME=str(tmp_path), **KEYS)

    assert asked == ["http://127.0.0.1:8080", "live"]


def test_clock_is_moved_from_the_shell(server_url: str) -> None:
    """What the verbs say is what the control plane does."""
    before = run("clock", "--url", server_url).output
    moved = run("clock", "--url", server_url, "advance", "3d12h").output
    stepping = run("clock", "--url", server_url, "step", "1h").output
    frozen = run("clock", "--url", server_url, "freeze").output
    fresh = run("reset", "--url", server_url).output

    assert before == fresh == "now     2021-11-20T09:00:00Z\nclock   frozen\n"
    assert moved.startswith("now     2021-11-23T21:00:00Z\nclock   frozen\nevents  ")
    assert "polling, 3600 virtual seconds a call" in stepping
    assert "clock   frozen" in frozen


def test_faults_are_planted_from_the_shell(server_url: str) -> None:
    """Added, listed and taken out by number."""
    added = run(
        "faults", "--url", server_url, "add", "server_error", "--when", "after", "--operation", "newproject",
        "--option", "status=503", "--times", "2",
    ).output  # fmt: skip
    listed = run("faults", "--url", server_url).output
    cleared = run("faults", "--url", server_url, "clear", "1").output

    assert added == listed
    assert added.startswith("#1  server_error  after  ")
    assert "operation=newproject" in added and "status=503" in added and "times=2" in added
    assert cleared == "No faults.\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("apidouble.toml", '[coverage]\nurl = "{url}"\n\n[qqtube]\nbase-url = "{url}"\n'),
        ("pyproject.toml", '[tool.apidouble.coverage]\nurl = "{url}"\n[tool.apidouble.qqtube]\nbase_url = "{url}"\n'),
    ],
)
def test_options_come_from_the_nearest_file(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server_url: str
) -> None:
    """A file of the project sets what is not given on the command line or by a variable."""
    (tmp_path / "below").mkdir()
    (tmp_path / name).write_text(text.format(url=server_url), "utf-8")
    monkeypatch.chdir(tmp_path / "below")

    assert run("coverage").exit_code == 0
    assert run("qqtube", "funds", XDG_CONFIG_HOME=str(tmp_path), **KEYS).exit_code == 0
    assert run("coverage", "--url", NOBODY).exit_code == NO_ANSWER
    assert run("coverage", APIDOUBLE_COVERAGE_ONLY="no-such-dimension").exit_code == WRONG_USE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[serve]\nprt = 1\n", "serve has no option prt; did you mean port?"),
        ("[server]\nport = 1\n", "there is no command server"),
        ("port = 1\n", "write a section for each command"),
        ("[serve\n", "apidouble.toml"),
    ],
)
def test_settings_that_nobody_reads_are_refused(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip in the file is told, with the file's name."""
    (tmp_path / "apidouble.toml").write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)

    result = run("worlds")

    assert result.exit_code == WRONG_USE
    assert said in result.output and "apidouble.toml" in result.output


def test_world_and_examples_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy is whole, and is never written over something else."""
    monkeypatch.chdir(tmp_path)

    assert run("world", "copy", "documented", "my.yaml").exit_code == 0
    assert run("examples", "copy", "phpunit", "shop").exit_code == 0
    assert (tmp_path / "my.yaml").read_bytes() == (ROOT / "worlds" / "documented.yaml").read_bytes()
    assert (tmp_path / "shop" / "tests" / "ReviewsTest.php").is_file()
    assert run("world", "copy", "documented", "my.yaml").exit_code == WRONG_USE
    assert run("examples", "copy", "phpunit", "shop").exit_code == WRONG_USE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [["readings"], ["docs", "faults"], ["check"], ["--help"]])
def test_output_that_cannot_be_written_is_said(arguments: list[str]) -> None:
    """A full disk ends a command with one line and a code of the table, without a traceback."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "apidouble", *arguments], stdout=full, stderr=subprocess.PIPE, text=True,
            check=False, timeout=60,
        )  # fmt: skip

    assert ended.returncode == WRONG_USE
    assert ended.stderr == "Error: the output cannot be written: No space left on device\n"
