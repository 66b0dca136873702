"""What a parameter that a service declares admits, where no service of the catalogue shows it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apidouble.mockserver.domain.call import RefusedError
from apidouble.mockserver.vendors.qqtube.ordering import check_param


def param(validators: str = "", options: tuple[dict[str, str], ...] = (), *, prices: bool = False) -> dict[str, Any]:
    """A parameter labelled X."""
    return {
        "field_label": "X",
        "field_validators": validators,
        "options": list(options),
        "is_price_modifier": "1" if prices else "0",
    }


def refusal(declared: dict[str, Any], value: str | None) -> tuple[int, ...]:
    """Return the messages that a value gets, none where it is admitted."""
    try:
        check_param(declared, value)
    except RefusedError as refused:
        return refused.codes
    return ()


@pytest.mark.parametrize(
    ("value", "codes"),
    [("-1", (9020,)), ("0", ()), ("1.5", (9019,)), ("2.0", ()), (" +2 ", ()), ("1,5", (9019,)), ("١", (9019,))],
)
def test_what_changes_the_price_is_a_number_from_zero(value: str, codes: tuple[int, ...]) -> None:
    """Without validators too, a price modifier never makes an order cheaper than nothing."""
    assert refusal(param(prices=True), value) == codes


def test_an_option_out_of_use_is_none() -> None:
    """The value of an option that is not active is refused like one that does not exist."""
    assert refusal(param(options=({"value": "1", "active": "0", "error_selection": "0"},)), "1") == (9026,)


@given(low=st.integers(0, 50), span=st.integers(0, 50), step=st.integers(1, 9), value=st.integers(-100, 200))
def test_bounds_and_steps_admit_exactly_what_they_say(low: int, span: int, step: int, value: int) -> None:
    """A number is admitted if and only if it is within min and max and a multiple of increment."""
    admitted = low <= value <= low + span and value % step == 0
    assert (refusal(param(f"min:{low}|max:{low + span}|increment:{step}"), str(value)) == ()) == admitted


@given(least=st.integers(0, 20), most=st.integers(0, 20), value=st.text(max_size=30))
def test_lengths_admit_exactly_what_they_say(least: int, most: int, value: str) -> None:
    """A text is admitted if and only if it has from minchar to maxchar characters."""
    assert (refusal(param(f"minchar:{least}|maxchar:{most}"), value) == ()) == (least <= len(value) <= most)


@given(lines=st.lists(st.sampled_from(["", " ", "a", "b c"]), max_size=8), ending=st.sampled_from(["\n", "\r\n"]))
def test_blank_lines_do_not_count(lines: list[str], ending: str) -> None:
    """minlines counts the lines with text, whatever else ends them besides the newline."""
    written = sum(1 for line in lines if line.strip())
    assert refusal(param(f"minlines:{written}"), ending.join(lines)) == ()
    assert refusal(param(f"minlines:{written + 1}"), ending.join(lines)) == (9025,)


def test_an_optional_parameter_may_be_left_out() -> None:
    """Without the validator required nothing is refused for being missing."""
    assert refusal(param("min:5|minchar:3"), None) == ()
