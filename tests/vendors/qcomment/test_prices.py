"""What a work costs: price, add_to_price, average_price, tariff, minutes and screenshot, at creation and in edits."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apidouble.mockserver.spec.load import load

NEW = {"title": "Отзывы", "subjects": 2, "tarif_id": 2, "task": "Напишите отзыв."}
VIDEO = NEW | {"tarif_id": 83}
TARIFFS = load().vendors["qcomment"].rules.catalogs["tariffs"]
reuse = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FORM = {"title": "Отзывы о доставке", "task": "Напишите отзыв.", "subjects": 2, "language": "ru"}


def price(qcomment: Any, project_id: Any) -> str:
    shown: str = qcomment("project", project_id=project_id)["price"]
    return shown


def notes(qcomment: Any) -> str:
    return " | ".join(qcomment.world.journal.entries[-1].diagnostics)


@pytest.mark.parametrize(
    ("reading", "sent", "money"),
    [
        ("customer", {"minutes": 10, "add_to_price": 8}, 10),
        ("customer", {"minutes": 10, "price": 10}, 10),
        ("customer", {"minutes": 10}, 2),
        ("customer", {}, 2),
        ("charged", {"minutes": 10}, 10),
        ("charged", {"minutes": 10, "add_to_price": 8}, 18),
        ("charged", {"minutes": 2}, 2),
        ("charged", {"minutes": 10, "tarif_id": 2}, 6),
    ],
)
def test_the_customer_sets_the_surcharge_for_minutes(reading: str, sent: Any, money: int, customer: Any) -> None:
    """Section 2 asks the customer to set it, so nothing is charged by itself, unless the reading says so."""
    qcomment = customer(qc__minutes=reading)
    assert qcomment("newproject", **VIDEO | sent, pay=1)["money"] == money


@pytest.mark.parametrize(
    ("sent", "told"), [({"minutes": 10}, True), ({"minutes": 10, "add_to_price": 8}, False), ({"minutes": 2}, False)]
)
def test_a_surcharge_for_minutes_that_is_not_set_is_remarked_upon(sent: Any, told: bool, qcomment: Any) -> None:
    """The journal tells what is due for the length of the video, at creation and in an edit."""
    project_id = qcomment("newproject", **VIDEO | sent)["project_id"]
    assert ("the surcharge is 8" in notes(qcomment)) == told
    qcomment("projectedit", project_id=project_id, title="Видео")
    assert ("the surcharge is 8" in notes(qcomment)) == told


@pytest.mark.parametrize("form", [{"tarif_id": 2}, FORM | {"tarif_id": "2"}, {"screenshot": 0}])
def test_an_edit_that_names_no_price_leaves_it(form: Any, qcomment: Any) -> None:
    """A form that sends all its fields, the tariff among them, changes nothing of what authors get."""
    assert qcomment("projectedit", project_id=4, **form) == {"status": "ok"}
    assert price(qcomment, 4) == "12.25"


@pytest.mark.parametrize(("also", "expected"), [({}, "10.5"), ({"add_to_price": 2}, "12.5"), ({"price": 15}, "15")])
def test_another_tariff_comes_with_its_minimum(also: Any, expected: str, qcomment: Any) -> None:
    """Whatever the project had; what the edit names of the price comes on top, or instead."""
    assert qcomment("projectedit", project_id=4, tarif_id=10, **also) == {"status": "ok"}
    assert price(qcomment, 4) == expected


def test_a_tariff_of_another_currency_is_refused(qcomment: Any) -> None:
    """And nothing of the edit is done."""
    answer = qcomment("projectedit", project_id=4, tarif_id=191, title="Новое")
    assert answer == {"status": "no", "reason": "Неверное значение параметра tarif_id."}
    assert qcomment("project", project_id=4)["title"] == "Отзывы о доставке"


@reuse
@given(tarif_id=st.sampled_from(sorted(TARIFFS)), missing=st.integers(1, 300), is_edit=st.booleans())
def test_no_price_below_the_minimum_is_taken(tarif_id: int, missing: int, is_edit: bool, customer: Any) -> None:
    """From a hundredth below the tariff's minimum down to 0 it is refused, or by the reading raised to the minimum."""
    least = Decimal(TARIFFS[tarif_id]["price"])
    low = max(least - Decimal(missing) / 100, Decimal(0))
    for reading in ("refuse", "raise"):
        qcomment = customer(qc__low_price=reading)
        new = NEW | {"tarif_id": tarif_id}
        if is_edit:
            project_id = qcomment("newproject", **new, price=least + 1)["project_id"]
            answer = qcomment("projectedit", project_id=project_id, price=low)
        else:
            answer = qcomment("newproject", **new, price=low)
            project_id = answer.get("project_id")
        if reading == "refuse":
            assert answer == {"status": "no", "reason": "Неверное значение параметра price."}
            assert "below the tariff's minimum" in notes(qcomment)
        else:
            assert answer["status"] == "ok" and "is raised to" in notes(qcomment)
            assert Decimal(price(qcomment, project_id)) == least


@pytest.mark.parametrize(
    ("sent", "expected", "losers"),
    [
        ({}, "6", ()),
        ({"add_to_price": 1}, "7", ()),
        ({"average_price": 1}, "12.2", ()),
        ({"average_price": 1, "add_to_price": 1}, "13.2", ()),
        ({"average_price": 0, "add_to_price": 1}, "7", ()),
        ({"price": 8, "add_to_price": 1}, "8", ("add_to_price",)),
        ({"price": 8, "average_price": 1}, "8", ("average_price",)),
        ({"price": 8, "add_to_price": 0, "average_price": 0}, "8", ()),
        ({"price": 8, "add_to_price": 1, "average_price": 1}, "8", ("add_to_price", "average_price")),
    ],
)
def test_price_wins_and_the_journal_names_what_lost(sent: Any, expected: str, losers: Any, qcomment: Any) -> None:
    """price alone, else the average or the minimum, with what is added."""
    project_id = qcomment("newproject", **NEW | sent)["project_id"]
    for name in ("add_to_price", "average_price"):
        assert (f"{name}: of no effect beside price" in notes(qcomment)) == (name in losers)
    assert price(qcomment, project_id) == expected


@pytest.mark.parametrize(("reading", "prices"), [("current", ["13.25", "14.25"]), ("minimum", ["7", "7"])])
def test_add_to_price_in_an_edit_sent_again(reading: str, prices: list[str], customer: Any) -> None:
    """It adds to the price as it is, of which the journal warns, or by the reading to the tariff's minimum."""
    qcomment = customer(qc__edit_add=reading)
    for expected in prices:
        qcomment("projectedit", project_id=4, add_to_price=1)
        assert ("the same call again adds again" in notes(qcomment)) == (reading == "current")
        assert price(qcomment, 4) == expected


@pytest.mark.parametrize(("tarif_id", "money"), [(2, 14), (191, 0.22)])
def test_a_screenshot_is_charged_and_not_shown_in_the_price(tarif_id: int, money: float, qcomment: Any) -> None:
    """A rouble or 0.02 dollars for each work; an edit may switch it on."""
    project_id = qcomment("newproject", **NEW | {"tarif_id": tarif_id})["project_id"]
    qcomment("projectedit", project_id=project_id, screenshot=1)
    assert qcomment("payproject", project_id=project_id, pay=2)["money"] == money
    assert price(qcomment, project_id) == TARIFFS[tarif_id]["price"]
