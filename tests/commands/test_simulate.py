"""`apidouble simulate`: tables, a report that needs nothing else, and the works as a file."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from apidouble.mockserver.commands.main import main
from apidouble.mockserver.commands.simulation import deliveries
from apidouble.mockserver.commands.simulation.report import page
from apidouble.mockserver.commands.simulation.run import Run, rows, simulate
from apidouble.mockserver.domain.money import minor
from apidouble.mockserver.stage.scenarios import Scenario

SMALL = ["simulate", "--days", "5", "--projects", "6", "--works", "8", "--submissions", "12"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def live(scenario: str = "realistic", **changes: Any) -> Run:
    wanted: dict[str, Any] = {"days": 5, "projects": 6, "works": 8, "progress": lambda *_: None}
    return simulate(Scenario.read(scenario), **wanted | changes)


def test_tables_tell_what_came_of_it() -> None:
    """Works by status, money by currency and purse, and how much has happened."""
    result = run(*SMALL)

    assert result.exit_code == 0
    for word in (
        "on review",
        "in rework",
        "Submissions",
        "USD delivered",
        "RUB",
        "held",
        "paid",
        "events in",
        "seed 1",
    ):
        assert word in result.stdout


def test_same_seed_is_same_life_and_another_is_not() -> None:
    """What is written depends on the seed alone."""
    first, second = list(rows(live())), list(rows(live()))
    assert first == second
    seeded = Scenario("s", "", "documented", 9, Scenario.read("realistic").life)
    assert list(rows(simulate(seeded, days=5, projects=6, works=8, progress=lambda *_: None))) != first


@pytest.mark.parametrize(("option", "least"), [("--out", 20), ("--submissions-out", 12)])
def test_both_formats_hold_the_same(tmp_path: Path, option: str, least: int) -> None:
    """A line of JSON or of CSV for each work or submission, none lost."""
    lines, table = tmp_path / "found.jsonl", tmp_path / "found.csv"
    assert run(*SMALL, option, str(lines)).exit_code == run(*SMALL, option, str(table)).exit_code == 0
    written = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    with table.open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))

    assert len(written) > least
    assert [{name: "" if value is None else str(value) for name, value in row.items()} for row in written] == read


def test_report_stands_alone(tmp_path: Path) -> None:
    """One well-formed page with every chart, which loads nothing from anywhere."""
    report = tmp_path / "out.html"
    assert run(*SMALL, "--report", str(report)).exit_code == 0
    text = report.read_text("utf-8")

    assert not re.search(r"(?:src|href)\s*=|@import|url\(", text)
    for title in (
        "by hour of the day",
        "by day",
        "Works by status",
        "RUB",
        "Projects",
        "Submissions by status",
        "Services",
    ):
        assert title in text
    drawn = [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", text)]
    assert len(drawn) >= 6
    for number in re.findall(r'[ "](-?[0-9.]+)(?=[," ])', " ".join(re.findall(r'points="[^"]*"', text))):
        assert 0 <= float(number) <= 1040


def test_report_counts_what_the_works_are() -> None:
    """The bars by hour add up to the works that came, in the simulated world's own time zone."""
    done = live()
    bars = re.findall(r"<title>(\d\d): (\d+)</title>", page(done))
    assert sum(int(count) for _, count in bars) == sum(row["id"] > 300000 for row in rows(done)) > 20


@pytest.mark.parametrize("scenario", ["realistic", "hostile"])
def test_deliveries_add_up(scenario: str) -> None:
    """Every order is accepted, spread over the first half; what it cost is delivered, to come, paid back or lost."""
    done = live(scenario, days=30, projects=0, submissions=60)
    found, (first, *_, last) = list(deliveries.rows(done.world)), done.deliveries

    assert len(found) == 60 + 1
    assert first.at_ms < last.at_ms == done.world.now_ms
    assert max(row["created"] for row in found) == "2021-12-05T03:00:00Z"
    counted = [sum(sample.groups.values()) for sample in done.deliveries]
    assert counted == sorted(counted) and counted[-1] == len(found)
    delivered = [sample.worth["delivered"] for sample in done.deliveries]
    assert delivered == sorted(delivered)
    cost, back = (sum(minor(row[name]) for row in found) for name in ("cost", "refunded"))
    assert (sum(last.worth.values()), last.worth["paid back"]) == (cost, back)
    assert min(last.worth.values()) >= 0 and back > 0
    assert sum(deliveries.statuses(done.world).values()) == sum(s.orders for s in deliveries.services(done.world))
    assert len({row["id_service"] for row in found}) > 10
    assert all(row["delivered"] == row["wanted_count"] for row in found if row["id_status"] == 1)


def test_page_without_deliveries_says_nothing_of_them() -> None:
    """Where the scenario has none, nothing is ordered."""
    done = live("documented", submissions=5)
    assert (done.deliveries, len(deliveries.submissions(done.world))) == ([], 1)
    assert "QQTube" not in page(done)


@pytest.mark.parametrize("scenario", ["documented", "instant", "hostile"])
def test_every_scenario_can_be_simulated(scenario: str) -> None:
    """Also one without any life, whose page is just empty."""
    done = live(scenario)
    assert (sum(done.hours.values()) > 0) == (scenario != "documented")
    assert page(done).startswith("<!doctype html>")
    assert list(done.account.ledger.imbalances()) == []


def test_the_faults_of_a_scenario_leave_its_simulation_alone() -> None:
    """The projects are there whatever befalls the calls of clients."""
    calm = Scenario.read("instant")
    rough = replace(calm, faults=({"kind": "reset", "when": "before", "times": None},))
    lived = [list(rows(simulate(s, days=1, projects=2, works=1, progress=lambda *_: None))) for s in (calm, rough)]
    assert lived[0] == lived[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scenario", "peaceful"], "there is no scenario 'peaceful'"),
        (["--days", "0"], "--days"),
        (["--report", "/nonexistent/out.html"], "/nonexistent/out.html"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], said: str) -> None:
    """A wrong name, number or path ends with a sentence, not with a traceback."""
    result = run(*SMALL, *arguments)
    assert result.exit_code != 0
    assert said in result.output
    assert "Traceback" not in result.output
