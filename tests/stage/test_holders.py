"""Several accounts in one world: a key opens its own, ids are given once, and what the service has is everybody's."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from apidouble.mockserver.spec.source import Source, SpecError
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.stage.snapshot import restore, snapshot
from apidouble.mockserver.stage.worlds import WorldFile
from apidouble.specs import ROOT
from tests.stories import API_KEY, APICODE, BEHIND_THEIR_BACKS, ORDER, PROJECT, VENDORS, Step, Teller, some

SHOP, SUPPLIER = "shop-key", "supplier-key"
DOCUMENTED = yaml.safe_load((ROOT / "worlds/documented.yaml").read_text("utf-8"))
OTHERS = {
    "qcomment": [
        {
            "key": SHOP,
            "login": "shop",
            "balance": {"RUB": "1000"},
            "projects": [
                {"id": 700, "status": 1, "price": "12.25", "pay": 3, "settings": PROJECT | {"language": "ru"}}
            ],
            "comments": [{"id": 701, "project_id": 700, "author": "user1", "date": "2021-11-20 11:00:00"}],
        },
        {"key": SUPPLIER, "login": "supplier"},
    ],
    "qqtube": [{"key": SHOP, "funds": "100"}],
}


def world(change: Any = None) -> WorldFile:
    """Return the documented world with more accounts."""
    content = json.loads(json.dumps(DOCUMENTED))
    for vendor, others in json.loads(json.dumps(OTHERS)).items():
        content[vendor]["accounts"] = others
    for project in content["qcomment"]["accounts"][0]["projects"]:
        project["settings"].pop("pay", None)
    if change:
        change(content)
    return WorldFile.of(Source.parse(Path("shared.yaml"), yaml.safe_dump(content, allow_unicode=True).encode()))


def asked(teller: Teller, operation: str, key: str, **sent: Any) -> Any:
    return orjson.loads(teller.qcomment(operation, **sent | {"apicode": key}))


def test_a_key_opens_its_own_account() -> None:
    """Money, projects and works are apart; a third has nothing; a fourth key is nobody's."""
    teller = Teller(world=world())

    assert [asked(teller, "balance", key)["balance"] for key in (APICODE, SHOP, SUPPLIER)] == [122.5, 1000, 0]
    assert [len(asked(teller, "projects", key)) for key in (APICODE, SHOP, SUPPLIER)] == [7, 1, 0]
    assert asked(teller, "project", SHOP, project_id=4)["error_code"] == 702
    assert asked(teller, "project", APICODE, project_id=700)["error_code"] == 702
    assert asked(teller, "balance", "nobody's")["error_code"] == 102
    assert orjson.loads(teller.qqtube("GET", "funds", api_key=SHOP))["funds"] == "100.00"


def test_an_id_is_given_once() -> None:
    """Who asks next has the next number, whoever asked before, in a restored world too."""
    teller = Teller(world=world())

    given_ids = [asked(teller, "newproject", key, **PROJECT | {"pay": 1})["project_id"] for key in (SHOP, APICODE)]
    restore(teller.simulator.stage, snapshot(teller.simulator.stage))
    given_ids += [asked(teller, "newproject", key, **PROJECT | {"pay": 1})["project_id"] for key in (SHOP, APICODE)]
    orders = [orjson.loads(teller.qqtube("POST", "add", **ORDER | {"api_key": key})) for key in (SHOP, API_KEY)]

    assert given_ids == ["8911", "8912", "8913", "8914"]
    assert [order["id_service_submission"] for order in orders] == ["123457", "123458"]
    assert orders[0]["start_count"] == orders[1]["start_count"] == 500000


def test_time_passes_for_all() -> None:
    """A work of each pays itself when it is due, out of its own customer's money."""
    teller = Teller(world=world())
    teller.control("POST", "/qcomment/projects/4/comments", {})
    teller.control("POST", "/clock/advance", {"by": "4d"})

    accounts = teller.simulator.world.accounts
    assert accounts["qcomment"].ledger.amount("RUB", "paid") and accounts["qcomment-2"].ledger.amount("RUB", "paid")
    assert [comment.status for comment in accounts["qcomment-2"].comments.values()] == [1]
    assert not [line for account in accounts.values() for line in account.ledger.imbalances()]


def test_the_control_plane_finds_what_is_anybodys() -> None:
    """Entities by their ids, accounts by their holders' names; maintenance is the service's, a block is one's own."""
    teller = Teller(world=world())

    assert b'"status":3' in teller.control("POST", "/qcomment/projects/700/block")
    assert b'"RUB":"1050.00"' in teller.control("POST", "/qcomment-2/account/deposit", {"amount": "50"})
    teller.control("POST", "/qcomment-3/account/block")
    state = orjson.loads(teller.control("GET", "/state"))["vendors"]
    assert list(state) == ["qcomment", "qcomment-2", "qcomment-3", "qqtube", "qqtube-2"]
    told = [asked(teller, "balance", key).get("error_code") for key in (APICODE, SHOP, SUPPLIER)]
    assert told == [None, None, 103]

    teller.control("PUT", "/qcomment/maintenance", {"on": True})
    assert {asked(teller, "balance", key)["error_code"] for key in (APICODE, SHOP, SUPPLIER)} == {104}
    assert b"There is no account qcomment-4." in teller.control("POST", "/qcomment-4/account/block")


STEPS = st.lists(st.one_of(VENDORS, VENDORS, BEHIND_THEIR_BACKS), max_size=12)


def other(content: Any) -> Any:
    return content["qcomment"]["accounts"][0]


def quiet(content: Any) -> None:
    other(content).pop("projects")
    other(content).pop("comments")


@given(story=STEPS, scenario=some("documented", "realistic", "hostile"))
@settings(max_examples=25)
def test_who_does_nothing_changes_nothing(story: list[Step], scenario: str) -> None:
    """Whoever uses a world alone has the same bytes, whether others could use it or not."""
    alone, beside = Teller(scenario=scenario), Teller(scenario=scenario, world=world(quiet))

    def wait(teller: Teller) -> bytes:
        return teller.control("POST", "/clock/advance", {"by": "9d"})

    for step in (*story, wait):
        told, also = step(alone), step(beside)
        assert also == told or b'"vendors":{' in (told or b"")

    for vendor in ("qcomment", "qqtube"):
        assert beside.simulator.world.present(vendor) == alone.simulator.world.present(vendor)


@given(before=STEPS, after=STEPS, keys=st.lists(some(APICODE, SHOP, SUPPLIER), min_size=24, max_size=24))
@settings(max_examples=20)
def test_a_snapshot_holds_all_accounts(before: list[Step], after: list[Step], keys: list[str]) -> None:
    """A restored world goes on for each of them."""
    told, again = (Teller(scenario="hostile", world=world()) for _ in range(2))
    whose = iter(keys)
    for step in before:
        told.apicode = next(whose)
        step(told)

    text = json.dumps(snapshot(told.simulator.stage))
    restore(again.simulator.stage, json.loads(text))

    assert json.dumps(snapshot(again.simulator.stage)) == text
    for step in after:
        told.apicode = again.apicode = next(whose)
        assert step(again) == step(told)
    assert json.dumps(snapshot(again.simulator.stage)) == json.dumps(snapshot(told.simulator.stage))


WRONG: dict[str, tuple[Any, str]] = {
    "key": (lambda c: other(c).update(key=APICODE), "qcomment-2: the key .* is another account's"),
    "id": (
        lambda c: (other(c).pop("comments"), other(c)["projects"][0].update(id=4)),
        "project 4 is another account's",
    ),
    "id to come": (
        lambda c: (other(c).pop("comments"), other(c)["projects"][0].update(id=9000)),
        "next_ids.project is 8911, and 9000 is taken",
    ),
    "submission": (
        lambda c: c["qqtube"]["accounts"][0].update(submissions=[c["qqtube"]["submissions"][0]]),
        "qqtube-2: submission 123456 is another account's",
    ),
    "what is the service's": (lambda c: other(c).update(authors={}), "authors"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_world_in_which_two_have_the_same_is_refused(case: str) -> None:
    """With the line where the second of them begins."""
    change, said = WRONG[case]
    with pytest.raises(SpecError, match=rf"shared\.yaml:[0-9]+: .*{said}"):
        Simulator.open(world(change))
