"""Nothing that is shown steers a terminal, forges a line, floods it, or tells a key."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from apidouble.mockserver.domain.shown import MASK, is_key, masked, shown, shown_lines, without

STEERING = st.sampled_from("\x00\x07\x08\t\n\r\x1b\x7f\x85\x9b\u2028\u202e\u2066\ud800")
TEXTS = st.text(st.one_of(STEERING, st.characters()))


@given(TEXTS)
def test_shown_text_is_one_line_without_a_sign_that_steers(text: str) -> None:
    """Whatever a text holds, no control character, no turn of direction and no half of a sign is left."""
    seen = shown(text)

    assert not {unicodedata.category(sign) for sign in seen} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(seen) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    assert len(seen.splitlines()) <= 1
    seen.encode()


@given(TEXTS)
def test_lines_stay_and_nothing_else_does(text: str) -> None:
    """A text of several lines is its lines, each as it may be shown."""
    assert shown_lines(text) == "\n".join(shown(line) for line in text.split("\n"))


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_harmless_text_is_shown_as_it_is(text: str) -> None:
    """Letters, numbers and signs of any language stay."""
    assert shown(text) == text


@given(st.text(min_size=50), st.integers(10, 40))
def test_long_text_is_bounded(text: str, most: int) -> None:
    """However long a text is, no more of it is shown than asked for, and what escapes take."""
    assert len(shown(text, most)) <= (most + 3) * len(r"\u202e")
    assert len(shown("x" * 10_000_000)) < 3000


def test_keys_are_masked_under_their_names_and_under_similar_ones() -> None:
    """The vendors' names, and slips of the pen near to them, hide their values; others do not."""
    told = {"apicode": "s", "api_key": "s", "API-Key": "s", "apiCode": "s", "a": [{"token": "s"}], "title": "t"}

    assert masked(told) == {
        "apicode": MASK,
        "api_key": MASK,
        "API-Key": MASK,
        "apiCode": MASK,
        "a": [{"token": MASK}],
        "title": "t",
    }
    assert not is_key("keyword")


def test_a_secret_is_masked_as_addresses_write_it_too() -> None:
    """A key that stands in a text is not in it any more, in none of its forms."""
    assert without("a s3cr/et key b s3cr%2Fet%20key c s3cr%2Fet+key", "s3cr/et key") == "a *** b *** c ***"
