"""From a type to its plain form in JSON: how values of it are written, and how they are read again."""

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

PACKAGE = "apidouble.mockserver."

SCALARS: Mapping[Any, frozenset[type]] = {
    int: frozenset({int}),
    str: frozenset({str}),
    bool: frozenset({bool}),
    float: frozenset({float, int}),
    type(None): frozenset({type(None)}),
}
ANY_SCALAR = frozenset({int, str, bool, float, type(None)})

Rows = dict[type, list[Any]]


class UndeclaredError(TypeError):
    """A type has no plain form, or a value is not of the type that its field declares."""


class MalformedError(ValueError):
    """Plain values are not what the types declare; nothing has come of them."""


@dataclass(slots=True)
class Numbers:
    """The objects that were met, by their class; `places` has the row of each by its identity."""

    rows: Rows = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)

    def of(self, cls: type, value: Any) -> int:
        """Return an object's row among those of its class."""
        place = self.places.get(id(value))
        if place is None:
            if type(value) is not cls:
                raise UndeclaredError(f"{value!r} is no {name_of(cls)}")
            rows = self.rows.setdefault(cls, [])
            place = self.places[id(value)] = len(rows)
            rows.append(value)
        return place


class Form(NamedTuple):
    """The plain form of a type: `write` takes a value and may number objects, `read` takes the objects by their rows.

    `scalars` are the types of the values where these are plain already; otherwise there are none.
    """

    write: Callable[[Numbers, Any], Any]
    read: Callable[[Rows, Any], Any]
    scalars: frozenset[type] = frozenset()

    def write_all(self, numbers: Numbers, values: Iterable[Any]) -> list[Any]:
        """Return the plain forms of some values."""
        if self.scalars:
            return _checked(list(values), self.scalars, UndeclaredError)
        return [self.write(numbers, value) for value in values]

    def read_all(self, rows: Rows, plain: Iterable[Any]) -> list[Any]:
        """Return the values of some plain forms."""
        if self.scalars:
            return _checked(list(plain), self.scalars, MalformedError)
        return [self.read(rows, one) for one in plain]


class Own(NamedTuple):
    """A plain form that a type has of its own."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]

    @property
    def form(self) -> Form:
        """The same among the others."""
        return Form(lambda _, value: self.write(value), lambda _, plain: self.read(plain))


def name_of(cls: type) -> str:
    """Return the name by which plain forms know a class: its module's, from the package on, and its own."""
    return f"{cls.__module__.removeprefix(PACKAGE)}.{cls.__qualname__}"


def scalar(known: frozenset[type]) -> Form:
    """Return the form of numbers, texts and the like, of these types alone."""
    return Form(
        lambda _, value: _checked([value], known, UndeclaredError)[0],
        lambda _, plain: _checked([plain], known, MalformedError)[0],
        known,
    )


def optional(form: Form) -> Form:
    """Return the form of what may be None."""
    return Form(
        lambda numbers, value: None if value is None else form.write(numbers, value),
        lambda rows, plain: None if plain is None else form.read(rows, plain),
    )


def reference(cls: type) -> Form:
    """Return the form of an object: its row among those of its class."""
    return Form(lambda numbers, value: numbers.of(cls, value), lambda rows, plain: rows[cls][plain])


def row(forms: list[Form], make: Callable[[Iterable[Any]], Any]) -> Form:
    """Return the form of a tuple that has a type for each of its places: a list."""
    return Form(
        lambda numbers, value: [form.write(numbers, part) for form, part in zip(forms, value, strict=True)],
        lambda rows, plain: make([form.read(rows, part) for form, part in zip(forms, plain, strict=True)]),
    )


def listed(form: Form, make: Callable[[list[Any]], Any] = list) -> Form:
    """Return the form of values of one type in a row: a list."""
    return Form(form.write_all, lambda rows, plain: make(form.read_all(rows, plain)))


def sorted_set(form: Form, make: Callable[[list[Any]], Any]) -> Form:
    """Return the form of a set: a list, which has the same order for the same set."""
    return Form(
        lambda numbers, value: sorted(form.write_all(numbers, value)),
        lambda rows, plain: make(form.read_all(rows, plain)),
    )


def bounded(form: Form) -> Form:
    """Return the form of a deque: its bound and a list."""
    return Form(
        lambda numbers, value: [value.maxlen, form.write_all(numbers, value)],
        lambda rows, plain: deque(form.read_all(rows, plain[1]), plain[0]),
    )


def named(form: Form) -> Form:
    """Return the form of a mapping with texts as its keys: an object, whose order counts."""
    keys = scalar(SCALARS[str])
    return Form(
        lambda numbers, value: dict(
            zip(keys.write_all(numbers, value), form.write_all(numbers, value.values()), strict=True)
        ),
        lambda rows, plain: dict(zip(plain, form.read_all(rows, plain.values()), strict=True)),
    )


def paired(keys: Form, values: Form, make: Callable[[dict[Any, Any]], Any] = dict) -> Form:
    """Return the form of any other mapping: a list of keys and one of values."""
    return Form(
        lambda numbers, value: [keys.write_all(numbers, value), values.write_all(numbers, value.values())],
        lambda rows, plain: make(
            dict(zip(keys.read_all(rows, plain[0]), values.read_all(rows, plain[1]), strict=True))
        ),
    )


def _checked(values: list[Any], known: frozenset[type], error: type[Exception]) -> list[Any]:
    if not known.issuperset(map(type, values)):
        stranger = next(value for value in values if type(value) not in known)
        raise error(f"{stranger!r} is not of the type declared")
    return values


def copied(value: Any) -> Any:
    """Return a copy of a value that consists of nothing but what JSON has; raises UndeclaredError for any other."""
    kind = type(value)
    if kind in ANY_SCALAR:
        return value
    if kind is list:
        return [copied(one) for one in value]
    if kind is dict and all(type(key) is str for key in value):
        if ANY_SCALAR.issuperset(map(type, value.values())):
            return value.copy()
        return {key: copied(one) for key, one in value.items()}
    raise UndeclaredError(f"{value!r} is nothing that JSON has")


ANYTHING = Own(copied, copied)
ARRAY = Own(lambda value: [value.typecode, value.tolist()], lambda plain: array(*plain))
