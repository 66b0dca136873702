"""Bodies become trees of parameters, or are refused with the reason."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apidouble.mockserver.domain.call import Diagnostics, UnreadableError
from apidouble.mockserver.gateway.decode import (
    MAX_BODY_BYTES,
    MAX_FIELDS,
    MULTIPART,
    decode_body,
    decode_pairs,
    decode_query,
)
from apidouble.mockserver.gateway.nested import assemble
from apidouble.mockserver.spec.model import FORM

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAME = st.text(st.sampled_from("abcdefxyz_"), min_size=1, max_size=8)
FIELDS = st.dictionaries(NAME, TEXT, max_size=8)


def decode(content_type: str, body: bytes, *, read_json: bool = False) -> tuple[dict[str, Any], list[str]]:
    diagnostics = Diagnostics()
    return decode_body(content_type, body, diagnostics, read_json=read_json), diagnostics.notes


def multipart(fields: dict[str, str], boundary: str = "XX") -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return ("".join(parts) + f"--{boundary}--\r\n").encode()


@given(FIELDS)
def test_urlencoded_gives_back_what_was_sent(fields: dict[str, str]) -> None:
    """decode ∘ encode is the identity for any text, Cyrillic and control characters included."""
    body = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields.items())
    assert decode(FORM, body.encode()) == (fields, [])


@given(st.lists(st.sampled_from([b"a", b"=", b"&", b"+", b"%", b"%4", b"1", b"%zz", b"%D0%9", b"9", b" ", b"\xd0"])))
def test_urlencoded_is_read_as_the_standard_library_reads_it(pieces: list[bytes]) -> None:
    """Oddly escaped pairs too, except that what is no UTF-8 is refused."""
    body = b"".join(pieces)
    pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    try:
        expected = assemble([(n.encode("latin-1").decode(), v.encode("latin-1").decode()) for n, v in pairs])
    except UnicodeDecodeError:
        with pytest.raises(UnreadableError, match="body_unreadable"):
            decode(FORM, body)
    else:
        assert decode(FORM, body)[0] == expected


NAMES = st.sampled_from(
    ["a", "b", "ж", "a", "b", "a b", "a.b", "a+b", "%61", "a[]", "a[x]", "a[", "", "\x00", "\udcd0"]
)
VALUES = st.lists(
    st.sampled_from(["1", "ж", "=", "+", "%", "%20", "%D0%B6", "%D0", " ", "[x]", "\x00", "\udcd0"]), max_size=3
)
PAIRS = st.lists(st.tuples(NAMES, st.sampled_from(["=", "=", ""]), VALUES.map("".join)).map("".join), max_size=4)


@given(PAIRS.map("&".join))
@example("a=1+2&b=%31")
def test_a_plain_form_is_read_as_any_other(written: str) -> None:
    """Whether or not something in a form must be nested, joined or refused, all is read in the same way."""

    def told(read: Callable[[bytes], dict[str, Any]]) -> Any:
        try:
            return list(read(written.encode("utf-8", "surrogateescape")).items())
        except UnreadableError as refusal:
            return refusal.problem, refusal.words

    expected = told(lambda body: assemble(decode_pairs(FORM, body, Diagnostics())))
    assert told(lambda body: decode(FORM, body)[0]) == expected
    assert told(lambda _: decode_query(written)) == expected


@given(FIELDS)
def test_multipart_gives_back_what_was_sent(fields: dict[str, str]) -> None:
    """What PHP's curl sends for an array is read like a form."""
    fields = {name: value for name, value in fields.items() if "--XX" not in value}
    assert decode(f"{MULTIPART}; boundary=XX", multipart(fields)) == (fields, [])


@pytest.mark.parametrize("content_type", [FORM, f"{MULTIPART}; boundary=XX"])
def test_text_in_another_encoding_is_refused_by_name(content_type: str) -> None:
    """Windows-1251 bytes are no UTF-8; the refusal names the parameter."""
    body = b"title=%D2%E5%F1%F2" if content_type == FORM else multipart({"title": "T"}).replace(b"\r\nT", b"\r\n\xd2")
    with pytest.raises(UnreadableError) as refusal:
        decode(content_type, body)
    assert (refusal.value.problem, refusal.value.words["parameter"]) == ("body_unreadable", "title")


def test_too_large_a_body_is_refused() -> None:
    """One byte over the limit is too many."""
    assert decode(FORM, b"a=" + b"x" * (MAX_BODY_BYTES - 2))[0]
    with pytest.raises(UnreadableError, match="body_too_large"):
        decode(FORM, b"a=" + b"x" * (MAX_BODY_BYTES - 1))


@pytest.mark.parametrize("kind", [FORM, MULTIPART])
def test_too_many_fields_are_refused(kind: str) -> None:
    """The limit itself passes, one more does not."""

    def body(count: int) -> tuple[str, bytes]:
        fields = {f"f{index}": "1" for index in range(count)}
        if kind == MULTIPART:
            return f"{MULTIPART}; boundary=XX", multipart(fields)
        return kind, "&".join(f"{name}=1" for name in fields).encode()

    assert len(decode(*body(MAX_FIELDS))[0]) == MAX_FIELDS
    with pytest.raises(UnreadableError, match="too_many_fields"):
        decode(*body(MAX_FIELDS + 1))


@pytest.mark.parametrize("body", [b"", b"garbage", b"--XX\r\nno headers", b"--XX\r\n\r\n", b"\r\n" * 50])
def test_a_broken_multipart_body_is_refused_or_empty(body: bytes) -> None:
    """A body cut short never becomes parameters."""
    try:
        tree, _ = decode(f"{MULTIPART}; boundary=XX", body)
    except UnreadableError as refusal:
        assert refusal.problem == "body_malformed"
    else:
        assert tree == {}


@pytest.mark.parametrize(
    ("written", "tree"),
    [
        (r"a[\]", {"a": {"\\": "x"}}),
        (r"a[\\]", {"a": {"\\": "x"}}),
        (r"a[b\c]", {"a": {"b\\c": "x"}}),
        (r"a[b\"c]", {"a": {'b"c': "x"}}),
        ("a[b%22c]", {"a": {"b%22c": "x"}}),
        ("a\\", {'a"': "x"}),
    ],
)
def test_name_of_a_part_is_read_as_php_reads_it(written: str, tree: dict[str, Any]) -> None:
    """A backslash is a character like others, unless it stands before a quote or before another."""
    body = f'--XX\r\nContent-Disposition: form-data; name="{written}"\r\n\r\nx\r\n--XX--\r\n'
    assert decode(f"{MULTIPART}; boundary=XX", body.encode())[0] == tree


def test_an_upload_is_remarked_upon_and_not_read() -> None:
    """A CURLFile where text is wanted shows in the journal."""
    body = b'--XX\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nx\r\n--XX--\r\n'
    assert decode(f"{MULTIPART}; boundary=XX", body) == ({}, ["f: a file upload is not read"])


def test_json_is_read_only_under_its_reading() -> None:
    """By default a JSON body counts as no parameters, and a note says what to send."""
    body = b'{"project_id": 2, "on": true, "list": [1, "a"], "none": null}'
    tree, notes = decode("application/json", body)
    assert (tree, len(notes)) == ({}, 1)
    assert decode("application/json", body, read_json=True)[0] == {"project_id": "2", "on": "1", "list": ["1", "a"]}


@given(
    st.binary(max_size=300),
    st.sampled_from([FORM, f"{MULTIPART}; boundary=XX", MULTIPART, "", "application/json", "x/y", "\x00"]),
)
def test_arbitrary_bytes_are_read_or_refused(body: bytes, content_type: str) -> None:
    """Whatever comes, the answer is a tree or a refusal."""
    try:
        tree, _ = decode(content_type, body, read_json=True)
    except UnreadableError:
        return
    assert isinstance(tree, dict)
