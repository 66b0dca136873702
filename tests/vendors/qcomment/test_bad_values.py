"""What an optional parameter with an unreadable value does, under either reading."""

from typing import Any

import pytest


@pytest.mark.parametrize("status", ["7", "open"])
def test_unreadable_status_counts_as_not_sent_where_the_reading_says_so(status: str, customer: Any) -> None:
    """With qc.bad_values=ignore the parameter has its documented default, otherwise the call fails."""
    ignoring = customer(qc__bad_values="ignore")
    assert ignoring("comments", project_id=2, status=status) == ignoring("comments", project_id=2)
    assert customer()("comments", project_id=2, status=status)["status"] == "no"
