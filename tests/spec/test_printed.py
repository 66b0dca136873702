"""The specs against tables cut out of the documents themselves: a slip of the pen in either is seen."""

import re
from pathlib import Path
from typing import Any

import pytest

from apidouble.mockserver.spec.load import load

PRINTED = Path(__file__).with_name("printed")
VENDORS = load().vendors
QCOMMENT = VENDORS["qcomment"]
CATALOGS = QCOMMENT.rules.catalogs


def rows(name: str) -> list[str]:
    """Return the lines of a table as the document prints them."""
    return (PRINTED / f"{name}.txt").read_text("utf-8").splitlines()


def test_every_number_has_the_text_that_is_printed() -> None:
    """To the full stop, and to the quotation mark that is never closed."""
    printed = {int(code): text for code, _, text in (row.partition(" ") for row in rows("errors"))}
    documented = {e.code: e.text for e in QCOMMENT.numbered.values() if e.evidence == "documented"}
    assert documented == printed


def test_every_tariff_costs_what_is_printed() -> None:
    """Name, least length, currency, both prices and id."""
    line = re.compile(r"(.+?)\s*\t\D*(\d+)\D*\t([\d.]+) (RUB|\$)([\d.]+) (?:RUB|\$)(\d+)")
    printed = {}
    for row in rows("tariffs"):
        found = line.fullmatch(row)
        assert found is not None, row
        name, length, price, sign, average, tariff = found.groups()
        printed[int(tariff)] = (name.strip(), int(length), price, average, "RUB" if sign == "RUB" else "USD")
    said = {
        key: (row["name"], row["min_length"], row["price"], row["average_price"], row["currency"])
        for key, row in CATALOGS["tariffs"].items()
    }
    assert said == printed


def test_every_subject_has_the_id_that_is_printed() -> None:
    """In the document's order."""
    printed = [(int(number), name) for name, _, number in (row.rpartition(" ") for row in rows("subjects"))]
    assert [(key, row["name"]) for key, row in CATALOGS["subjects"].items()] == printed


def test_vip_costs_what_is_printed() -> None:
    """Days and both prices."""
    line = re.compile(r"(\d) - на (\d+) \S+ стоимость ([\d.]+) RUB или ([\d.]+) USD")
    printed = [tuple(found.groups()) for row in rows("vip") if (found := line.match(row))]
    said = [(str(key), str(row["days"]), row["RUB"], row["USD"]) for key, row in CATALOGS["vip"].items()]
    assert said == printed
    assert len(printed) == 4


def test_every_share_type_has_the_number_that_is_printed() -> None:
    """All fourteen."""
    printed = [tuple(row.split(" - ")) for row in rows("share_types")]
    said = [(str(key), row["name"]) for key, row in VENDORS["qqtube"].rules.catalogs["share_types"].items()]
    assert said == printed


def test_the_documented_messages_are_those_that_are_printed() -> None:
    """The three that QQTube's document has."""
    said = {e.code: e.text for e in VENDORS["qqtube"].numbered.values() if e.evidence == "documented"}
    assert said == {30: "Service ID not provided!", 32: "Service does not exist.", 100: "Successfully added URL"}


@pytest.mark.parametrize(
    ("operation", "parameter", "default"),
    [
        ("newproject", "currency", 1),
        ("newproject", "language", "ru"),
        ("newproject", "comment_configs", [0, 1, 2, 3]),
        ("newproject", "notlong", 0),
        ("newproject", "send_email", 1),
        ("newproject", "minutes", 2),
        ("comments", "status", "0"),
        ("revision", "operation", 0),
        ("balance", "currency", "RUB"),
        ("vipproject", "currency", 1),
        *((operation, "result", "json") for operation in QCOMMENT.operations if operation != "getTariff"),
    ],
)
def test_every_default_is_the_one_that_is_printed(operation: str, parameter: str, default: Any) -> None:
    """«По умолчанию …», at each parameter that has one."""
    assert QCOMMENT.operations[operation].request.properties[parameter]["default"] == default
