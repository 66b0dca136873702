"""Turn both vendors' values, written as text or as numbers, into typed ones, and their objects into dataclasses."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, time
from decimal import Decimal
from enum import IntEnum
from typing import Any, ClassVar, Generic, Self, TypeVar, get_args, get_origin

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load

from apidouble.client.arguments import MOSCOW
from apidouble.client.errors import UnreadableAnswerError
from apidouble.client.transport import Answer

T = TypeVar("T")
R = TypeVar("R")
SHOWN_CHARS = 60
WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
DIGITS = 18
LARGEST = 10**DIGITS
AMOUNT = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)


class OpenIntEnum(IntEnum):
    """Numbers with names. One that no document names is kept, as UNKNOWN_7."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_, member._value_ = f"UNKNOWN_{value}", value
        return member

    @property
    def known(self) -> bool:
        """Whether the document names it."""
        return not self.name.startswith("UNKNOWN_")


class Read(fields.Field[T]):
    """A field that is read by `read`. With `blank`, an empty or null value becomes that; without, it is an error."""

    def __init__(self, read: Callable[[object], T], **options: Any) -> None:
        self.read = read
        self.has_blank = "blank" in options
        self.blank = options.pop("blank", None)
        super().__init__(required="load_default" not in options, allow_none=True, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> T:  # noqa: ARG002
        return self.read(value)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """Read a value; an empty one is as `blank` says."""
        if value is None or (isinstance(value, str) and not value.strip()):
            if self.has_blank:
                return self.blank
            raise ValidationError("is empty")
        return super().deserialize(value, attr, data, **kwargs)


def whole(value: object) -> int:
    """Read a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and WHOLE.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, Decimal) and abs(value) < LARGEST and value == value.to_integral_value():
        return int(value)
    raise ValidationError(f"{_shown(value)} is no whole number")


def amount(value: object) -> Decimal:
    """Read an amount of money, exactly."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST:
        return Decimal(value)
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= DIGITS:
        return value
    if isinstance(value, str) and AMOUNT.fullmatch(value.strip()):
        return Decimal(value.strip())
    raise ValidationError(f"{_shown(value)} is no amount")


def text(value: object) -> str:
    """Read a text; a number is its digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise ValidationError(f"{_shown(value)} is no text")


def flag(value: object) -> bool:
    """Read yes or no, written as a number; any but zero is yes."""
    return value if isinstance(value, bool) else whole(value) != 0


def moment(value: object) -> datetime | None:
    """Read a date and time of Moscow; zeros are none."""
    written = text(value).strip()
    if written.startswith("0000-00-00"):
        return None
    try:
        return datetime.strptime(written, "%Y-%m-%d %H:%M:%S").replace(tzinfo=MOSCOW)
    except ValueError:
        raise ValidationError(f"{_shown(value)} is no date and time") from None


def clock_time(value: object) -> time:
    """Read a time of day."""
    try:
        return time.fromisoformat(text(value).strip())
    except ValueError:
        raise ValidationError(f"{_shown(value)} is no time of day") from None


def split(separator: str, read: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """Return the reader of a list that is written in one text."""
    return lambda value: tuple(read(part.strip()) for part in text(value).split(separator) if part.strip())


def one_of(kind: type[OpenIntEnum]) -> Callable[[object], Any]:
    """Return the reader of a number with a name."""
    return lambda value: kind(whole(value))


def items(value: object, wrapper: str = "item") -> list[object]:
    """Return the items of a list in any of its shapes: a list, an object keyed by id, XML's in a wrapper, one, none."""
    if isinstance(value, Mapping) and len(value) == 1 and value.keys() <= {wrapper, "item"}:
        (value,) = value.values()
    if value is None or value is False or (isinstance(value, str) and not value.strip()):
        return []
    if isinstance(value, Mapping):
        return list(value.values()) if is_keyed(value) else [value]
    return list(value) if isinstance(value, list) else [value]


def many(read: Callable[[object], T], wrapper: str = "item") -> Callable[[object], tuple[T, ...]]:
    """Return the reader of a list of values."""
    return lambda value: tuple(read(item) for item in items(value, wrapper))


def record(schema: type["Record[R]"]) -> Callable[[object], R]:
    """Return the reader of an object; an empty list is an empty object, as PHP writes it."""
    return lambda value: _load(schema, {} if value == [] else value)


class Record(Schema, Generic[R]):
    """Reads an object into R, a dataclass. Names that differ by format or release get their usual one by `aliases`."""

    result: ClassVar[type[Any]]
    aliases: ClassVar[Mapping[str, str]] = {}

    class Meta:
        """What no document names is left out."""

        unknown = EXCLUDE

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        (generic,) = cls.__dict__["__orig_bases__"]
        (result,) = get_args(generic)
        cls.result = get_origin(result) or result

    @pre_load
    def rename(self, tree: Any, **_: Any) -> Any:
        """Give every value its usual name."""
        if not isinstance(tree, Mapping):
            return tree
        return {self.aliases.get(name, name): value for name, value in tree.items()}

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Any:
        """Return the dataclass."""
        return self.result(**values)


def load(schema: type[Record[R]], tree: object, answer: Answer) -> R:
    """Read an answer's object into a dataclass; raise UnreadableAnswerError, naming what is missing or wrong."""
    try:
        return _load(schema, tree)
    except ValidationError as error:
        raise unreadable(answer, f"not as documented: {_told(error.messages)}") from None


def load_all(schema: type[Record[R]], trees: Iterable[object], answer: Answer) -> tuple[R, ...]:
    """Read a list of objects."""
    return tuple(load(schema, tree, answer) for tree in trees)


def unreadable(answer: Answer, problem: str) -> UnreadableAnswerError:
    """Return the error for an answer that cannot be read."""
    return UnreadableAnswerError(
        problem, answer.sent, status=answer.status, excerpt=answer.excerpt, may_have_happened=answer.changes
    )


def is_keyed(value: Mapping[Any, Any]) -> bool:
    """Tell whether an object is a list whose keys are ids, or end in them."""
    return all(str(key).rpartition("_")[2].isdigit() for key in value)


def _load(schema: type[Record[R]], tree: object) -> R:
    if not isinstance(tree, Mapping):
        raise ValidationError("is no object")
    loaded: R = schema().load(tree)
    return loaded


def _told(problems: object) -> str:
    if isinstance(problems, Mapping):
        return "; ".join(f"{name}: {_told(below)}" for name, below in problems.items())
    return ", ".join(map(str, problems)) if isinstance(problems, list) else str(problems)


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) < SHOWN_CHARS else f"{shown[:SHOWN_CHARS]}…"
