"""QQTube's account as data: funds, what links lead to, and the submissions ordered for them."""

from dataclasses import dataclass, field

from apidouble.mockserver.domain.money import Ledger


@dataclass(slots=True)
class Submission:
    """One order. `answers` holds the service's own parameters as sent, by their field names.

    `sent_count` is None for services that do not count what they send. `refunded_minor` is the part of
    `cost_minor` that was paid back. `retrieved_ms` and `seen_completed` say what retrievals of its progress there were.

    `fate` is None where only events from outside move it. Else what becomes of it is drawn for the order that it is of
    its service and address (0 is the first), and status and counts are those it began with: settling.py tells the
    present ones. `refund_minor` is what it is fated to return. `is_duplicate` decides its fate: another order of its
    service for its address was in progress when it was made. `counted` is its service's type_name, that is which count
    of the address grows.
    """

    id: int
    id_service: int
    url: str
    short_url: str
    wanted_count: int
    start_count: int
    current_count: int
    sent_count: int | None
    cost_minor: int
    status: int
    created_ms: int
    refunded_minor: int = 0
    country: str | None = None
    share_type: int | None = None
    answers: dict[str, str] = field(default_factory=dict)
    retrieved_ms: int | None = None
    seen_completed: bool = False
    fate: int | None = None
    refund_minor: int = 0
    is_duplicate: bool = False
    counted: str = ""

    @property
    def growth(self) -> int:
        """How much the count of the address has grown by this order."""
        return self.current_count - self.start_count

    @property
    def delivered(self) -> int:
        """How much of the order has been delivered: what was sent; where that is not counted, the growth."""
        done = self.growth if self.sent_count is None else self.sent_count
        return min(max(done, 0), self.wanted_count)

    @property
    def missing(self) -> int:
        """How much of the order has not been delivered."""
        return self.wanted_count - self.delivered

    def worth_minor(self, count: int) -> int:
        """Return what a part of the order cost, rounded up to a cent."""
        return -(-self.cost_minor * count // self.wanted_count)


@dataclass(slots=True)
class Address:
    """What one kind of count of an address was at first, and what orders have brought it, but for those `living`.

    The living are orders with a fate, which bring it more by themselves.
    """

    first_count: int
    brought: int = 0
    living: list[int] = field(default_factory=list)


def address_key(short_url: str, counted: str) -> str:
    """Return the name of one kind of count of an address."""
    return f"{counted} {short_url}"


@dataclass(slots=True)
class Account:
    """One customer. `contents` maps a video, channel or address to its count.

    `retrievals_ms` keeps the last instants when progress was retrieved, as many as the rules of excess look back.

    `fates` counts the orders that have a fate, by service and address. `addresses` knows what orders there were, by
    kind of count and address.

    `throttle` lets excessive retrievals be refused, where otherwise they are only remarked upon.
    """

    key: str
    ledger: Ledger = field(default_factory=Ledger)
    blocked: bool = False
    maintenance: bool = False
    throttle: bool = False
    contents: dict[str, int] = field(default_factory=dict)
    submissions: dict[int, Submission] = field(default_factory=dict)
    next_ids: dict[str, int] = field(default_factory=dict)
    retrievals_ms: list[int] = field(default_factory=list)
    fates: dict[str, int] = field(default_factory=dict)
    addresses: dict[str, Address] = field(default_factory=dict)

    def next_id(self, kind: str) -> int:
        """Return a fresh id of a kind: submission."""
        fresh = self.next_ids[kind]
        self.next_ids[kind] = fresh + 1
        return fresh

    def next_fate(self, order: str) -> int:
        """Return how many orders of a service for an address had a fate before."""
        nth = self.fates.get(order, 0)
        self.fates[order] = nth + 1
        return nth

    def remember(self, submission: Submission) -> None:
        """Keep an order in mind for the next one for its address."""
        address = self._address(submission)
        if submission.fate is None:
            address.brought += submission.growth
        else:
            address.living.append(submission.id)

    def count(self, submission: Submission, current_count: int) -> None:
        """Set the count of an order without a fate."""
        self._address(submission).brought += current_count - submission.current_count
        submission.current_count = current_count

    def free(self, submission: Submission) -> None:
        """Free an order of its fate; what it has brought by now stays."""
        address = self._address(submission)
        submission.fate = None
        if submission.id in address.living:
            address.living.remove(submission.id)
            address.brought += submission.growth

    def _address(self, submission: Submission) -> Address:
        key = address_key(submission.short_url, submission.counted)
        return self.addresses.setdefault(key, Address(submission.start_count))
