"""Answers as bytes."""

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from apidouble.mockserver.gateway.encode import ANSWERS, LONGEST_BYTES, encode_json, encode_xml, once
from apidouble.mockserver.spec.answers import AnswerCompiler
from apidouble.mockserver.spec.model import JSON
from apidouble.mockserver.stage.simulator import Simulator

CONTRACT = Simulator.open().contract
SCHEMAS = [
    (spec, media_type, schema)
    for spec in CONTRACT.vendors.values()
    for operation in spec.operations.values()
    for (media_type, _), schema in operation.answers.items()
    if schema.get("type") == "object" and "properties" in schema
]
SCALARS = st.sampled_from([None, 0, 1, 7, True, False, "", "1", "0"])
NUMBERS = st.sampled_from([None, 0, 1, 7, True, False, "1", "0"])
LISTS = st.none() | st.lists(st.integers(0, 2), max_size=2)


def values_of(compiler: AnswerCompiler, schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw what an answer may be written from."""
    fields = {}
    for name, below in compiler.resolve(schema)["properties"].items():
        part = compiler.resolve(below)
        types = part.get("type", "string")
        if "object" in compiler.resolve(part.get("items", {})).get("type", ""):
            chosen: st.SearchStrategy[Any] = st.sampled_from([None, [], [{}]])
        elif "array" in types or "x-split" in part:
            chosen = LISTS
        elif "object" in types:
            chosen = st.sampled_from([None, {}])
        else:
            chosen = SCALARS if "format" not in part and "string" in types else NUMBERS
        fields[part.get("x-from", name)] = chosen
    return st.fixed_dictionaries({}, optional=fields)


def _flag(value: Any) -> Any:
    return bool(value) if value in (0, 1) else value


@given(st.sampled_from(SCHEMAS), st.booleans(), st.data())
def test_values_that_come_again_are_written_as_if_they_were_new(
    answer: tuple[Any, str, Mapping[str, Any]], everything: bool, data: st.DataObject
) -> None:
    """Whatever was written before, also of values that equal them and are something else, like True and 1."""
    spec, media_type, schema = answer
    readings = CONTRACT.choose({"qc.optional_fields": "all"} if everything else {})
    compiler = spec.compiler(readings)
    is_json = media_type == JSON
    as_written: Callable[[Any], Any] = compiler.json(schema) if is_json else compiler.xml(schema)
    encode: Callable[[Any], bytes] = encode_json if is_json else encode_xml

    def write(values: Any) -> bytes:
        return encode(as_written(values))

    again = once(write)

    for values in data.draw(st.lists(values_of(compiler, schema), max_size=4)):
        for equal in (values, {name: _flag(value) for name, value in values.items()}):
            assert again(equal) == write(equal)


def test_what_is_remembered_is_neither_long_nor_much() -> None:
    """As many answers as there may be, and no texts of the customer's that fill pages."""
    ANSWERS.clear()
    written: list[Any] = []

    def write(values: Mapping[str, Any]) -> bytes:
        written.append(values["a"])
        return str(values["a"]).encode()

    again = once(write)
    long = "x" * (LONGEST_BYTES + 1)

    for value in (long, long, 1, 1, *range(2, ANSWERS.limit + 2), 1):
        assert again({"a": value}) == str(value).encode()

    assert written.count(long) == 2
    assert written.count(1) == 2


def test_equal_values_are_written_by_who_is_asked() -> None:
    """Another operation may have the same ones, or the same operation in another format."""
    ANSWERS.clear()
    one, other = once(lambda _: b"one"), once(lambda _: b"other")

    assert [one({"a": 1}), other({"a": 1}), one({"a": 1})] == [b"one", b"other", b"one"]
