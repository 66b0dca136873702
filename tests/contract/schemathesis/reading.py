"""Turns what a call sends into the parameters that a vendor may read, and names each liberty that is taken with them.

`LENIENCIES` is the whole list of what the schemas forbid and the vendors accept; nothing else may be.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import jsonschema

from tests.contract.schemathesis.dialect import FORMATS
from tests.contract.schemathesis.php_form import received, text

NAMES_NOTHING = -1
NUMERIC = re.compile(
    r"[ \t\n\r\v\f]*([+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})(e[+-]?[0-9]{1,2})?)[ \t\n\r\v\f]*", re.A | re.I
)
DATE_BEFORE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]", re.ASCII)

LENIENCIES: Mapping[str, str] = {
    "text": "A form carries texts, so 5 and '5', true and 1 are the same on the wire.",
    "nothing": "A form cannot carry null or an empty array: they are not sent (PHP's http_build_query).",
    "blank": "A text of blanks counts as not sent, unless x-blank keeps it (php.empty), or clears (qc.edit_blank).",
    "blanks_around": "The key, and what x-trim marks, is read without blanks at its ends (qq.key_blanks).",
    "digits": "A number may be written in any way that is a number to PHP (http.numbers).",
    "date_before_time": "A date before a time of day is read over (qc.clock_times).",
    "id": "A text that is no number names nothing; the answer is the operation's own 'not found' (format: id).",
    "one_for_a_list": "A list may be one text, parted by its x-split where it has one (php.arrays).",
    "keys_of_a_list": "A list may come with keys of any kind, as PHP's arrays do (php.arrays).",
    "alias": "A parameter may come under its x-aliases (qc.blacklist_id, qc.social_param).",
    "default_for_unreadable": "What x-invalid marks falls back to its default (qc.result).",
    "no_message": "An invalid value that no error of the catalogue is for counts as not sent (qc.bad_values).",
    "unknown": "A parameter that the document does not name is ignored, with a diagnostic (unknown.params).",
}

JUDGED: Mapping[str, Mapping[str, str]] = {
    "newproject": {
        "price": "Not below the price of the tariff, which is another parameter.",
        "currency": "It must be the tariff's (qc.currency).",
    },
    "projectedit": {
        "price": "Not below the price of the tariff.",
        "tarif_id": "The new tariff must have the project's currency (qc.currency).",
    },
    "add": {"url": "It must be of the site that the service delivers to (message 9008)."},
}
"""What a behaviour refuses as validation would, because it takes the state or another parameter to tell."""


@dataclass
class Reading:
    """The parameters as they may be read, the liberties taken, and what is wrong in spite of them."""

    values: dict[str, Any] = field(default_factory=dict)
    liberties: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)

    def take(self, liberty: str) -> None:
        """Remember a liberty; only those of the list can be taken."""
        assert liberty in LENIENCIES
        self.liberties.add(liberty)


def read(sent: Any, schema: Mapping[str, Any]) -> Reading:
    """Return how a vendor may read what was sent, under the request's schema with its references resolved."""
    reading = Reading()
    fields = sent if isinstance(sent, dict) else {}
    if any(map(_is_nothing, fields.values())):
        reading.take("nothing")
    reading.values = _fields(received(fields), schema, reading, nested=False)
    for name, rules in schema["properties"].items():
        if rules.get("x-invalid") == "default" and name in reading.values and _broken(reading.values[name], rules):
            reading.take("default_for_unreadable")
            reading.values[name] = rules["default"]
    for error in _validator(schema).iter_errors(reading.values):
        reading.broken |= (
            {str(error.absolute_path[0])} if error.absolute_path else set(_named(error, schema, reading.values))
        )
    return reading


def _fields(sent: Mapping[str, Any], schema: Mapping[str, Any], reading: Reading, *, nested: bool) -> dict[str, Any]:
    read: dict[str, Any] = {}
    names = {alias: name for name, p in schema["properties"].items() for alias in p.get("x-aliases", ())}
    for key, value in sent.items():
        name = names.get(key, key)
        if name not in schema["properties"]:
            reading.take("unknown")
            continue
        rules = schema["properties"][name]
        if name != key:
            reading.take("alias")
        if isinstance(value, str) and not value.strip(" \t\n\r\v\0"):
            reading.take("blank")
            if not nested and rules.get("x-blank") == "kept":
                read[name] = ""
        else:
            read[name] = _value(value, rules, reading)
    return read


def _is_nothing(value: Any) -> bool:
    """Tell whether nothing of a value reaches the wire."""
    if isinstance(value, dict | list):
        return all(_is_nothing(below) for below in (value.values() if isinstance(value, dict) else value))
    return value is None


def _value(value: Any, rules: Mapping[str, Any], reading: Reading) -> Any:
    kind = rules.get("type", "string")
    if isinstance(value, dict | list):
        if kind == "array":
            return _list(value, rules, reading)
        if kind == "object" and isinstance(value, dict):
            return _fields(value, rules, reading, nested=True)
        return value
    if kind == "array":
        reading.take("one_for_a_list")
        separator = rules.get("x-split")
        parts = [text(value)] if separator is None else text(value).split(separator)
        return [_value(part.strip(), rules["items"], reading) for part in parts if part.strip()]
    if kind == "object":
        return value
    return _scalar(value, rules, reading)


def _list(value: Any, rules: Mapping[str, Any], reading: Reading) -> list[Any]:
    if isinstance(value, dict):
        reading.take("keys_of_a_list")
        value = list(value.values())
    return [_value(below, rules["items"], reading) for below in value]


def _scalar(value: Any, rules: Mapping[str, Any], reading: Reading) -> Any:
    written = text(value)
    if rules.get("x-trim") or ("const" in rules and written.strip() == rules["const"]):
        if written != written.strip():
            reading.take("blanks_around")
        written = written.strip()
    if rules.get("type") != "integer":
        if not isinstance(value, str):
            reading.take("text")
        return _text(written, rules, reading)
    number = _whole(written)
    if rules.get("format") == "id" and (number is None or number < 0):
        reading.take("id")
        return NAMES_NOTHING
    if number is None:
        return written
    if isinstance(value, str | bool):
        reading.take("text")
    if written != str(number):
        reading.take("digits")
    return number


def _text(written: str, rules: Mapping[str, Any], reading: Reading) -> str:
    """Return a text, or how it would be plainly written where it is a number or a time of day."""
    plain = written
    if any(choice.isdigit() for choice in rules.get("enum", ()) if isinstance(choice, str)):
        number = _whole(written)
        plain = written if number is None else str(number)
    if rules.get("pattern") == FORMATS["money"] and (amount := _number(written)) is not None:
        plain = f"{abs(amount):.2f}" if amount == round(amount, 2) and amount >= 0 else written
    if plain != written:
        reading.take("digits")
    if rules.get("pattern") == FORMATS["clock-time"] and (dated := DATE_BEFORE.match(written)):
        reading.take("date_before_time")
        plain = written[dated.end() :]
    return plain


def _number(written: str) -> Decimal | None:
    found = NUMERIC.fullmatch(written)
    return Decimal(found[1]) if found else None


def _whole(written: str) -> int | None:
    number = _number(written)
    return None if number is None or abs(number) >= 10**18 or number != int(number) else int(number)


def _broken(value: Any, rules: Mapping[str, Any]) -> bool:
    return not jsonschema.Draft202012Validator(rules).is_valid(value)


def _named(error: jsonschema.ValidationError, schema: Mapping[str, Any], reading: Mapping[str, Any]) -> Iterator[str]:
    """Name the required parameters that are missing."""
    assert error.validator == "required", error.message
    yield from (name for name in schema["required"] if name not in reading)


VALIDATORS: dict[int, tuple[Mapping[str, Any], Any]] = {}


def _validator(schema: Mapping[str, Any]) -> Any:
    """Return the validator of a request's schema, to which what is unknown does no harm; made once for each."""
    if id(schema) not in VALIDATORS:
        known = {key: value for key, value in schema.items() if key != "additionalProperties"}
        VALIDATORS[id(schema)] = (schema, jsonschema.Draft202012Validator(known))
    return VALIDATORS[id(schema)][1]
