"""Turn values of declared types into plain values of JSON and back; an object that is met twice stays one object.

Everything goes by the types that dataclasses declare. Their instances stand in tables, a column for each field, and are
referred to by their row; so references may be shared, or run in circles. Everything else stands where it is met. A type
without a form is refused when the Codec is made, a value of another type than its field's when it is written.
"""

import types
import typing
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from decimal import Decimal
from itertools import repeat
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

PACKAGE = "apidouble.mockserver."
KEPT = "kept"
WORKED_OUT: Mapping[str, bool] = {KEPT: False}  # metadata of a field that is no part of an object's plain form

SCALARS: Mapping[type, frozenset[type]] = {
    int: frozenset({int}),
    str: frozenset({str}),
    bool: frozenset({bool}),
    float: frozenset({float, int}),
    type(None): frozenset({type(None)}),
}
ANY_SCALARS = frozenset().union(*SCALARS.values())
SETS, LISTS, MAPPINGS = (set, frozenset), (list, deque), (dict, Counter, Mapping)
TUPLE, DECIMAL, PAIRS = "$tuple", "$decimal", "$pairs"

Rows = dict[type, list[Any]]


class UndeclaredError(TypeError):
    """A type has no plain form, or a value is not of the type that its field declares."""


class MalformedError(ValueError):
    """Plain values are not what the types declare; nothing has come of them."""


class Own(NamedTuple):
    """A plain form of a type's own."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


class Form(NamedTuple):
    """How values of one type are written, with the numbers of objects, and read, with the objects.

    `scalars` are the types of values that are plain already; there are none where something must be done.
    """

    write: Callable[["_Numbers", Any], Any]
    read: Callable[[Rows, Any], Any]
    scalars: frozenset[type] = frozenset()


@dataclass(slots=True)
class _Numbers:
    """The objects that were met, by their class; `numbers` has the row of each."""

    rows: Rows = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)

    def of(self, cls: type, value: Any) -> int:
        """Return an object's row among those of its class."""
        number = self.numbers.get(id(value))
        if number is None:
            if type(value) is not cls:
                raise UndeclaredError(f"{value!r} is no {name_of(cls)}")
            rows = self.rows.setdefault(cls, [])
            number = self.numbers[id(value)] = len(rows)
            rows.append(value)
        return number


class Codec:
    """Writes and reads the values of some names, each of a type that is declared here.

    `own` has the forms of types that are no dataclasses.
    """

    def __init__(self, declared: Mapping[str, Any], own: Mapping[type, Own] | None = None) -> None:
        """Find the form of everything that the declared types lead to; raises UndeclaredError and says where."""
        self._own = own or {}
        self._tables: dict[type, dict[str, Form]] = {}
        self._forms = {name: self._form(declared[name], name) for name in declared}
        self._classes = {name_of(cls): cls for cls in self._tables}

    def write(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the plain form: values by their names, and the objects that they refer to. It shares nothing."""
        numbers = _Numbers()
        plain = {name: _one(form, numbers, values[name], name) for name, form in self._forms.items()}
        objects: dict[str, dict[str, list[Any]]] = {}
        done: dict[type, int] = {}
        while waiting := [cls for cls, rows in numbers.rows.items() if done.get(cls, 0) < len(rows)]:
            for cls in waiting:
                first, rows = done.get(cls, 0), numbers.rows[cls]
                met, done[cls] = rows[first:], len(rows)
                columns = objects.setdefault(name_of(cls), {name: [] for name in self._tables[cls]})
                for name, form in self._tables[cls].items():
                    column = [getattr(one, name) for one in met]
                    columns[name] += _many(form, numbers, column, f"{name_of(cls)}.{name}")
        return {"values": plain, "objects": objects}

    def read(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values by their names, all objects new; raises MalformedError.

        A field that the plain form does not know has its default. What it knows and the types do not is refused.
        """
        try:
            rows = self._rows(plain["objects"])
            for name, columns in plain["objects"].items():
                self._fill(self._classes[name], columns, rows)
            return {name: _read_one(form, rows, plain["values"][name], name) for name, form in self._forms.items()}
        except (LookupError, TypeError, AttributeError) as error:
            raise MalformedError(f"not what the types declare: {error!r}") from error

    def _rows(self, objects: Mapping[str, Mapping[str, list[Any]]]) -> Rows:
        """Return as many empty objects of each class as there are rows, and refuse what no class declares."""
        rows: Rows = {cls: [] for cls in self._tables}
        for name, columns in objects.items():
            cls = self._classes.get(name)
            if cls is None:
                raise MalformedError(f"{name}: there is no such class")
            unknown = [column for column in columns if column not in self._tables[cls]]
            if unknown:
                raise MalformedError(f"{name}.{unknown[0]}: there is no such field")
            lengths = {len(column) for column in columns.values()}
            if len(lengths) != 1:
                raise MalformedError(f"{name}: its columns are not of one length")
            rows[cls] = [cls.__new__(cls) for _ in range(lengths.pop())]
        return rows

    def _fill(self, cls: type, columns: Mapping[str, list[Any]], rows: Rows) -> None:
        for name, form in self._tables[cls].items():
            where = f"{name_of(cls)}.{name}"
            values: Iterable[Any] = (
                _read_many(form, rows, columns[name], where) if name in columns else _defaults(cls, name, where)
            )
            # past __init__, which would want them all at once, and past a frozen class's own __setattr__
            deque(map(object.__setattr__, rows[cls], repeat(name), values), maxlen=0)

    def _form(self, hint: Any, where: str) -> Form:
        """Return the form of a type; raises UndeclaredError."""
        origin, parts = get_origin(hint), get_args(hint)
        if hint is Any:
            return Form(lambda _, value: _write_any(value, where), lambda _, plain: _read_any(plain))
        if hint in self._own:
            own: Own = self._own[hint]
            return Form(lambda _, value: own.write(value), lambda _, plain: own.read(plain))
        if hint in SCALARS:
            return _scalar(SCALARS[hint])
        if origin is Literal:
            return _scalar(frozenset(map(type, parts)))
        if origin in (Union, types.UnionType):
            return self._optional(parts, where)
        if hint is array:
            return Form(lambda _, value: [value.typecode, value.tolist()], lambda _, plain: array(*plain))
        if isinstance(hint, type) and is_dataclass(hint):
            return self._object(hint)
        if isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
            hints = get_type_hints(hint)
            forms = [self._form(hints[name], f"{name_of(hint)}.{name}") for name in hint._fields]
            return _row(forms, hint._make, where)
        if origin is tuple and parts[-1] is not ...:
            return _row([self._form(part, where) for part in parts], tuple, where)
        if origin is tuple or origin in LISTS or origin in SETS:
            if origin in SETS:
                self._see_that_hashable(parts[0], where)
            return _series(self._form(parts[0], where), origin, where)
        if origin in MAPPINGS:
            self._see_that_hashable(parts[0], where)
            value = int if origin is Counter else parts[1]
            return _mapping(self._form(parts[0], where), self._form(value, where), origin, where, named=parts[0] is str)
        raise UndeclaredError(f"{where}: {hint} has no plain form")

    def _see_that_hashable(self, hint: Any, where: str) -> None:
        if isinstance(hint, type) and is_dataclass(hint):
            raise UndeclaredError(f"{where}: {hint} has no hash while it is read, so that it can be no key")

    def _object(self, cls: type) -> Form:
        if cls not in self._tables:
            table = self._tables[cls] = {}
            hints = get_type_hints(cls)
            for one in fields(cls):
                if one.metadata.get(KEPT, True):
                    table[one.name] = self._form(hints[one.name], f"{name_of(cls)}.{one.name}")
            if not table:
                raise UndeclaredError(f"{name_of(cls)} has no fields, so that none of them could be counted")
        return Form(lambda numbers, value: numbers.of(cls, value), lambda rows, plain: rows[cls][plain])

    def _optional(self, parts: tuple[Any, ...], where: str) -> Form:
        forms = [self._form(part, where) for part in parts]
        if all(form.scalars for form in forms):
            return _scalar(frozenset().union(*(form.scalars for form in forms)))
        others = [form for form, part in zip(forms, parts, strict=True) if part is not type(None)]
        if len(others) > 1:
            raise UndeclaredError(f"{where}: of {parts} nothing tells which one a value is")
        only = others[0]
        return Form(
            lambda numbers, value: None if value is None else only.write(numbers, value),
            lambda rows, plain: None if plain is None else only.read(rows, plain),
        )


def name_of(cls: type) -> str:
    """Return the name by which plain forms know a class: its module's, from the package on, and its own."""
    return f"{cls.__module__.removeprefix(PACKAGE)}.{cls.__qualname__}"


def _scalar(known: frozenset[type]) -> Form:
    return Form(lambda _, value: value, lambda _, plain: plain, known)


def _one(form: Form, numbers: _Numbers, value: Any, where: str) -> Any:
    return _many(form, numbers, [value], where)[0]


def _read_one(form: Form, rows: Rows, plain: Any, where: str) -> Any:
    return _read_many(form, rows, [plain], where)[0]


def _many(form: Form, numbers: _Numbers, values: Iterable[Any], where: str) -> list[Any]:
    """Return the plain forms of values of one type."""
    if not form.scalars:
        write = form.write
        return [write(numbers, value) for value in values]
    found = list(values)
    if not form.scalars.issuperset(map(type, found)):
        raise UndeclaredError(f"{where}: {_stranger(found, form.scalars)!r} is not of the type declared")
    return found


def _read_many(form: Form, rows: Rows, plain: Iterable[Any], where: str) -> list[Any]:
    """Return the values of plain forms of one type."""
    if not form.scalars:
        read = form.read
        return [read(rows, one) for one in plain]
    found = list(plain)
    if not form.scalars.issuperset(map(type, found)):
        raise MalformedError(f"{where}: {_stranger(found, form.scalars)!r} is not of the type declared")
    return found


def _stranger(values: list[Any], known: frozenset[type]) -> Any:
    return next(value for value in values if type(value) not in known)


def _row(forms: list[Form], make: Callable[[Iterable[Any]], Any], where: str) -> Form:
    """Return the form of a tuple that has a type for each place."""

    def write(numbers: _Numbers, value: Any) -> list[Any]:
        return [_one(form, numbers, part, where) for form, part in zip(forms, value, strict=True)]

    def read(rows: Rows, plain: Any) -> Any:
        return make([_read_one(form, rows, part, where) for form, part in zip(forms, plain, strict=True)])

    if all(form.scalars for form in forms):
        known = frozenset().union(*(form.scalars for form in forms))
        count = len(forms)

        def write_scalars(_: _Numbers, value: Any) -> list[Any]:
            if len(value) != count or not known.issuperset(map(type, value)):
                raise UndeclaredError(f"{where}: {value!r} is not of the types declared")
            return list(value)

        def read_scalars(_: Rows, plain: Any) -> Any:
            if len(plain) != count or not known.issuperset(map(type, plain)):
                raise MalformedError(f"{where}: {plain!r} is not of the types declared")
            return make(plain)

        return Form(write_scalars, read_scalars)
    return Form(write, read)


def _series(form: Form, kind: Any, where: str) -> Form:
    """Return the form of values of one type in a row; a set's are sorted, a deque's come after its bound."""

    def write(numbers: _Numbers, value: Any) -> Any:
        plain = _many(form, numbers, value, where)
        if kind in SETS:
            plain.sort()
        return [value.maxlen, plain] if kind is deque else plain

    def read(rows: Rows, plain: Any) -> Any:
        bound, values = plain if kind is deque else (None, plain)
        found = _read_many(form, rows, values, where)
        return deque(found, bound) if kind is deque else found if kind is list else kind(found)

    return Form(write, read)


def _mapping(key: Form, value: Form, kind: Any, where: str, *, named: bool) -> Form:
    """Return the form of a mapping: an object where texts are its keys, else two lists. The order stays."""

    def write(numbers: _Numbers, mapping: Any) -> Any:
        keys, values = _many(key, numbers, mapping, where), _many(value, numbers, mapping.values(), where)
        return dict(zip(keys, values, strict=True)) if named else [keys, values]

    def read(rows: Rows, plain: Any) -> Any:
        keys, values = (plain, plain.values()) if named else plain
        found = zip(_read_many(key, rows, keys, where), _read_many(value, rows, values, where), strict=True)
        return Counter(dict(found)) if kind is Counter else dict(found)

    return Form(write, read)


def _defaults(cls: type, name: str, where: str) -> Iterable[Any]:
    """Yield the default of a field without end; raises MalformedError where it has none."""
    one = next(one for one in fields(cls) if one.name == name)
    if one.default is not MISSING:
        return repeat(one.default)
    if one.default_factory is not MISSING:
        return iter(one.default_factory, object())
    raise MalformedError(f"{where}: it is missing, and has no default")


def _write_any(value: Any, where: str) -> Any:
    """Return the plain form of a value of which only JSON's types, tuples and decimals are expected."""
    kind = type(value)
    if kind in ANY_SCALARS:
        return value
    if kind is dict:
        if all(type(key) is str for key in value) and not value.keys() & {TUPLE, DECIMAL, PAIRS}:
            if ANY_SCALARS.issuperset(map(type, value.values())):
                return value.copy()
            return {key: _write_any(one, where) for key, one in value.items()}
        return {PAIRS: [[_write_any(key, where), _write_any(one, where)] for key, one in value.items()]}
    if kind is list:
        return [_write_any(one, where) for one in value]
    if kind is tuple:
        return {TUPLE: [_write_any(one, where) for one in value]}
    if kind is Decimal:
        return {DECIMAL: str(value)}
    raise UndeclaredError(f"{where}: {value!r} is of a type without a plain form")


def _read_any(plain: Any) -> Any:
    if type(plain) is list:
        return [_read_any(one) for one in plain]
    if type(plain) is not dict:
        return plain
    if ANY_SCALARS.issuperset(map(type, plain.values())) and DECIMAL not in plain:
        return plain.copy()
    if TUPLE in plain:
        return tuple(_read_any(one) for one in plain[TUPLE])
    if DECIMAL in plain:
        return Decimal(plain[DECIMAL])
    if PAIRS in plain:
        return {_read_any(key): _read_any(one) for key, one in plain[PAIRS]}
    return {key: _read_any(one) for key, one in plain.items()}
