"""Turn values of declared types into plain values of JSON and back; an object that is met twice stays one object.

Everything goes by the types that dataclasses declare. Their instances stand in tables, a column for each field, and are
referred to by their row; so references may be shared, or run in circles. Everything else stands where it is met. A type
without a form is refused when the Codec is made, a value of another type than its field's when it is written.
"""

import types
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from itertools import repeat
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from apidouble.mockserver.domain import forms
from apidouble.mockserver.domain.forms import Form, MalformedError, Numbers, Own, Rows, UndeclaredError, name_of

KEPT = "kept"
WORKED_OUT: Mapping[str, bool] = {KEPT: False}  # metadata of a field that is no part of an object's plain form


class Codec:
    """Writes and reads values that have names, each of the type declared for it.

    `own` has the plain forms of types that no dataclass declares.
    """

    def __init__(self, declared: Mapping[str, Any], own: Mapping[Any, Own]) -> None:
        """Find the form of all that the declared types lead to; raises UndeclaredError, which says where."""
        self._own = {**BUILT_IN, **own}
        self._tables: dict[type, dict[str, Form]] = {}
        self._values = {name: self._form(hint, name) for name, hint in declared.items()}
        self._classes = {name_of(cls): cls for cls in self._tables}

    def write(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values, and the objects that they lead to, as plain values, which share nothing with them.

        Raises UndeclaredError where one is not of its type.
        """
        numbers = Numbers()
        plain = {name: _at(name, form.write, numbers, values[name]) for name, form in self._values.items()}
        objects: dict[str, dict[str, list[Any]]] = {}
        written: dict[type, int] = {}
        while waiting := [cls for cls, rows in numbers.rows.items() if written.get(cls, 0) < len(rows)]:
            for cls in waiting:
                met = numbers.rows[cls][written.get(cls, 0) :]
                written[cls] = len(numbers.rows[cls])
                columns = objects.setdefault(name_of(cls), {name: [] for name in self._tables[cls]})
                for name, form in self._tables[cls].items():
                    column = [getattr(one, name) for one in met]
                    columns[name] += _at(f"{name_of(cls)}.{name}", form.write_all, numbers, column)
        return {"values": plain, "objects": objects}

    def read(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values by their names; all objects are new. Raises MalformedError.

        A field of which the plain form knows nothing has its default. What it knows and no class declares is refused.
        """
        try:
            rows = self._rows(plain["objects"])
            for name, columns in plain["objects"].items():
                self._fill(self._classes[name], columns, rows)
            return {name: _at(name, form.read, rows, plain["values"][name]) for name, form in self._values.items()}
        except MalformedError:
            raise
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            raise MalformedError(f"not what the types declare: {error!r}") from error

    def _rows(self, objects: Mapping[str, Mapping[str, list[Any]]]) -> Rows:
        """Return empty objects, one for each row."""
        rows: Rows = {cls: [] for cls in self._tables}
        for name, columns in objects.items():
            if name not in self._classes:
                raise MalformedError(f"{name}: there is no such class")
            cls = self._classes[name]
            unknown = columns.keys() - self._tables[cls].keys()
            if unknown:
                raise MalformedError(f"{name}: there is no field {', '.join(sorted(unknown))}")
            lengths = set(map(len, columns.values()))
            if len(lengths) != 1:
                raise MalformedError(f"{name}: its columns are not of one length")
            rows[cls] = [object.__new__(cls) for _ in range(lengths.pop())]
        return rows

    def _fill(self, cls: type, columns: Mapping[str, list[Any]], rows: Rows) -> None:
        for one in fields(cls):
            form, where = self._tables[cls].get(one.name), f"{name_of(cls)}.{one.name}"
            if form is None:
                continue
            values = (
                _at(where, form.read_all, rows, columns[one.name]) if one.name in columns else _defaults(one, where)
            )
            # past __init__, which would want all at once, and past the __setattr__ of frozen classes
            deque(map(object.__setattr__, rows[cls], repeat(one.name), values), maxlen=0)

    def _form(self, hint: Any, where: str) -> Form:
        if hint in self._own:
            return self._own[hint].form
        if hint in forms.SCALARS:
            return forms.scalar(forms.SCALARS[hint])
        if isinstance(hint, type) and is_dataclass(hint):
            self._tabulate(hint)
            return forms.reference(hint)
        if hasattr(hint, "_make"):
            hints = get_type_hints(hint)
            return forms.row([self._form(hints[name], f"{name_of(hint)}.{name}") for name in hints], hint._make)
        compose = COMPOSED.get(get_origin(hint))
        if compose is None:
            raise UndeclaredError(f"{where}: {hint} has no plain form")
        return compose(lambda part: self._form(part, where), get_args(hint), where)

    def _tabulate(self, cls: Any) -> None:
        if cls in self._tables:
            return
        table = self._tables[cls] = {}
        hints = get_type_hints(cls)
        for one in fields(cls):
            if one.metadata.get(KEPT, True):
                table[one.name] = self._form(hints[one.name], f"{name_of(cls)}.{one.name}")
        if not table:
            raise UndeclaredError(f"{name_of(cls)}: without a field, nothing would tell how many there are")


def _at(where: str, convert: Callable[[Any, Any], Any], context: Any, values: Any) -> Any:
    """Convert values, and let an error say where they stand."""
    try:
        return convert(context, values)
    except (UndeclaredError, MalformedError) as error:
        raise type(error)(f"{where}: {error}") from error


def _defaults(one: "Field[Any]", where: str) -> Iterable[Any]:
    """Yield the default of a field without end."""
    if one.default is not MISSING:
        return repeat(one.default)
    if one.default_factory is not MISSING:
        make = one.default_factory
        return (make() for _ in repeat(None))
    raise MalformedError(f"{where}: missing, and there is no default")


Compose = Callable[[Callable[[Any], Form], tuple[Any, ...], str], Form]


def _literal(_: Callable[[Any], Form], parts: tuple[Any, ...], _where: str) -> Form:
    return forms.scalar(frozenset(map(type, parts)))


def _union(form: Callable[[Any], Form], parts: tuple[Any, ...], where: str) -> Form:
    found = [form(part) for part in parts if part is not type(None)]
    if all(one.scalars for one in found):
        return forms.scalar(frozenset().union(*(form(part).scalars for part in parts)))
    if len(found) > 1:
        raise UndeclaredError(f"{where}: nothing tells of which of {parts} a value is")
    return forms.optional(found[0])


def _tuple(form: Callable[[Any], Form], parts: tuple[Any, ...], _where: str) -> Form:
    if parts[-1] is ...:
        return forms.listed(form(parts[0]), tuple)
    return forms.row([form(part) for part in parts], tuple)


def _set(form: Callable[[Any], Form], parts: tuple[Any, ...], where: str) -> Form:
    return forms.sorted_set(_hashable(form, parts[0], where), frozenset)


def _mapping(form: Callable[[Any], Form], parts: tuple[Any, ...], where: str) -> Form:
    key, value = parts
    return forms.named(form(value)) if key is str else forms.paired(_hashable(form, key, where), form(value))


def _counter(form: Callable[[Any], Form], parts: tuple[Any, ...], where: str) -> Form:
    return forms.paired(_hashable(form, parts[0], where), form(int), Counter)


def _hashable(form: Callable[[Any], Form], hint: Any, where: str) -> Form:
    if isinstance(hint, type) and is_dataclass(hint):
        raise UndeclaredError(f"{where}: {name_of(hint)} has no hash while it is read")
    return form(hint)


COMPOSED: Mapping[Any, Compose] = {
    Literal: _literal,
    Union: _union,
    types.UnionType: _union,
    tuple: _tuple,
    list: lambda form, parts, _: forms.listed(form(parts[0])),
    deque: lambda form, parts, _: forms.bounded(form(parts[0])),
    frozenset: _set,
    dict: _mapping,
    Mapping: _mapping,
    Counter: _counter,
}
BUILT_IN: Mapping[Any, Own] = {Any: forms.ANYTHING, array: forms.ARRAY}
