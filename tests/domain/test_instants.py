"""Instants and durations as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apidouble.mockserver.domain.instants import END_MS, read_duration, read_instant, write_instant

SECONDS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}


@given(st.integers(0, END_MS))
def test_instant_is_read_as_it_was_written(at_ms: int) -> None:
    """Reading undoes writing, to the millisecond."""
    assert read_instant(write_instant(at_ms)) == at_ms


def test_offset_shifts_an_instant() -> None:
    """The same instant reads the same with any offset."""
    assert read_instant("2021-11-20T12:00:00+03:00") == read_instant("2021-11-20T09:00:00Z")


@pytest.mark.parametrize("text", ["2021-11-20T12:00:00", "2021-11-20", "tomorrow", ""])
def test_text_that_is_no_instant_is_refused(text: str) -> None:
    """An instant without an offset could be any of several; others are none."""
    with pytest.raises(ValueError, match=r"."):
        read_instant(text)


@given(st.fixed_dictionaries({unit: st.integers(0, 99) for unit in SECONDS}))
def test_three_ways_to_write_a_duration_agree(counts: dict[str, int]) -> None:
    """3d12h, P3DT12H and a number of seconds are the same duration."""
    total_s = sum(count * SECONDS[unit] for unit, count in counts.items())
    short = "".join(f"{count}{unit}" for unit, count in counts.items())
    iso = "P{w}W{d}DT{h}H{m}M{s}S".format_map(counts)

    assert read_duration(short) == read_duration(iso) == read_duration(total_s) == total_s * 1000


def test_fractions_of_a_second_count() -> None:
    """Milliseconds can be told in seconds."""
    assert read_duration(0.25) == read_duration("PT0.25S") == 250


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "3", "d", "-1d", "1y", "P1Y", "P1M", "1d 2h", "1.5h", "³d", "PT1"]
)
def test_text_that_is_no_duration_is_refused(text: str) -> None:
    """Months and years have no length of their own, and the rest is no duration at all."""
    with pytest.raises(ValueError, match="no duration"):
        read_duration(text)


@pytest.mark.parametrize("seconds", [-1, 1e20, "999999999999999999999w"])
def test_duration_that_does_not_fit_is_refused(seconds: float | str) -> None:
    """Time does not go back, and it has an end."""
    with pytest.raises(ValueError, match="fits"):
        read_duration(seconds)
