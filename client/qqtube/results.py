"""What QQTube's answers become: frozen dataclasses. Money is Decimal."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from apidouble.client.fields import OpenIntEnum


class SubmissionStatus(OpenIntEnum):
    """The states of a submission that the document tells apart; many numbers are an Error of some kind."""

    COMPLETED = 1
    IN_PROGRESS = 2
    IN_PROGRESS_TOO = 3
    UNKNOWN_ERROR = 4
    REFUNDED = 8
    STOPPED = 19


class ShareType(OpenIntEnum):
    """Where service 46 shares."""

    FACEBOOK = 0
    TWITTER = 1
    GOOGLE_PLUS = 2
    REDDIT = 3
    BLOGGER = 4
    TUMBLR = 5
    PINTEREST = 6
    SKYBLOG = 7
    VKONTAKTE = 8
    LINKEDIN = 9
    ODNOKLASSNIKI = 10
    STUMBLEUPON = 11
    LIVEJOURNAL = 12
    RANDOM = 13


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a submission; type is info or error."""

    id_status: SubmissionStatus
    name: str
    type: str
    description: str


@dataclass(frozen=True, slots=True)
class Added:
    """An accepted order. Keep id_service_submission: nothing else finds the order again."""

    id_service_submission: int
    short_url: str
    long_url: str
    start_count: int
    wanted_count: int
    current_count: int


@dataclass(frozen=True, slots=True)
class Submission:
    """The progress of an order; sent_count is counted for services 54 and 55 alone."""

    id_service_submission: int
    short_url: str
    long_url: str
    start_count: int
    wanted_count: int
    current_count: int
    sent_count: int | None
    status: Status

    @property
    def completed(self) -> bool:
        """Whether everything was delivered."""
        sent_all = self.sent_count is not None and self.sent_count >= self.wanted_count
        return sent_all or self.status.id_status is SubmissionStatus.COMPLETED

    @property
    def finished(self) -> bool:
        """Whether nothing more will come: completed, refunded, stopped or an error."""
        in_progress = (SubmissionStatus.IN_PROGRESS, SubmissionStatus.IN_PROGRESS_TOO)
        return self.completed or self.status.id_status not in in_progress


@dataclass(frozen=True, slots=True)
class Price:
    """What `pricing_per` cost if the quantity is from minimum to maximum."""

    minimum: int
    maximum: int
    pricing_per: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Option:
    """A value to choose; error_selection marks a prompt that is no answer."""

    name: str
    value: str
    error_selection: bool


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter that a service declares; send it under field_name."""

    field_label: str
    field_descr: str
    field_placeholder: str
    field_name: str
    field_validators: Mapping[str, int | None]
    is_price_modifier: bool
    modify_type: str
    modify_every: Decimal
    modify_by: Decimal
    options: tuple[Option, ...]

    @property
    def required(self) -> bool:
        """Whether an order must have it."""
        return "required" in self.field_validators


@dataclass(frozen=True, slots=True)
class Service:
    """What can be ordered, at what price. countries are ISO codes, where is_geo."""

    id_service: int
    public_name: str
    amount_minimum: int
    amount_increment: int
    is_geo: bool
    is_retention: bool
    is_drip: bool
    drip_cost: Decimal
    example: str
    type_name: str
    prices: tuple[Price, ...]
    countries: tuple[str, ...]
    params: tuple[Param, ...]

    def price(self, quantity: int, **params: Decimal | int | str) -> Decimal:
        """Return what an order will cost, unrounded; raise ValueError for one that cannot be made.

        The price of the tier that holds the quantity; the modifiers in the order of the service's params: add puts
        modify_by on top for every modify_every of the value, multiply multiplies by value / modify_every × modify_by;
        for a drip service, drip_cost for each increment. The document leaves open the order and the rounding.
        """
        if quantity < self.amount_minimum or quantity % (self.amount_increment or 1):
            raise ValueError(f"{quantity}: from {self.amount_minimum} in steps of {self.amount_increment}")
        tier = next((tier for tier in self.prices if tier.minimum <= quantity <= tier.maximum), None)
        if tier is None or not tier.pricing_per:
            raise ValueError(f"no price for {quantity} of service {self.id_service}")
        unknown = params.keys() - {param.field_name for param in self.params}
        if unknown:
            raise ValueError(f"service {self.id_service} has no parameter {', '.join(sorted(unknown))}")
        total = tier.price * quantity / tier.pricing_per
        for param in self.params:
            value = params.get(param.field_name)
            if value is None and param.required:
                raise ValueError(f"service {self.id_service} requires {param.field_name}")
            if value is not None and param.is_price_modifier and param.modify_every:
                change = Decimal(value) / param.modify_every * param.modify_by
                total = total + change if param.modify_type == "add" else total * change
        if self.is_drip and self.amount_increment:
            total += self.drip_cost * (quantity // self.amount_increment)
        return total
