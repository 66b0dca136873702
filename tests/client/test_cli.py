"""The command line: keys from where history does not keep them, questions before spending, tables and JSON."""

import builtins
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from apidouble.client.cli import groups
from apidouble.client.qcomment import QComment
from apidouble.mockserver.spec.load import load

GROUPS = {str(group.name): group for group in groups()}
APICODE = "5d41402abc4b2a76b9719d911017c592"
API_KEY = "172a1c261d1d84916d9e7321153d0416acab98fc"
KEYS = {"QCOMMENT_APICODE": APICODE, "QQTUBE_API_KEY": API_KEY}
VIDEO = "https://www.youtube.com/watch?v=jofNR_WkoCE"
Run = Callable[..., Result]


@pytest.fixture
def run(server_url: str, tmp_path: Path) -> Run:
    """What runs a command against a real server, with the keys in the environment and no config file."""

    def call(group: str, *arguments: str, env: dict[str, str] | None = None, typed: str = "") -> Result:
        env = {"XDG_CONFIG_HOME": str(tmp_path), "QCOMMENT_APICODE": "", "QQTUBE_API_KEY": "", "COLUMNS": "500"} | (
            KEYS if env is None else env
        )
        return CliRunner().invoke(GROUPS[group], ["--base-url", server_url, *arguments], env=env, input=typed)

    return call


def test_every_operation_has_a_command() -> None:
    """By its name; only getTariff is spelt as Python spells it."""
    vendors = load().vendors
    wanted = {name.replace("_", "-") for name in vendors["qcomment"].operations} - {"getTariff"} | {"get-tariff"}
    assert wanted <= GROUPS["qcomment"].commands.keys()
    assert {"add", "stats", "funds", "services"} <= GROUPS["qqtube"].commands.keys()


def test_tables_and_json_tell_the_same(run: Run) -> None:
    """A table for people, JSON for programs, with exact amounts."""
    table = run("qcomment", "projects").output
    rows = json.loads(run("qcomment", "projects", "--json").output)
    assert all(row["title"] in table for row in rows)
    assert json.loads(run("qcomment", "balance", "--json").output) == "122.5"
    assert json.loads(run("qqtube", "funds", "--json").output) == "508.60"
    assert "YouTube Geo-target Views" in run("qqtube", "services").output
    assert "2021-11-19T15:38:51+03:00" in run("qcomment", "--format", "xml", "project", "2", "--json").output


@pytest.mark.parametrize(
    ("group", "arguments"),
    [
        ("qcomment", ["payproject", "2", "1"]),
        ("qcomment", ["newproject", "--title", "Т", "--subjects", "2", "--tarif-id", "2", "--task", "З", "--pay", "1"]),
        ("qcomment", ["vipproject", "2", "1"]),
        ("qcomment", ["revision", "300000"]),
        ("qqtube", ["add", VIDEO, "1000", "3"]),
        ("qqtube", ["add", VIDEO, "1000", "55", "--param", "watch_minutes=5"]),
    ],
)
def test_what_spends_asks_first(group: str, arguments: list[str], run: Run) -> None:
    """No means no; --yes asks nothing."""

    def money() -> tuple[str, str, str]:
        return (
            run("qcomment", "balance").output,
            run("qqtube", "funds").output,
            run("qcomment", "requests", "--json").output,
        )

    before = money()
    declined = run(group, *arguments, typed="n\n")
    assert declined.exit_code == 1
    assert money() == before
    assert run(group, *arguments, "--yes").exit_code == 0
    assert money() != before


def test_what_does_not_spend_does_not_ask(run: Run) -> None:
    """A project without works, a rejection."""
    created = run("qcomment", "newproject", "--title", "Т", "--subjects", "2", "--tarif-id", "2", "--task", "З")
    assert created.exit_code == 0
    assert run("qcomment", "revision", "300000", "--operation", "2", "--reason", "Нет").exit_code == 0


def test_settings_of_all_types_arrive(run: Run) -> None:
    """Times, lists, flags, amounts, and JSON for what is nested."""
    options = {
        "title": "Все настройки",
        "subjects": "2",
        "tarif-id": "5",
        "task": "З",
        "price": "13.50",
        "premoderation": "yes",
        "start-time": "10:00",
        "comment-configs": "1,3",
        "geotargeting": '{"countries": [20], "cities": [20944]}',
        "social-setting": '[{"social": 1, "params": {"gender": 1}}]',
    }
    written = [word for name, value in options.items() for word in (f"--{name}", value)]
    created = json.loads(run("qcomment", "newproject", *written, "--json").output)
    project = json.loads(run("qcomment", "project", str(created["project_id"]), "--json").output)
    assert (project["price"], project["premoderation"], project["start_time"]) == ("13.5", True, "10:00:00")
    assert project["comment_configs"] == [1, 3]
    assert project["geotargeting"] == {"countries": [20], "cities": [20944], "except_cities": []}
    assert project["social_setting"][0]["params"]["gender"] == 1


def test_keys_come_from_a_config_file(run: Run, tmp_path: Path) -> None:
    """The usual one, or another; a file that others can read is remarked on."""
    other = tmp_path / "other.toml"
    other.write_text(f'[qcomment]\napicode = "{APICODE}"\nformat = "xml"\ncurrency = "USD"\n')
    answer = run("qcomment", "--config", str(other), "balance", "--json", env={})
    assert "chmod 600" in answer.stderr
    assert json.loads(answer.stdout) == "50"
    (tmp_path / "apidouble").mkdir()
    usual = tmp_path / "apidouble" / "client.toml"
    usual.write_text(f'[qqtube]\napi_key = "{API_KEY}"\n')
    usual.chmod(0o600)
    answer = run("qqtube", "funds", env={})
    assert (answer.stdout, answer.stderr) == ("508.60\n", "")


def test_without_a_key_it_says_where_one_is_looked_for(run: Run) -> None:
    """And a key as an argument takes insisting."""
    missing = run("qcomment", "balance", env={})
    assert missing.exit_code == 2
    assert "QCOMMENT_APICODE" in missing.output
    assert "client.toml" in missing.output
    assert run("qcomment", "--insist-key-on-command-line", APICODE, "balance", env={}).output == "122.5\n"


def test_refusals_are_told_in_both_languages_without_the_key(run: Run) -> None:
    """The exit code is 1: nothing was done."""
    refused = run("qcomment", "project", "777")
    assert refused.exit_code == 1
    assert "У Вас нет проекта с таким ID" in refused.output
    assert "project not found" in refused.output
    wrong = run("qqtube", "funds", env={"QQTUBE_API_KEY": "wrong-key"})
    assert wrong.exit_code == 1
    assert "wrong-key" not in wrong.output


def test_a_lost_answer_has_an_exit_code_of_its_own(run: Run, monkeypatch: pytest.MonkeyPatch, script: Any) -> None:
    """3: look before you repeat."""
    service = script((200, "text/html", b"<html>"))
    monkeypatch.setattr(QComment, "__enter__", lambda _: service.qcomment)
    assert run("qcomment", "payproject", "2", "1", "--yes").exit_code == 3


def test_without_rich_there_is_still_json(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a table says what to install."""
    real = builtins.__import__

    def fail(name: str, *rest: Any) -> Any:
        if name.startswith("rich"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", fail)
    assert "apidouble[client]" in run("qcomment", "projects").output
    assert run("qcomment", "projects", "--json").exit_code == 0
