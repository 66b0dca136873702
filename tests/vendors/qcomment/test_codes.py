"""Every numbered error of QComment has a natural cause: calls that lead to it, or the state the world is in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from apidouble.mockserver.domain.world import World
from apidouble.mockserver.spec.load import load
from apidouble.mockserver.vendors.qcomment import events

Step = Callable[[Any], None]
NOBODY = 777


@dataclass(frozen=True)
class Case:
    """A call that gives a code, after what leads to it."""

    operation: str
    parameters: dict[str, Any]
    given: tuple[Step, ...] = field(default=())


def case(operation: str, /, *given: Step, **parameters: Any) -> Case:
    return Case(operation, parameters, given)


def after(operation: str, /, **parameters: Any) -> Step:
    return lambda qcomment: qcomment(operation, **parameters)


def blocked_project(qcomment: Any) -> None:
    account = qcomment.world.accounts["qcomment"]
    events.block(qcomment.world.here("qcomment"), account.projects[2])


def maintenance(qcomment: Any) -> None:
    qcomment.world.accounts["qcomment"].maintenance = True


def blocked_account(qcomment: Any) -> None:
    qcomment.world.accounts["qcomment"].blocked = True


READY = {"project_id": 1233, "text": "Текст", "number_use": 2}
CASES = {
    101: case("balance", apicode=None),
    102: case("balance", apicode="wrong"),
    103: case("balance", blocked_account),
    104: case("balance", maintenance),
    201: case("newproject", title="Т", subjects=2, tarif_id=2, task="З", pay=21),
    202: case("newproject", title="Т", subjects=2, tarif_id=2, task="З", copy_project=NOBODY),
    301: case("payproject", pay=1),
    302: case("payproject", project_id=2),
    303: case("payproject", project_id=NOBODY, pay=1),
    304: case("payproject", project_id=2, pay=12),
    305: case("payproject", blocked_project, project_id=2, pay=1),
    501: case("comments"),
    502: case("comments", project_id=NOBODY),
    503: case("comments", project_id=4),
    601: case("revision"),
    602: case("revision", comment_id=NOBODY),
    603: case("revision", after("revision", comment_id=300000), comment_id=300000),
    604: case("revision", after("revision", comment_id=300000, operation=2, reason="Нет"), comment_id=300000),
    605: case("revision", after("revision", comment_id=300000, operation=1, reason="Ещё"), comment_id=300000),
    606: case("revision", comment_id=300000, operation=2),
    701: case("project"),
    702: case("project", project_id=NOBODY),
    801: case("claim"),
    802: case("claim", id=NOBODY, reason="Удалён"),
    803: case("claim", id=55555),
    804: case("claim", after("claim", id=55555, reason="Удалён"), id=55555, reason="Удалён"),
    901: case("returnmoney"),
    902: case("returnmoney", project_id=NOBODY),
    903: case("returnmoney", blocked_project, project_id=2),
    904: case("returnmoney", project_id=999),
    1001: case("projectedit", status=1),
    1002: case("projectedit", project_id=NOBODY, status=1),
    1003: case("projectedit", blocked_project, project_id=2, title="Новое"),
    1004: case("projectedit", project_id=999, status=1),
    1101: case("blacklist", action="del"),
    1103: case("blacklist", after("blacklist", action="del", ID=99), action="get"),
    1104: case("blacklist", action="set", login="stranger"),
    1105: case("blacklist", action="set", login="customer"),
    1106: case("blacklist", action="set", login="user"),
    1107: case("blacklist", action="set", login="user1", project_id=NOBODY),
    1201: case("projects", status=5),
    1202: case("projects", paid=2),
    1203: case("projects", sort=6),
    1301: case("new_ready_comment", text="Текст", number_use=2),
    1302: case("new_ready_comment", project_id=1233, number_use=2),
    1304: case("new_ready_comment", **READY, url="test.ru"),
    1305: case("new_ready_comment", **READY | {"number_use": 0}),
    1306: case("new_ready_comment", **READY | {"project_id": NOBODY}),
    1307: case("new_ready_comment", **READY | {"project_id": 2}),
    1401: case("list_ready_comments"),
    1402: case("list_ready_comments", project_id=NOBODY),
    1403: case("list_ready_comments", project_id=2),
    1501: case("delete_ready_comment"),
    1502: case("delete_ready_comment", ready_comment_id=NOBODY),
    1601: case("edit_ready_comment", text="Другой"),
    1602: case("edit_ready_comment", ready_comment_id=1123, text=""),
    1603: case("edit_ready_comment", ready_comment_id=1123, number_use="два"),
    1604: case("edit_ready_comment", ready_comment_id=1123, url="test.ru"),
    1605: case("edit_ready_comment", ready_comment_id=1123, number_use=0),
    1606: case("edit_ready_comment", ready_comment_id=NOBODY, text="Другой"),
    1801: case("requestsinfo"),
    1802: case("requestsinfo", requests=[3000000, 3000001]),
    1901: case("team", action="get"),
    1902: case("team", action="get", team_id=NOBODY),
    1903: case("team", action="set", team_id=1022),
    1904: case("team", action="set", team_id=1022, login="stranger,nobody"),
    2001: case("vipproject", after("vipproject", project_id=2, tarif_type=1), project_id=2, tarif_type=1),
    401: case("projectstatus"),
    403: case("projectstatus", project_id=999, status=1),
}
NUMBERED = load().vendors["qcomment"].numbered


def test_every_code_of_the_catalogue_has_a_case() -> None:
    """No code of the catalogue goes without a natural cause."""
    assert CASES.keys() == NUMBERED.keys()


@pytest.mark.parametrize("code", CASES)
def test_code_has_a_natural_cause_in_json(code: int, qcomment: Any) -> None:
    """The JSON answer is the number as an integer and the exact text, and nothing else."""
    for step in CASES[code].given:
        step(qcomment)
    before = money_and_projects(qcomment.world)
    answer = qcomment(CASES[code].operation, **CASES[code].parameters)
    assert answer == {"error_code": code, "reason": NUMBERED[code].text}
    assert money_and_projects(qcomment.world) == before


@pytest.mark.parametrize("code", CASES)
def test_code_has_a_natural_cause_in_xml(code: int, qcomment: Any) -> None:
    """The XML answer is an error element with the number and the exact text."""
    for step in CASES[code].given:
        step(qcomment)
    root = qcomment.xml(CASES[code].operation, **CASES[code].parameters)
    assert (root.tag, [(child.tag, child.text) for child in root]) == (
        "error",
        [("code", str(code)), ("reason", NUMBERED[code].text)],
    )


def test_the_catalogue_holds_the_documents_67_codes() -> None:
    """The codes beyond the document are labelled as observed."""
    documented = [error for error in NUMBERED.values() if error.evidence == "documented"]
    assert len(documented) == 67


def money_and_projects(world: World) -> object:
    account = world.accounts["qcomment"]
    return repr(account.ledger), repr(account.projects)
