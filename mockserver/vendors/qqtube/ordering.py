"""From an order and its service to the message that refuses it: link, amount, country, own parameters."""

from collections.abc import Mapping
from typing import Any

from apidouble.mockserver.domain.call import RefusedError
from apidouble.mockserver.domain.numbers import read_whole
from apidouble.mockserver.domain.world import Here, Item
from apidouble.mockserver.vendors.qqtube import links

# assumed, all that is refused here: see specs/readings.yaml#qq.undocumented_messages


def check_link(service: Item, url: str) -> None:
    """Refuse an address of a site that the service does not deliver to."""
    if not links.same_site(url, service["example"]):
        raise RefusedError(9008)


def check_quantity(service: Item, quantity: int) -> None:
    """Refuse a quantity outside the service's limits or between its steps."""
    minimum, increment = int(service["amount_minimum"]), int(service["amount_increment"])
    maximum = max(int(row["maximum"]) for row in service["prices"])
    if quantity < minimum:
        raise RefusedError(9011, minimum=minimum)
    if quantity % increment:
        raise RefusedError(9012, increment=increment)
    if quantity > maximum:
        raise RefusedError(9013, maximum=maximum)


def check_country(service: Item, country: str | None) -> None:
    """Refuse an order without a country of a geo-targeted service, or with one that it does not have."""
    if not country:
        raise RefusedError(9015)
    if country not in (service["countries"] or ()):
        raise RefusedError(9016)


def check_param(param: Item, value: str | None) -> None:
    """Refuse a value, None where none was sent, of a parameter that the service declares."""
    label, rules = param["field_label"], _validators(param["field_validators"])
    if value is None:
        if "required" in rules:
            raise RefusedError(9018, label=label)
        return
    if param["options"]:
        _check_option(param["options"], value, label)
    is_modifier = param["is_price_modifier"] == "1"
    if is_modifier or rules.keys() & {"min", "max", "increment"}:
        _check_number(rules, value, label, least=0 if is_modifier else None)
    _check_text(rules, value, label)


def _validators(written: str) -> Mapping[str, int]:
    pairs = (rule.partition(":") for rule in written.split("|") if rule)
    return {name: int(bound or 0) for name, _, bound in pairs}


def _check_option(options: list[Any], value: str, label: str) -> None:
    chosen = next((o for o in options if o["value"] == value and o["active"] == "1"), None)
    if chosen is None:
        raise RefusedError(9026, label=label)
    if chosen["error_selection"] == "1":
        raise RefusedError(9027, label=label)


def _check_number(rules: Mapping[str, int], value: str, label: str, *, least: int | None) -> None:
    """Refuse what is no whole number or out of bounds; what changes the price is never below zero."""
    # assumed: see specs/readings.yaml#qq.whole_numbers
    number, minimum = read_whole(value), rules.get("min", least)
    if number is None:
        raise RefusedError(9019, label=label)
    if minimum is not None and number < minimum:
        raise RefusedError(9020, label=label, minimum=minimum)
    if "max" in rules and number > rules["max"]:
        raise RefusedError(9021, label=label, maximum=rules["max"])
    if "increment" in rules and number % rules["increment"]:
        raise RefusedError(9022, label=label, increment=rules["increment"])


def _check_text(rules: Mapping[str, int], value: str, label: str) -> None:
    """Refuse too few or too many characters, and too few lines; blank lines do not count."""
    # assumed: see specs/readings.yaml#qq.lines
    if len(value) < rules.get("minchar", 0):
        raise RefusedError(9023, label=label, minimum=rules["minchar"])
    if "maxchar" in rules and len(value) > rules["maxchar"]:
        raise RefusedError(9024, label=label, maximum=rules["maxchar"])
    if _lines(value) < rules.get("minlines", 0):
        raise RefusedError(9025, label=label, minimum=rules["minlines"])


def check_lines(here: Here, service: Item, quantity: int, answers: Mapping[str, str]) -> None:
    """Remark on fewer lines than are ordered where a service takes lines, or refuse them by the reading."""
    # assumed: see specs/readings.yaml#qq.comment_lines
    for param in service["params"]:
        name, text = param["field_name"], answers.get(param["field_name"])
        if text is None or "minlines" not in _validators(param["field_validators"]) or _lines(text) >= quantity:
            continue
        if here.reading("qq.comment_lines") == "quantity":
            raise RefusedError(9025, label=param["field_label"], minimum=quantity)
        here.diagnostics.note(f"{name}: {_lines(text)} lines for a quantity of {quantity}")


def _lines(text: str) -> int:
    return sum(1 for line in text.split("\n") if line.strip())
