"""Turn a simulated customer's orders of QQTube into figures of how they were delivered, and what was paid back."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.domain.draws import between, drawer
from apidouble.mockserver.domain.instants import write_instant
from apidouble.mockserver.domain.money import USD, major
from apidouble.mockserver.domain.world import Item, World
from apidouble.mockserver.spec.model import FORM
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.vendors.qqtube.pricing import cost_minor
from apidouble.mockserver.vendors.qqtube.state import Account, Submission

VENDOR = "qqtube"
MOST_STEPS = 30  # an order is at most so many increments above the least
BOUND = re.compile(r"(min|minlines|minchar):([0-9]+)")
GROUPS: Mapping[str, str] = {
    "in_progress": "in progress",
    "completed": "completed",
    "refunded": "refunded",
    "error": "failed",
    "stopped": "stopped",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How deliveries stand at an instant: submissions by the group of their status, and what became of their cost.

    `worth` divides the cost of all submissions, in cents, into what is delivered, to come, paid back, and lost.
    """

    at_ms: int
    groups: Mapping[str, int]
    worth: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Service:
    """What became of the orders of one service; counts are of what it delivers, money in cents."""

    name: str
    orders: int
    ordered: int
    delivered: int
    groups: Mapping[str, int]
    cost_minor: int
    refunded_minor: int


def order(simulator: Simulator, number: int) -> None:
    """Order, through the API, a service and a quantity that depend on the number and the seed; pay in what it costs."""
    world = simulator.world
    account: Account = world.accounts[VENDOR]
    draws = drawer(world.seed, f"simulated submission {number}", "order")(0)
    services = list(world.rules[VENDOR].catalogs["services"].values())
    service = services[between(draws[0], 0, len(services) - 1)]
    least, step = int(service["amount_minimum"]), int(service["amount_increment"])
    most = max(int(row["maximum"]) for row in service["prices"])
    quantity = least + step * between(draws[1], 0, min((most - least) // step, MOST_STEPS))
    answers = {param["field_name"]: _answer(param) for param in service["params"]}
    fields = {
        "api_key": account.key,
        "action": "add",
        "id_service": service["id_service"],
        "url": f"{service['example'].rstrip('/')}{number}",
        "quantity": quantity,
        **answers,
    }
    if service["countries"]:
        fields["geo-countries"] = service["countries"][between(draws[2], 0, len(service["countries"]) - 1)]
    account.ledger.deposit(USD, cost_minor(service, quantity, answers))
    simulator.answer(Request("POST", "/v1-api", "", FORM, urlencode(fields).encode()))


def _answer(param: Item) -> str:
    """Return the least that a service's own parameter may be."""
    for option in param["options"]:
        if option["error_selection"] == "0":
            return str(option["value"])
    bounds = {name: int(bound) for name, bound in BOUND.findall(param["field_validators"])}
    if param["field_type"] == "number":
        return str(bounds.get("min", 1))
    lines = "\n".join(f"Line {number + 1}" for number in range(bounds.get("minlines", 1)))
    return lines.ljust(bounds.get("minchar", 0), ".")


def progress(world: World) -> Progress:
    """Return how deliveries stand now."""
    groups: Counter[str] = Counter()
    worth = Counter({"delivered": 0, "to come": 0, "paid back": 0, "lost": 0})
    for submission in submissions(world):
        group = _group(world, submission)
        groups[group] += 1
        missing_minor = submission.worth_minor(submission.missing)
        worth["delivered"] += submission.cost_minor - missing_minor
        back_minor = min(submission.refunded_minor, missing_minor)
        worth["paid back"] += back_minor
        worth["to come" if group == "in progress" else "lost"] += missing_minor - back_minor
    return Progress(world.now_ms, groups, worth)


def services(world: World) -> Iterator[Service]:
    """Yield what became of the orders of each service that was ordered."""
    catalog = world.rules[VENDOR].catalogs["services"]
    ordered: dict[int, list[Submission]] = {}
    for submission in submissions(world):
        ordered.setdefault(submission.id_service, []).append(submission)
    for id_service, orders in sorted(ordered.items()):
        yield Service(
            name=catalog[id_service]["public_name"],
            orders=len(orders),
            ordered=sum(s.wanted_count for s in orders),
            delivered=sum(s.delivered for s in orders),
            groups=Counter(_group(world, s) for s in orders),
            cost_minor=sum(s.cost_minor for s in orders),
            refunded_minor=sum(s.refunded_minor for s in orders),
        )


def statuses(world: World) -> Mapping[int, int]:
    """Count the submissions by status."""
    return Counter(submission.status for submission in submissions(world))


def rows(world: World) -> Iterator[dict[str, Any]]:
    """Yield each submission as plain values, in the order they came."""
    states = world.rules[VENDOR].machines["submission"].states
    catalog = world.rules[VENDOR].catalogs["services"]
    for submission in submissions(world):
        yield {
            "id_service_submission": submission.id,
            "id_service": submission.id_service,
            "service": catalog[submission.id_service]["public_name"],
            "url": submission.url,
            "created": write_instant(submission.created_ms),
            "id_status": submission.status,
            "status": states[submission.status].name,
            "wanted_count": submission.wanted_count,
            "delivered": submission.delivered,
            "start_count": submission.start_count,
            "current_count": submission.current_count,
            "sent_count": submission.sent_count,
            "cost": str(major(submission.cost_minor)),
            "refunded": str(major(submission.refunded_minor)),
        }


def submissions(world: World) -> list[Submission]:
    """Return the submissions as they are now."""
    account: Account = world.present(VENDOR)
    return list(account.submissions.values())


def _group(world: World, submission: Submission) -> str:
    return GROUPS[world.rules[VENDOR].machines["submission"].states[submission.status].info["group"]]
