"""What a model test asks of your client, in its own words: you put them into those of your client.

Every method returns what your client believes, or raises one of the exceptions that the machine lists as `refused`.
Money is a Decimal, an int or exact text; ids and statuses are whole numbers.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple, Protocol

Money = Decimal | int | str
Decision = Literal["pay", "rework", "reject"]


class QCommentAdapter(Protocol):
    """Your client of QComment."""

    def create_project(
        self,
        title: str,
        task: str,
        subject: int,
        tariff: int,
        count: int,
        premoderation: bool,  # noqa: FBT001
    ) -> int:
        """Create a project with this many works paid for (0 for none); return its id."""

    def pay(self, project_id: int, count: int) -> Money | None:
        """Pay for works; return what they cost, or None if your client does not tell."""

    def return_money(self, project_id: int, count: int | None) -> Money | None:
        """Return this many free works (None for all) to the balance; return the amount, or None."""

    def set_active(self, project_id: int, active: bool) -> None:  # noqa: FBT001
        """Start or pause a project."""

    def decide(self, comment_id: int, decision: Decision, reason: str) -> int:
        """Pay a work, send it back for rework or reject it; return the status that it has then."""

    def balance(self) -> Money:
        """Return the balance in roubles."""

    def project_status(self, project_id: int) -> int:
        """Return a project's status, 0 to 4."""

    def comments(self, project_id: int) -> Mapping[int, int]:
        """Return the status of each of a project's comments, of all statuses, by its id; empty if there is none."""

    def waiting(self) -> Collection[int]:
        """Return the ids of the works on review, in all projects; empty if there is none."""


class Progress(NamedTuple):
    """How far an order is."""

    status: int
    current_count: int


class QQTubeAdapter(Protocol):
    """Your client of QQTube."""

    def order(self, service: int, url: str, quantity: int, parameters: Mapping[str, str]) -> int:
        """Place an order, with the country and the service's own parameters; return its id."""

    def progress(self, order_id: int) -> Progress:
        """Return the progress of one order."""

    def poll(self) -> Mapping[int, Progress]:
        """Do what your regular job does: bring each order of yours that is still open up to date; return those."""

    def funds(self) -> Money:
        """Return the funds in dollars."""

    def services(self) -> Collection[int]:
        """Return the ids of the services."""
