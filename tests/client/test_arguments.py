"""Nested arguments arrive at the simulator's decoder as they were, and what cannot be sent is refused before it is."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apidouble.client import CommentConfig, Currency, Geotargeting, SocialParams, SocialSetting
from apidouble.client.arguments import encode, joined
from apidouble.mockserver.domain.call import Diagnostics
from apidouble.mockserver.gateway.decode import decode_body

NAMES = st.from_regex(r"[a-z][a-z_-]{0,8}", fullmatch=True)
SCALARS = st.text(max_size=20).filter(str.isprintable) | st.integers().map(str)
TREES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, min_size=1, max_size=4) | st.dictionaries(NAMES, below, min_size=1, max_size=4),
    max_leaves=12,
)


def decoded(parameters: dict[str, Any]) -> Any:
    body = urlencode(encode(parameters)).encode()
    return decode_body("application/x-www-form-urlencoded", body, Diagnostics(), read_json=False)


@given(st.dictionaries(NAMES, TREES, min_size=1, max_size=5))
def test_decode_undoes_encode(tree: dict[str, Any]) -> None:
    """Lists, mappings and texts of any depth that PHP's arrays can hold."""
    assert decoded(tree) == tree


def test_types_are_written_as_documented() -> None:
    """Flags are 1 and 0, amounts plain, times of Moscow, and what is None is not sent."""
    assert decoded(
        {
            "yes": True,
            "no": False,
            "none": None,
            "currency": Currency.USD,
            "kind": CommentConfig(9),
            "amount": Decimal("1E+1"),
            "small": Decimal("0.50"),
            "at": time(10, 0),
            "at_s": time(10, 0, 5),
            "day": date(2013, 1, 18),
            "moment": datetime(2021, 11, 19, 12, 38, 51, tzinfo=UTC),
            "social": [SocialSetting(3, SocialParams(count_followers=100))],
            "places": Geotargeting((20,), cities=(20944, 29790)),
        }
    ) == {
        "yes": "1",
        "no": "0",
        "currency": "2",
        "kind": "9",
        "amount": "10",
        "small": "0.50",
        "at": "10:00",
        "at_s": "10:00:05",
        "day": "2013-01-18",
        "moment": "2021-11-19 15:38:51",
        "social": [{"social": "3", "params": {"count_followers": "100"}}],
        "places": {"countries": ["20"], "cities": ["20944", "29790"]},
    }


@pytest.mark.parametrize("value", [1.5, b"x", object(), Decimal("NaN"), datetime(2021, 1, 1)])  # noqa: DTZ001
def test_what_has_no_exact_meaning_is_not_sent(value: Any) -> None:
    """Floats, bytes, times without a zone."""
    with pytest.raises((TypeError, ValueError)):
        encode({"value": value})


def test_a_separator_within_a_value_is_refused() -> None:
    """One page would become two."""
    assert joined(["a", "b"], ";;") == "a;;b"
    with pytest.raises(ValueError, match="separator"):
        joined(["a;;b"], ";;")


def test_unknown_settings_and_contradictions_are_refused(script: Any) -> None:
    """The service would ignore them."""
    service = script((200, "", b'{"status":"ok"}'))
    with pytest.raises(TypeError, match="tariff_id"):
        service.qcomment.projectedit(2, tariff_id=3)
    with pytest.raises(ValueError, match="exclude"):
        service.qcomment.projectedit(2, geotargeting=Geotargeting((1,), (2,), (3,)))
    with pytest.raises(ValueError, match="own parameter"):
        service.qqtube.add("u", 1, 1, params={"api_key": "x"})
    assert not service.calls
