"""Build the marshmallow fields of an operation's parameters from their schemas."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing, pre_load, validate

from apidouble.mockserver.domain.money import minor
from apidouble.mockserver.domain.numbers import read_number, read_whole
from apidouble.mockserver.domain.world import Catalog
from apidouble.mockserver.spec.requests import INVALID, MISSING, RANGE, is_blank
from apidouble.mockserver.spec.source import Resolve

NAMES_NOTHING = -1
MOST_MONEY = 10**9
# observed, a date before the time of day: see specs/readings.yaml#qc.clock_times
CLOCK_TIME = re.compile(
    r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[ T])?([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?", re.ASCII
)
DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){2}", re.ASCII)
LOCAL_DATETIME = re.compile(r"[0-9]{4}(-[0-9]{2}){2}( [0-9]{2}:[0-9]{2}(:[0-9]{2})?)?", re.ASCII)
URI = re.compile(r"https?://[^\s/?#]+\S*")


class _Text(fields.Field[Any]):
    """Text that a pattern admits and a function turns into a value."""

    def __init__(self, expected: str, parse: Callable[[str], Any], **options: Any) -> None:
        super().__init__(**options)
        self.expected, self.parse = expected, parse

    @property
    def is_plain(self) -> bool:
        """Whether any text is taken as it is."""
        return self.parse is str and not self.validators

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """Parse a text and check it, which spares it what fields do around that; leave the rest to them."""
        if not isinstance(value, str):
            return super().deserialize(value, attr, data, **kwargs)
        try:
            parsed = self.parse(value)
        except ValueError:
            raise _broken(INVALID, f"is {self.expected}") from None
        for check in self.validators:
            check(parsed)
        return parsed

    def _deserialize(self, *_: Any, **__: Any) -> Any:
        raise _broken(INVALID, f"is {self.expected}, not an array")


class _Split(fields.List[Any]):
    """A list, written as one text with a separator or sent as an array."""

    def __init__(self, inner: fields.Field[Any], separator: str | None, **options: Any) -> None:
        super().__init__(inner, **options)
        self.separator = separator

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, str):
            parts = [value] if self.separator is None else value.split(self.separator)
            value = [part.strip() for part in parts if part.strip()]
        if isinstance(value, dict):
            value = list(value.values())
        return super()._deserialize(value, attr, data, **kwargs)


class _Object(fields.Nested):
    """An array with named keys, as PHP sends it."""

    def _test_collection(self, value: Any) -> None:
        if not isinstance(value, dict):
            raise _broken(INVALID, "is an array with named keys")


def _broken(rule: str, detail: str) -> ValidationError:
    return ValidationError(f"{rule}: {detail}")


def _id(text: str) -> int:
    number = read_whole(text)
    return NAMES_NOTHING if number is None or number < 0 else number


def _integer(text: str) -> int:
    number = read_whole(text)
    if number is None:
        raise ValueError(text)
    return number


def _number_or_word(text: str) -> str:
    number = read_whole(text)
    return text if number is None else str(number)


def _money(text: str) -> int:
    number = read_number(text)
    if number is None or not 0 <= number < MOST_MONEY or number != round(number, 2):
        raise ValueError(text)
    return minor(f"{abs(number):.2f}")


def _clock_time(text: str) -> str:
    match = CLOCK_TIME.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return f"{int(match[1]):02}:{match[2]}:{match[3] or '00'}"


def _local_datetime(text: str) -> str:
    if not LOCAL_DATETIME.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text).isoformat(" ")


def _date(text: str) -> str:
    if not DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text).isoformat()


def _uri(text: str) -> str:
    if not URI.fullmatch(text):
        raise ValueError(text)
    return text


FORMATS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "id": ("a whole number", _id),
    "integer": ("a whole number", _integer),
    "money": ("an amount with at most two decimals, such as 12.50", _money),
    "clock-time": ("a time, HH:MM", _clock_time),
    "local-datetime": ("a date, YYYY-MM-DD or YYYY-MM-DD HH:MM:SS", _local_datetime),
    "date": ("a date, YYYY-MM-DD", _date),
    "uri": ("an address with http:// or https://", _uri),
    "string": ("text", str),
}


class Parameters:
    """The parameters of one operation: texts into values, or what is wrong with them."""

    def __init__(
        self,
        properties: Mapping[str, Any],
        required: Collection[str],
        resolve: Resolve,
        catalogs: Mapping[str, Catalog],
    ) -> None:
        fields = _Builder(resolve, catalogs).schema_class(properties, required)().load_fields
        self._fields = [
            (name, field, field.required, field.load_default, isinstance(field, _Text) and field.is_plain)
            for name, field in fields.items()
        ]

    def load(self, sent: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
        """Return values by name, and of those that break a rule the name and marshmallow's messages.

        As Schema.load does, which does more around it.
        """
        values: dict[str, Any] = {}
        broken: list[tuple[str, Any]] = []
        for name, field, required, default, is_plain in self._fields:
            value = sent.get(name, missing)
            if is_plain and isinstance(value, str):
                values[name] = value
            elif value is not missing or required:
                try:
                    values[name] = field.deserialize(value, name, sent)
                except ValidationError as error:
                    broken.append((name, error.messages))
            elif default is not missing:
                values[name] = default() if callable(default) else default
        return values, broken


class _Builder:
    """Turns JSON Schema into marshmallow fields."""

    def __init__(self, resolve: Resolve, catalogs: Mapping[str, Catalog]) -> None:
        self.resolve, self.catalogs = resolve, catalogs

    def schema_class(self, properties: Mapping[str, Any], required: Collection[str]) -> type[Schema]:
        made = {
            name: self.field(self.resolve(p), name=name, required=name in required) for name, p in properties.items()
        }
        meta = type("Meta", (), {"unknown": EXCLUDE})
        return type("Parameters", (Schema,), {**made, "Meta": meta})

    def field(self, schema: Mapping[str, Any], *, name: str, required: bool) -> fields.Field[Any]:
        options: dict[str, Any] = {
            "required": required,
            "data_key": name,
            "error_messages": {"required": f"{MISSING}: is required", "null": f"{INVALID}: has no value"},
            "validate": list(self._checks(schema)),
        }
        if "default" in schema and not required:
            options["load_default"] = _default(schema)
        kind = schema.get("type", "string")
        if kind == "array":
            return _Split(
                self.field(self.resolve(schema["items"]), name=name, required=False),
                schema.get("x-split"),
                **options | {"error_messages": options["error_messages"] | {"invalid": f"{INVALID}: is an array"}},
            )
        if kind == "object":
            options.pop("validate")
            below = {k: self.resolve(p) for k, p in schema["properties"].items()}
            inner = self.schema_class(below, set(schema.get("required", ())))
            return _Object(_renaming(inner, below), **options)
        kind = schema.get("format", kind)
        if kind == "string" and any(str(choice).isdigit() for choice in schema.get("enum", ())):
            return _Text("a number or a word", _number_or_word, **options)
        return _Text(*FORMATS[kind], **options)

    def _checks(self, schema: Mapping[str, Any]) -> Iterator[Callable[[Any], Any]]:
        if "const" in schema:
            yield validate.Equal(schema["const"], error=f"{INVALID}: is {schema['const']}")
        if "enum" in schema:
            choices = ", ".join(map(str, schema["enum"]))
            yield validate.OneOf(schema["enum"], error=f"{INVALID}: is one of {choices}")
        if "x-catalog" in schema:
            catalog = self.catalogs[schema["x-catalog"]]
            yield validate.OneOf(catalog.keys(), error=f"{INVALID}: is not an id of {schema['x-catalog']}")
        if "minimum" in schema or "maximum" in schema:
            low, high = schema.get("minimum"), schema.get("maximum")
            said = " and ".join(f"{w} {n}" for w, n in (("at least", low), ("at most", high)) if n is not None)
            yield validate.Range(low, high, error=f"{RANGE}: is {said}")
        if "minLength" in schema or "maxLength" in schema:
            low, high = schema.get("minLength"), schema.get("maxLength")
            yield validate.Length(low, high, error=f"{RANGE}: has {low or 0} to {high or 'any number of'} characters")
        if "minItems" in schema:
            yield validate.Length(schema["minItems"], error=f"{RANGE}: has at least {schema['minItems']} items")
        if "pattern" in schema:
            yield validate.Regexp(schema["pattern"], error=f"{INVALID}: does not match {schema['pattern']}")


def _default(schema: Mapping[str, Any]) -> Any:
    default = schema["default"]
    return (lambda: list(default)) if isinstance(default, list) else default


def _renaming(inner: type[Schema], properties: Mapping[str, Any]) -> type[Schema]:
    """Let a nested schema read its aliases and drop blanks."""
    names = {alias: name for name, p in properties.items() for alias in p.get("x-aliases", ())}

    class Renaming(inner):  # type: ignore[misc,valid-type]
        @pre_load
        def read_aliases(self, data: Any, **_: Any) -> Any:
            return {names.get(k, k): v for k, v in data.items() if not is_blank(v)}

    return Renaming
