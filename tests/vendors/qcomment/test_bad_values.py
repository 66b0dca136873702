"""What an optional parameter with an unreadable value does, under each reading."""

from typing import Any

import pytest

NEW = {"title": "Отзывы", "subjects": 2, "tarif_id": 2, "task": "Напишите отзыв."}
HARMLESS = [
    ("newproject", NEW, "start_time", "24:00"),
    ("newproject", NEW, "limit", "-1"),
    ("newproject", NEW, "limit_hour", "много"),
    ("newproject", NEW, "premoderation", "on"),
    ("newproject", NEW, "language", "de"),
    ("newproject", NEW, "comment_configs", "1,9"),
    ("newproject", NEW, "social_setting[0][social]", "4"),
    ("newproject", NEW, "geotargeting[cities][]", "1"),
    ("projectedit", {"project_id": 4}, "date_end", "завтра"),
    ("comments", {"project_id": 2}, "date", "вчера"),
    ("comments", {"project_id": 2}, "status", "7"),
    ("requests", {}, "limit", "x"),
]
HARMFUL = [
    ("newproject", NEW, "pay", "x"),
    ("newproject", NEW, "minutes", "-3"),
    ("projectedit", {"project_id": 4}, "status", "3"),
    ("projectedit", {"project_id": 4}, "price", "шесть"),
    ("projectedit", {"project_id": 4}, "add_to_price", "-1"),
    ("returnmoney", {"project_id": 4}, "cnt_return", "0"),
    ("revision", {"comment_id": 300000}, "operation", "reject"),
    ("vipproject", {"project_id": 4, "tarif_type": 1}, "currency", "3"),
    ("balance", {}, "currency", "EUR"),
]


def refusal(name: str) -> dict[str, str]:
    return {"status": "no", "reason": f"Неверное значение параметра {name.partition('[')[0]}."}


@pytest.mark.parametrize(("operation", "rest", "name", "value"), HARMLESS)
def test_a_harmless_value_that_cannot_be_read_counts_as_not_sent(
    operation: str, rest: dict[str, Any], name: str, value: str, qcomment: Any, customer: Any
) -> None:
    """The answer is that of the call without it, and the journal names it; with qc.bad_values=refuse the call fails."""
    plain = customer()(operation, **rest)
    assert qcomment(operation, **rest, **{name: value}) == plain
    assert any("counts as not sent" in note for note in qcomment.world.journal.entries[-1].diagnostics)
    assert customer(qc__bad_values="refuse")(operation, **rest, **{name: value}) == refusal(name)


@pytest.mark.parametrize(("operation", "rest", "name", "value"), HARMFUL)
def test_a_value_on_which_money_or_a_decision_hangs_is_refused(
    operation: str, rest: dict[str, Any], name: str, value: str, qcomment: Any, customer: Any
) -> None:
    """Nothing changes; with qc.bad_values=ignore it counts as not sent as well."""
    before = repr(qcomment.account)
    assert qcomment(operation, **rest, **{name: value}) == refusal(name)
    changed = repr(qcomment.account) != before
    assert not changed
    assert customer(qc__bad_values="ignore")(operation, **rest, **{name: value}) == customer()(operation, **rest)


@pytest.mark.parametrize("status", ["7", "open"])
def test_unreadable_status_has_its_documented_default(status: str, customer: Any) -> None:
    """A status of comments that there is not is the one that the document gives for none."""
    qcomment = customer()
    assert qcomment("comments", project_id=2, status=status) == qcomment("comments", project_id=2)
    assert customer(qc__bad_values="refuse")("comments", project_id=2, status=status)["status"] == "no"
