"""Turn a scenario, some days and some projects into the figures of what would happen: a month in seconds."""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from apidouble.mockserver.commands.simulation import deliveries
from apidouble.mockserver.commands.simulation.deliveries import Progress
from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.domain.draws import drawer
from apidouble.mockserver.domain.instants import write_instant
from apidouble.mockserver.domain.money import PURSES, RUB, USD, Purse, major, minor
from apidouble.mockserver.domain.world import World
from apidouble.mockserver.spec.model import FORM
from apidouble.mockserver.stage.scenarios import Scenario
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.vendors.qcomment.state import Account, Comment

HOUR_MS = 60 * 60 * 1000
STEPS = 720  # a month is looked at hour by hour, a longer time as often
DELIVERY_STEPS = 6  # at deliveries once in so many steps
VENDOR = "qcomment"
RESERVE = 2  # a customer pays in so many times the average price of what he orders
CHANCE_PERCENT = 25
# What some of the projects set beside tariff and price, each by itself.
HABITS: tuple[Mapping[str, object], ...] = (
    {"limit_hour": 6},
    {"start_time": "09:00", "end_time": "22:00"},
    {"limit_author_day": 1, "limit_author": 5},
    {"delay_from": 5, "delay_to": 40},
    {"min_day_limit": 5, "max_day_limit": 40, "cnt_day_limit": 1},
    {"premoderation": 1},
    {"only_mobile": 1},
    {"user_verification": 1},
    {"screenshot": 1},
    {"language": "en"},
)


@dataclass(frozen=True, slots=True)
class Sample:
    """How things stand at an instant: works by status, authors that write, and money by currency and purse."""

    at_ms: int
    statuses: Mapping[int, int]
    writing: int
    money: Mapping[str, Mapping[Purse, int]]


@dataclass(slots=True)
class Run:
    """What a simulation has found. `hours` and `days` count the works handed in by local hour and by date.

    `deliveries` is empty where nothing was ordered of QQTube.
    """

    scenario: Scenario
    world: World
    start_ms: int
    samples: list[Sample] = field(default_factory=list)
    deliveries: list[Progress] = field(default_factory=list)
    hours: Counter[int] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)
    events: int = 0
    seconds: float = 0.0

    @property
    def account(self) -> Account:
        """The customer's account, as it is at the end."""
        account: Account = self.world.accounts[VENDOR]
        return account

    def status_name(self, machine: str, status: int) -> str:
        """Return what a state of one of QComment's machines is called."""
        return self.world.rules[VENDOR].machines[machine].states[status].name.replace("_", " ")


def simulate(
    scenario: Scenario,
    *,
    days: int,
    projects: int,
    works: int,
    progress: Callable[[float, int], None],
    submissions: int = 0,
) -> Run:
    """Open a world, order works for some projects, and let the days pass; raises SpecError.

    Submissions are ordered one after the other in the first half of the time, if the scenario has deliveries.
    The scenario's faults strike none of it.
    `progress` hears, now and then, which part is done and how much has happened.
    """
    simulator = Simulator.open(scenario=replace(scenario.with_customer(), faults=()))
    world = simulator.world
    run = Run(scenario, world, world.now_ms)
    account = run.account
    world_works = set(account.comments)
    for number in range(projects):
        _order(simulator, number, works)
    written: Counter[str] = Counter()
    world.journal.observers.append(lambda entry: written.update(moves=sum(move.times for move in entry.moves)))
    started = perf_counter()
    end_ms = world.now_ms + days * 24 * HOUR_MS
    step_ms = max(HOUR_MS, (end_ms - world.now_ms) // STEPS)
    wanted = submissions if deliveries.VENDOR in world.life else 0
    ordered = 0
    while True:
        while ordered < wanted and ordered * (end_ms - run.start_ms) <= 2 * wanted * (world.now_ms - run.start_ms):
            deliveries.order(simulator, ordered)
            ordered += 1
        if wanted and (len(run.samples) % DELIVERY_STEPS == 0 or world.now_ms >= end_ms):
            run.deliveries.append(deliveries.progress(world))
        run.samples.append(_sample(world, account))
        run.events = _happened(world, account) + written["moves"]
        progress((world.now_ms - run.start_ms) / max(end_ms - run.start_ms, 1), run.events)
        if world.now_ms >= end_ms:
            break
        world.advance(min(world.now_ms + step_ms, end_ms))
    run.seconds = perf_counter() - started
    for comment in account.comments.values():
        if comment.id not in world_works and comment.date_ms is not None:
            local = datetime.fromtimestamp(comment.date_ms / 1000, world.rules[VENDOR].zone)
            run.hours[local.hour] += 1
            run.days[local.date().isoformat()] += 1
    return run


def rows(run: Run) -> Iterator[dict[str, Any]]:
    """Yield each work as plain values, in the order they came."""
    for comment in run.account.comments.values():
        yield _row(run, comment)


def _row(run: Run, comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "project_id": comment.project_id,
        "author": comment.author,
        "status": run.status_name("comment", comment.status),
        "date": None if comment.date_ms is None else write_instant(comment.date_ms),
        "date_pay": None if comment.date_pay_ms is None else write_instant(comment.date_pay_ms),
        "cost": str(major(comment.cost_minor)),
        "currency": run.account.projects[comment.project_id].currency,
        "method_pay": comment.method_pay,
        "uniq": comment.uniq,
        "robot_find": comment.robot_find,
        "reworks": comment.rounds,
        "claim": None if comment.claim is None else run.status_name("claim", comment.claim.status),
        "url": comment.url,
    }


def _order(simulator: Simulator, number: int, works: int) -> None:
    """Create a project through the API, with a tariff and some limits that depend on its number and the seed."""
    world = simulator.world
    draws = drawer(world.seed, f"simulated project {number}", "settings")(0)
    tariffs = [row for row in world.rules[VENDOR].catalogs["tariffs"].values() if row["min_length"]]
    tariff = tariffs[draws[0] * len(tariffs) >> 32]
    account: Account = world.accounts[VENDOR]
    account.ledger.deposit(tariff["currency"], minor(tariff["average_price"]) * works * RESERVE)
    fields: dict[str, object] = {
        "apicode": account.key,
        "title": f"{number + 1}",
        "task": tariff["name"],
        "subjects": next(iter(world.rules[VENDOR].catalogs["subjects"])),
        "tarif_id": tariff["id"],
        "average_price": draws[1] >> 31,
        "url": f"https://site.example/{number + 1}",
        "pay": works,
    }
    for place, habit in enumerate(HABITS):
        if draws[2 + place] * 100 >> 32 < CHANCE_PERCENT:
            fields |= habit
    simulator.answer(Request("POST", "/api/newproject", "", FORM, urlencode(fields).encode()))


def _sample(world: World, account: Account) -> Sample:
    statuses: Counter[int] = Counter()
    writing = 0
    for project in account.projects.values():
        writing += project.in_works
        for status, count in project.statuses.items():
            statuses[status] += count
    money = {currency: {purse: account.ledger.amount(currency, purse) for purse in PURSES} for currency in (RUB, USD)}
    return Sample(world.now_ms, statuses, writing, money)


def _happened(world: World, account: Account) -> int:
    """Count what has happened: works taken and handed in, and moves of machines that no call has written yet."""
    market = world.lives.get(VENDOR)
    taken = sum(stream.number for stream in market.streams.values()) if market else 0
    return taken + len(account.comments) + sum(world.moves.values())


def write(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Write rows to a file: CSV if it is named so, else a line of JSON each."""
    with path.open("w", encoding="utf-8", newline="") as out:
        if path.suffix == ".csv":
            writer: csv.DictWriter[str] | None = None
            for row in rows:
                if writer is None:
                    writer = csv.DictWriter(out, list(row))
                    writer.writeheader()
                writer.writerow(row)
        else:
            out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
