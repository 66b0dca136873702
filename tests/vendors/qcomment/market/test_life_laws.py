"""The laws of a world that lives by itself: money, counters, tables, the same life again, and none of others."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apidouble.mockserver.domain.journal import CREATED
from apidouble.mockserver.stage.scenarios import Scenario
from apidouble.mockserver.stage.simulator import Simulator

DAY_MS = 24 * 60 * 60 * 1000
WILD = {
    "population": {"size": 60},
    "arrivals": {"minutes": 4, "hours": [1] * 24},
    "administration": {"moderation_minutes": 30, "block_percent": 20, "block_hours": [1, 100]},
}
SCENARIOS = st.sampled_from(["instant", "realistic", "hostile"])
ORDERS = st.lists(
    st.fixed_dictionaries(
        {"pay": st.integers(1, 25), "tarif_id": st.sampled_from([2, 5, 191, 183, 33])},
        optional={
            "premoderation": st.just(1),
            "limit_hour": st.integers(1, 5),
            "limit_author_day": st.just(1),
            "start_time": st.just("09:00"),
            "end_time": st.just("21:00"),
            "group_id": st.just(4),
            "screenshot": st.just(1),
        },
    ),
    min_size=1,
    max_size=3,
)
few = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=25
)


def recount(market: Any, project: Any) -> None:
    """Assert that a project's counters are those of its works and of the authors that write."""
    statuses = Counter(work.status for work in market.works(project))
    assert {status: count for status, count in project.statuses.items() if count} == dict(statuses)
    stream = market.world.lives["qcomment"].streams.get(project.id)
    assert project.in_works == (len(stream.open) if stream else 0)
    assert project.in_works + statuses[0] + statuses[3] + statuses[4] <= project.pay
    assert (project.status in (0, 3)) >= (project.pay == 0)
    dates = [work.date_ms for work in market.works(project) if work.date_ms is not None]
    if dates and project.id > 8910:
        assert project.last_comment_ms <= max(dates)
    for ready in market.account.ready_comments.values():
        assert 0 <= ready.used <= ready.number_use


def balances(market: Any) -> None:
    """Assert that no money was made or lost, and that what projects hold is what their paid works cost."""
    account = market.account
    assert list(account.ledger.imbalances()) == []
    for currency in ("RUB", "USD"):
        own = [project for project in account.projects.values() if project.currency == currency]
        assert sum(lot.count * lot.cost_minor for project in own for lot in project.lots) == account.ledger.amount(
            currency, "held"
        )


@few
@given(SCENARIOS, ORDERS)
def test_money_and_counters_agree_at_every_instant(
    marketplace: Any, scenario: str, orders: list[dict[str, Any]]
) -> None:
    """After each single timer of twenty days, with a customer who decides by himself."""
    market = marketplace(scenario, customer=True, **WILD)
    for order in orders:
        market.order(**order)

    def see() -> None:
        balances(market)
        for project in market.account.projects.values():
            recount(market, project)

    market.watch(20, see)


@few
@given(SCENARIOS, ORDERS)
def test_only_moves_of_the_tables_happen(marketplace: Any, scenario: str, orders: list[dict[str, Any]]) -> None:
    """Whatever happened is a row of a machine's table."""
    market = marketplace(scenario, customer=True, **WILD)
    for order in orders:
        market.order(**order)
    market.pass_time(days=20)
    machines = market.world.rules["qcomment"].machines

    assert market.world.moves
    for machine, event, source, target, _ in market.world.moves:
        assert (event == CREATED) == (source is None)
        assert source is None or machines[machine].events[event].moves[source] == target


@few
@given(SCENARIOS, ORDERS, st.lists(st.integers(0, 4 * DAY_MS), max_size=6))
def test_many_steps_are_one_step(
    marketplace: Any, scenario: str, orders: list[dict[str, Any]], steps: list[int]
) -> None:
    """However time is cut, the same world comes of it; looking at it on the way changes nothing."""
    left = []
    for cut in (steps, [sum(steps)]):
        market = marketplace(scenario, customer=True, **WILD)
        for order in orders:
            market.order(**order)
        for step_ms in cut:
            market.world.advance(market.world.now_ms + step_ms)
            market("projects")
            market("requests")
        left.append((repr(market.account), market.world.timers))
    assert left[0] == left[1]


@few
@given(SCENARIOS, ORDERS, ORDERS)
def test_other_projects_change_nothing(
    marketplace: Any, scenario: str, orders: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    """What arrives at a project, from whom and when, is the same with and without projects created after it."""
    lives = []
    for more in ([], others):
        market = marketplace(scenario, **WILD)
        mine = [market.order(**order) for order in orders]
        for order in more:
            market.order(**order)
        market.pass_time(days=12)
        lives.append(
            [(project.status, project.in_works, [_life(work) for work in market.works(project)]) for project in mine]
        )
    assert lives[0] == lives[1]


def _life(work: Any) -> tuple[Any, ...]:
    return (
        work.author,
        work.date_ms,
        work.status,
        work.robot_find,
        work.uniq,
        work.method_pay,
        work.date_pay_ms,
        work.fate,
    )


def test_group_binds_its_projects_together(marketplace: Any) -> None:
    """The one exception: under a limit on a group, what comes to one project counts at the other."""
    wanted = {"group_id": 9, "limit_author_group": 1}
    market = marketplace(**WILD)
    first, second = market.order(30, **wanted), market.order(30, **wanted)
    market.pass_time(days=10)
    authors = [work.author for project in (first, second) for work in market.works(project)]
    assert len(authors) == len(set(authors))


FINGERPRINT = """
import hashlib
from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.scenarios import Scenario
from apidouble.mockserver.stage.simulator import Simulator
simulator = Simulator.open(scenario=Scenario.read("hostile").with_customer())
account = simulator.world.accounts["qcomment"]
account.ledger.deposit("RUB", 10**8)
def call(operation, fields):
    body = f"apicode={account.key}&{fields}".encode()
    return simulator.answer(Request("POST", "/api/" + operation, "", "application/x-www-form-urlencoded", body)).body
order = "title=T&subjects=2&tarif_id=2&task=Z&pay=40&limit_author_day=2&language="
answers = [call("newproject", order + language) for language in ("ru", "en", "ua", "by")]
simulator.world.advance(simulator.world.now_ms + 15 * 24 * 3600 * 1000)
for project in (8911, 8912, 8913, 8914):
    answers.append(call("comments", f"project_id={project}&status=all"))
    answers.append(call("project", f"project_id={project}"))
print(hashlib.sha256(b"".join(answers)).hexdigest(), len(account.comments))
"""


def test_same_life_in_any_process_and_time_zone() -> None:
    """Other hash seeds and time zones, each in a process of its own, give the same answers to the byte."""
    said = set()
    for hash_seed, zone in (("0", "UTC"), ("1", "America/St_Johns"), ("12345", "Asia/Kolkata")):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone}
        said.add(
            subprocess.run(
                [sys.executable, "-c", FINGERPRINT], env=environment, capture_output=True, text=True, check=True
            ).stdout
        )

    (once,) = said
    assert int(once.split()[1]) > 40


def test_another_seed_is_another_life() -> None:
    """The seed of a scenario decides who comes when."""
    lives = set()
    for seed in (1, 2):
        market = Simulator.open(scenario=Scenario("s", "", "documented", seed, Scenario.read("realistic").life))
        market.world.advance(market.world.now_ms + 3 * DAY_MS)
        lives.add(hashlib.sha256(repr(market.world.accounts["qcomment"].comments).encode()).hexdigest())
    assert len(lives) == 2


def test_documented_world_lives_by_nobody() -> None:
    """Without a life nothing arrives in a year."""
    simulator = Simulator.open()
    simulator.world.advance(simulator.world.now_ms + 365 * DAY_MS)
    assert sorted(simulator.world.accounts["qcomment"].comments) == [55555, 300000]
