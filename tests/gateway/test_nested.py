"""Array names are read as PHP reads them."""

import json
import os
import shutil
import subprocess
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apidouble.mockserver.gateway.nested import MAX_DEPTH, NestedTooDeepError, assemble

PHP = shutil.which("php")
REQUIRED = "php" in os.environ.get("APIDOUBLE_REQUIRE", "").split(",")
NAMES = st.text(st.sampled_from("ab01[]. _-"), min_size=1, max_size=9)
SEGMENTS = st.lists(
    st.sampled_from(["", "0", "1", "5", "a", "b", "-1", "01", "x[y", " ", " a", "  ", "\t", "\x85"]), max_size=3
)
PROPER = st.builds(lambda base, path: base + "".join(f"[{s}]" for s in path), st.sampled_from(["a", "b.c"]), SEGMENTS)


@pytest.mark.parametrize(
    ("pairs", "tree"),
    [
        ([("a[0][b]", "c")], {"a": [{"b": "c"}]}),
        ([("a[]", "x"), ("a[]", "y")], {"a": ["x", "y"]}),
        ([("a[0]", "x"), ("a[2]", "y")], {"a": {"0": "x", "2": "y"}}),
        ([("a[5]", "x"), ("a[]", "y")], {"a": {"5": "x", "6": "y"}}),
        ([("requests", "1"), ("requests", "2"), ("requests", "3")], {"requests": ["1", "2", "3"]}),
        ([("a[b", "x")], {"a_b": "x"}),
        ([("a[ ]", "x"), ("a[ b]", "y"), ("a[\x85]", "z")], {"a": {"0": "x", " b": "y", "\x85": "z"}}),
        ([("my.name", "x")], {"my_name": "x"}),
    ],
)
def test_array_names_become_a_tree(pairs: list[tuple[str, str]], tree: dict[str, Any]) -> None:
    """Brackets nest, empty brackets append, and a plain name sent again makes a list."""
    assert assemble(pairs) == tree


@given(st.integers(1, 40))
def test_depth_is_limited(depth: int) -> None:
    """A name nests as deep as allowed and no deeper."""
    pairs = [("a" + "[x]" * depth, "v")]
    if depth <= MAX_DEPTH:
        assert assemble(pairs)
    else:
        with pytest.raises(NestedTooDeepError):
            assemble(pairs)


@given(st.lists(st.tuples(NAMES, st.text(max_size=3)), max_size=6))
def test_any_names_make_a_tree(pairs: list[tuple[str, str]]) -> None:
    """No name, however odd, is an error."""
    assert len(assemble(pairs)) <= len(pairs)


@pytest.mark.skipif(PHP is None and not REQUIRED, reason="php is not installed")
@settings(max_examples=5, deadline=None)
@given(st.lists(st.lists(st.tuples(PROPER, st.sampled_from(["x", "y", "z"])), min_size=1, max_size=4), min_size=40))
def test_php_itself_reads_the_same(requests: list[list[tuple[str, str]]]) -> None:
    """PHP's own parse_str gives the same tree, but for a plain name sent again, of which it keeps the last."""
    queries = ["&".join(f"{quote(name)}={value}" for name, value in pairs) for pairs in requests]
    script = "foreach (json_decode($argv[1]) as $q) { parse_str($q, $t); $r[] = $t; } echo json_encode($r);"
    run = subprocess.run(
        [PHP or "php", "-r", script, "--", json.dumps(queries)], capture_output=True, check=True, text=True
    )
    for pairs, theirs in zip(requests, json.loads(run.stdout), strict=True):
        assert keep_last(assemble(pairs)) == theirs, pairs


def keep_last(tree: dict[str, Any]) -> dict[str, Any]:
    return {key: value[-1] if type(value).__name__ == "Repeated" else value for key, value in tree.items()}
