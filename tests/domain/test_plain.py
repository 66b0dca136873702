"""Plain forms: what is written is read again, shared objects stay shared, and what nobody declared is refused."""

import json
from array import array
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apidouble.mockserver.domain.forms import MalformedError, UndeclaredError
from apidouble.mockserver.domain.plain import WORKED_OUT, Codec


class Pair(NamedTuple):
    """A number with a word."""

    left: int
    right: "str | None"


NOTHING = Pair(0, None)


@dataclass(slots=True)
class Leaf:
    """All that can stand in a field by itself."""

    number: int = 0
    text: str | None = None
    share: float = 0
    kind: Literal["a", "b"] = "a"
    pair: Pair = NOTHING
    pairs: tuple[Pair, ...] = ()
    place: tuple[int, str | None] = (0, "")
    names: frozenset[str] = frozenset()
    last: deque[int] = field(default_factory=deque)
    counts: Counter[tuple[str, int | None]] = field(default_factory=Counter)
    anything: dict[str, Any] = field(default_factory=dict)
    by_number: dict[int, list[str]] = field(default_factory=dict)
    draw: Callable[[int], int] = field(default=abs, metadata=WORKED_OUT)


@dataclass(frozen=True)
class Node:
    """What refers to others, and to itself."""

    leaf: Leaf
    others: list["Node"] = field(default_factory=list)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
texts, numbers = st.text(max_size=3), st.integers()
maybe = st.none() | texts
pairs = st.builds(Pair, numbers, maybe)
leaves = st.builds(
    Leaf,
    numbers,
    maybe,
    st.floats(allow_nan=False),
    st.sampled_from(["a", "b"]),
    pairs,
    st.lists(pairs, max_size=2).map(tuple),
    st.tuples(numbers, maybe),
    st.frozensets(texts, max_size=4),
    st.builds(deque, st.lists(numbers, max_size=4), st.none() | st.integers(1, 3)),
    st.dictionaries(st.tuples(texts, st.none() | numbers), numbers, max_size=3).map(Counter),
    st.dictionaries(texts, json_values, max_size=3),
    st.dictionaries(numbers, st.lists(texts, max_size=2), max_size=3),
)
CODEC = Codec({"leaf": Leaf, "numbers": array}, {})


def written(codec: Codec, **values: Any) -> Any:
    """Return the plain form as it comes out of a file."""
    return json.loads(json.dumps(codec.write(values)))


@given(leaf=leaves, own=st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_what_is_written_is_read_again(leaf: Leaf, own: list[int]) -> None:
    """Values, their types, and the order of mappings; what is worked out is left to others."""
    plain = written(CODEC, leaf=leaf, numbers=array("q", own))

    read = CODEC.read(plain)

    for name in CODEC._tables[Leaf]:
        found, expected = getattr(read["leaf"], name), getattr(leaf, name)
        assert (found, type(found)) == (expected, type(expected))
    assert read["numbers"] == array("q", own) and read["leaf"].last.maxlen == leaf.last.maxlen
    assert list(read["leaf"].counts) == list(leaf.counts) and list(read["leaf"].anything) == list(leaf.anything)
    assert written(CODEC, **read) == plain and not hasattr(read["leaf"], "draw")


def test_an_object_that_is_met_twice_is_one() -> None:
    """Two ways lead to the same object, one of them in a circle; equal objects are not taken for one."""
    codec = Codec({"node": Node}, {})
    shared, equal = Leaf(number=1), Leaf(number=1)
    first = Node(shared, [Node(shared), Node(equal)])
    first.others.append(first)

    read = codec.read(written(codec, node=first))["node"]

    assert read.others[2] is read
    assert read.others[0].leaf is read.leaf is not read.others[1].leaf


def test_plain_values_share_nothing() -> None:
    """What happens after a snapshot, or after a restore, does not change the plain values."""
    leaf = Leaf(anything={"a": [1], "b": {"c": 1}}, by_number={1: ["x"]})
    plain = CODEC.write({"leaf": leaf, "numbers": array("q")})
    before = json.dumps(plain)

    for one in (leaf, CODEC.read(plain)["leaf"]):
        one.anything["a"].append(2)
        one.anything["b"]["c"] = 2
        one.by_number[1].append("y")
        one.last.append(3)

    assert json.dumps(plain) == before


def test_a_set_is_written_in_its_own_order() -> None:
    """The order of a set's members depends on the process; that of a plain form does not."""
    names = [f"name {number}" for number in range(50)]
    columns = written(CODEC, leaf=Leaf(names=frozenset(names)), numbers=array("q"))["objects"]
    assert next(iter(columns.values()))["names"] == [sorted(names)]


def odd(hint: Any) -> type:
    """Return a dataclass with a field of a type."""
    return dataclass(type("Odd", (), {"__annotations__": {"value": hint}, "__module__": __name__}))


@pytest.mark.parametrize(
    "hint",
    [
        Callable[[int], int],
        object,
        complex,
        list[complex],
        dict[str, Callable[[], None]],
        Leaf | Node,
        dict[Leaf, int],
        frozenset[Leaf],
        tuple[int, bytes],
        type("Empty", (), {"__dataclass_fields__": {}}),
    ],
)
def test_a_type_without_a_form_is_refused_at_once(hint: Any) -> None:
    """Whoever adds such a field hears of it before anything is written, with its place."""
    with pytest.raises(UndeclaredError, match=r"Odd\.value|Empty"):
        Codec({"odd": odd(hint)}, {})


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (int, "1"),
        (int, True),
        (str | None, 1),
        (list[int], [1, None]),
        (dict[str, int], {1: 1}),
        (tuple[int, int], (1, "1")),
        (Any, (1,)),
        (Any, {1: 2}),
        (Any, [object()]),
        (Leaf, Node(Leaf())),
        (Leaf | None, 5),
    ],
)
def test_a_value_of_another_type_is_not_written(hint: Any, value: Any) -> None:
    """It would be read as something else; the error says where it stands."""
    cls = odd(hint)
    with pytest.raises(UndeclaredError, match=r"Odd\.value: "):
        Codec({"odd": cls}, {}).write({"odd": cls(value)})


def test_a_field_that_was_not_written_has_its_default() -> None:
    """So a class can grow; one without a default is asked for by its name."""
    plain = written(CODEC, leaf=Leaf(number=7), numbers=array("q"))
    columns = next(iter(plain["objects"].values()))
    del columns["counts"], columns["text"]
    leaves = [CODEC.read(plain)["leaf"] for _ in range(2)]
    assert (leaves[0].number, leaves[0].text, leaves[0].counts) == (7, None, Counter())
    assert leaves[0].counts is not leaves[1].counts

    codec = Codec({"node": Node}, {})
    plain = written(codec, node=Node(Leaf()))
    del plain["objects"]["tests.domain.test_plain.Node"]["leaf"]
    with pytest.raises(MalformedError, match=r"Node\.leaf: missing"):
        codec.read(plain)
