"""Turn each of QQTube's answers into its dataclass; a field that is missing or empty is an error, as documented."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from apidouble.client.fields import Read, Record, amount, flag, items, many, one_of, record, text, whole
from apidouble.client.qqtube import results


def _countries(value: object) -> tuple[str, ...]:
    return tuple(text(item) for item in items(value))


def _validators(value: object) -> Mapping[str, int | None]:
    rules = (rule.partition(":") for rule in text(value).split("|") if rule.strip())
    return {name.strip(): whole(limit) if limit.strip() else None for name, _, limit in rules}


class Status(Record[results.Status]):
    id_status = Read(one_of(results.SubmissionStatus))
    name = Read(text)
    type = Read(text)
    description = Read(text, blank="")


class Added(Record[results.Added]):
    id_service_submission = Read(whole)
    short_url = Read(text, blank="", load_default="")
    long_url = Read(text)
    start_count = Read(whole)
    wanted_count = Read(whole)
    current_count = Read(whole)


class Submission(Record[results.Submission]):
    id_service_submission = Read(whole)
    short_url = Read(text, blank="", load_default="")
    long_url = Read(text)
    start_count = Read(whole)
    wanted_count = Read(whole)
    current_count = Read(whole)
    sent_count = Read(whole, blank=None, load_default=None)
    status = Read(record(Status))


class Price(Record[results.Price]):
    minimum = Read(whole)
    maximum = Read(whole)
    pricing_per = Read(whole)
    price = Read(amount)


class Option(Record[results.Option]):
    name = Read(text)
    value = Read(text, blank="")
    error_selection = Read(flag, blank=False, load_default=False)


class Param(Record[results.Param]):
    field_label = Read(text, blank="")
    field_descr = Read(text, blank="", load_default="")
    field_placeholder = Read(text, blank="", load_default="")
    field_name = Read(text)
    field_validators = Read(_validators, blank={}, load_default={})
    is_price_modifier = Read(flag, blank=False)
    modify_type = Read(text, blank="", load_default="")
    modify_every = Read(amount, blank=Decimal(0), load_default=Decimal(0))
    modify_by = Read(amount, blank=Decimal(0), load_default=Decimal(0))
    options = Read(many(record(Option)), blank=(), load_default=())


class Service(Record[results.Service]):
    id_service = Read(whole)
    public_name = Read(text)
    amount_minimum = Read(whole)
    amount_increment = Read(whole)
    is_geo = Read(flag)
    is_retention = Read(flag)
    is_drip = Read(flag)
    drip_cost = Read(amount, blank=Decimal(0))
    example = Read(text, blank="")
    type_name = Read(text)
    prices = Read(many(record(Price)))
    countries = Read(_countries, blank=(), load_default=())
    params = Read(many(record(Param)), blank=(), load_default=())


class Funds(Record[dict[str, Any]]):
    funds = Read(amount)
