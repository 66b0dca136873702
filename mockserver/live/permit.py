"""Decide whether a request may leave for a live service: what it is, whether it only reads, what it costs at most."""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any
from urllib.parse import urlsplit

from apidouble.mockserver.domain.call import Diagnostics, Request, UnreadableError
from apidouble.mockserver.domain.money import major, minor
from apidouble.mockserver.domain.world import Vendor
from apidouble.mockserver.gateway.decode import decode_body, decode_pairs
from apidouble.mockserver.spec.model import Operation, VendorSpec

KEY_VARIABLES = {"qcomment": "QCOMMENT_APICODE", "qqtube": "QQTUBE_API_KEY"}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
NAME = re.compile(r"[A-Za-z0-9_-]+(\[[A-Za-z0-9_-]*\])*")
METHODS = ("GET", "POST")


class NotPermittedError(Exception):
    """A request that stays here; the text says why and what would let it go."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The most that a call can cost, in minor units of a currency."""

    currency: str
    amount_minor: int

    def __str__(self) -> str:
        return f"{major(self.amount_minor)} {self.currency}"


@dataclass(slots=True)
class Budget:
    """Money that calls may spend, by currency. What is taken is never given back, whether the call succeeds or not."""

    left_minor: dict[str, int]
    lock: RLock = field(default_factory=RLock)

    @classmethod
    def read(cls, amounts: tuple[str, ...]) -> "Budget | None":
        """Read amounts such as RUB=20 or USD=1.50; None for none. Raises ValueError."""
        left: dict[str, int] = {}
        for amount in amounts:
            match = re.fullmatch(r"(RUB|USD)=([0-9]{1,7}(?:\.[0-9]{1,2})?)", amount)
            if match is None:
                raise ValueError(f"{amount!r} is no amount of money: write RUB=20 or USD=1.50")
            if match[1] in left:
                raise ValueError(f"{match[1]} has two budgets")
            left[match[1]] = minor(match[2])
        return cls(left) if left else None

    def take(self, operation: str, cost: Cost | None) -> None:
        """Take what a call can cost; raise NotPermittedError, and take nothing, where more than the rest is asked."""
        if cost is None:
            return
        with self.lock:
            left = self.left_minor.get(cost.currency, 0)
            if cost.amount_minor > left:
                raise NotPermittedError(
                    f"{operation} can cost {cost}, and {Cost(cost.currency, left)} of the budget is left"
                )
            self.left_minor[cost.currency] = left - cost.amount_minor

    def close(self) -> None:
        """Let nothing more be spent."""
        with self.lock:
            self.left_minor.clear()

    def __str__(self) -> str:
        return ", ".join(str(Cost(currency, amount)) for currency, amount in sorted(self.left_minor.items()))


@dataclass(frozen=True, slots=True)
class Call:
    """What a request asks for, as it was read before it left."""

    operation: Operation
    tree: Mapping[str, Any]
    key: str
    only_reads: bool

    @property
    def place(self) -> tuple[object, ...]:
        """What makes two calls the same: operation and parameters."""
        return self.operation.id, repr(sorted(self.tree.items()))


Estimate = Callable[[Call], Cost | None]


def read_call(spec: VendorSpec, vendor: Vendor, request: Request) -> Call:
    """Return what a request asks for; raise NotPermittedError for one that can be read in more than one way.

    A service may read a name that is sent twice, brackets that are left open, or parameters in two places in
    another way than we do, so none of that leaves.
    """
    if request.method not in METHODS:
        raise NotPermittedError(f"{request.method} is not sent: GET or POST")
    at_path = [operation for operation in spec.operations.values() if operation.path == request.path]
    if not at_path:
        raise NotPermittedError(f"{spec.name} has no such address")
    if (request.method == "POST" and request.query) or (request.method == "GET" and request.body):
        raise NotPermittedError("parameters are sent in one place: in the address of a GET, or the body of a POST")
    tree = read_tree(request)
    dispatched = {o.id: o for o in at_path if "action" in o.request.properties and len(at_path) > 1}
    action = tree.get("action")
    operation = dispatched.get(action) if isinstance(action, str) and dispatched else None
    if dispatched and operation is None:
        raise NotPermittedError("the action is none that the specs name")
    operation = operation or at_path[0]
    key = tree.get(vendor.key, "")
    if not isinstance(key, str):
        raise NotPermittedError(f"{vendor.key} is sent twice")
    return Call(operation, tree, key.strip(), operation.only_reads(tree))


def read_tree(request: Request) -> dict[str, Any]:
    """Return a request's parameters; raise NotPermittedError for one that can be read in more than one way."""
    diagnostics = Diagnostics()
    is_query = request.method == "GET"
    sent = request.query.encode("utf-8", "surrogateescape") if is_query else request.body
    content_type = "" if is_query else request.content_type
    try:
        tree = decode_body(content_type, sent, diagnostics, read_json=False)
        if diagnostics.notes:
            raise NotPermittedError("the body is not read: send a form")
        names = [name for name, _ in decode_pairs(content_type, sent, diagnostics)]
    except UnreadableError as error:
        raise NotPermittedError(f"the request cannot be read: {error.problem}") from None
    if any(not NAME.fullmatch(name) for name in names):
        raise NotPermittedError("a parameter's name has signs that a service may read in another way")
    lists = {name.partition("[")[0] for name in names if "[" in name}
    single = [name for name in names if "[" not in name]
    if len(single) != len(set(single)) or lists & set(single):
        raise NotPermittedError("a parameter is sent twice")
    return tree


@dataclass(slots=True)
class Permit:
    """What may leave for one vendor's service: calls that only read, and within the budget others."""

    spec: VendorSpec
    vendor: Vendor
    budget: Budget | None = None
    estimate: Estimate = lambda _: None

    def admit(self, request: Request) -> Call:
        """Return what a request asks for, its cost taken from the budget; raise NotPermittedError if it must not go."""
        call = read_call(self.spec, self.vendor, request)
        if call.only_reads:
            return call
        name = call.operation.id
        if self.budget is None:
            raise NotPermittedError(
                f"{name} does more than read, and there is no budget: --spend RUB=20 would give one"
            )
        if call.operation.cost == "untold":
            raise NotPermittedError(f"what {name} costs cannot be told before, so it is never sent")
        cost = None if call.operation.cost == "nothing" else self.estimate(call)
        self.budget.take(name, cost)
        sys.stderr.write(f"{name}: {cost or 'costs nothing'}; left: {self.budget}\n")
        return call


def host_of(spec: VendorSpec, named: str | None) -> str:
    """Return the address of the service that was named; raise NotPermittedError for none, or a stranger.

    It is the vendor's own host, with or without https://, or an address on loopback.
    """
    live = str(spec.document["x-live"])
    if not named:
        raise NotPermittedError(f"no host is named: --host {urlsplit(live).hostname}")
    address = urlsplit(named if "://" in named else f"https://{named}")
    if address.hostname in LOOPBACK and not address.path.strip("/") and address.scheme in ("http", "https"):
        return f"{address.scheme}://{address.netloc}"
    if address.geturl().rstrip("/") == live:
        return live
    raise NotPermittedError(f"{address.hostname} is not the host of {spec.name}: that is {urlsplit(live).hostname}")


def key_of(spec: VendorSpec, environment: Mapping[str, str]) -> str:
    """Return the key in the environment; raise NotPermittedError if there is none."""
    variable = KEY_VARIABLES[spec.name]
    key = environment.get(variable, "").strip()
    if not key:
        raise NotPermittedError(f"{variable} is not set in the environment")
    return key
