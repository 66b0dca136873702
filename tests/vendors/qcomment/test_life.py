"""What happens to projects and works: prices, states, time, and money that is never lost."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apidouble.mockserver.domain.money import major, minor
from apidouble.mockserver.spec.load import load
from apidouble.mockserver.vendors.qcomment import events
from apidouble.mockserver.vendors.qcomment.state import Comment

RULES = load().vendors["qcomment"].rules
TARIFFS = RULES.catalogs["tariffs"]
VIDEO = [key for key, tariff in TARIFFS.items() if tariff["group"] == "video"]
DAY_MS = 24 * 60 * 60 * 1000
NEW = {"title": "Т", "subjects": 2, "tarif_id": 2, "task": "З"}
reuse = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def here(qcomment: Any) -> Any:
    return qcomment.world.here("qcomment")


def balance(qcomment: Any, currency: str = "RUB") -> Decimal:
    return Decimal(str(qcomment("balance", currency=currency)["balance"]))


def submit(qcomment: Any, project_id: int, **details: Any) -> Comment:
    return events.submit(here(qcomment), qcomment.account.projects[project_id], "user1", **details)


@reuse
@given(
    tarif_id=st.sampled_from(sorted(TARIFFS, key=int)) | st.sampled_from(VIDEO),
    extra=st.integers(0, 500),
    own_price=st.booleans(),
    average=st.booleans(),
    screenshot=st.booleans(),
    minutes=st.integers(1, 20),
    pay=st.integers(1, 30),
)
@example(tarif_id=2, extra=0, own_price=True, average=False, screenshot=False, minutes=2, pay=1)
def test_a_work_costs_tariff_plus_addition_plus_surcharges(
    customer: Any, tarif_id: int, extra: int, own_price: bool, average: bool, screenshot: bool, minutes: int, pay: int
) -> None:
    """For every tariff, the money spent is exactly what the document's prices add up to."""
    qcomment = customer()
    tariff = TARIFFS[tarif_id]
    base = Decimal(tariff["average_price" if average and not own_price else "price"])
    addition = Decimal(extra) / 100
    sent: dict[str, Any] = (
        {"price": base + addition} if own_price else {"add_to_price": addition, "average_price": int(average)}
    )
    unit = base + addition
    if screenshot:
        unit += 1 if tariff["currency"] == "RUB" else Decimal("0.02")
    qcomment.account.ledger.deposit(tariff["currency"], minor("100000"))
    before = balance(qcomment, tariff["currency"])
    answer = qcomment(
        "newproject",
        **NEW | sent | {"tarif_id": tarif_id, "screenshot": int(screenshot), "minutes": minutes, "pay": pay},
    )
    assert Decimal(str(answer["money"])) == unit * pay
    assert before - balance(qcomment, tariff["currency"]) == unit * pay
    shown = qcomment("project", project_id=answer["project_id"])
    assert (Decimal(shown["price"]), shown["pay"], shown["status"]) == (base + addition, str(pay), "1")
    assert shown["currency"] == ("1" if tariff["currency"] == "RUB" else "2")


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"price": "5.99"}, "price"),
        ({"price": "6.005"}, "price"),
        ({"currency": 2}, "currency"),
        ({"tarif_id": 191, "currency": 1}, "currency"),
        ({"tarif_id": 12}, "tarif_id"),
        ({"subjects": 52}, "subjects"),
        ({"price": "0"}, "price"),
        ({"pay": "десять"}, "pay"),
        ({"screenshot": 2}, "screenshot"),
        ({"minutes": "x"}, "minutes"),
        ({"average_price": "yes"}, "average_price"),
        ({"title": ["a"]}, "title"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(qcomment: Any, parameters: dict[str, Any], named: str) -> None:
    """Nothing is created, and the failure names the parameter."""
    answer = qcomment("newproject", **NEW | parameters)
    assert answer == {"status": "no", "reason": f"Неверное значение параметра {named}."}
    assert 8911 not in qcomment.account.projects


@pytest.mark.parametrize(
    ("left_out", "field"),
    [("title", "Название"), ("subjects", "Тематика"), ("tarif_id", "Тариф"), ("task", "Задание")],
)
def test_a_required_field_is_named_as_on_the_site(qcomment: Any, left_out: str, field: str) -> None:
    """Section 2 shows it for the tariff; a blank counts as missing."""
    expected = {"status": "no", "reason": f"Необходимо заполнить поле {field}."}
    assert qcomment("newproject", **NEW | {left_out: ""}) == expected
    assert qcomment("newproject", **{k: v for k, v in NEW.items() if k != left_out}) == expected


def test_settings_come_back(qcomment: Any) -> None:
    """What newproject takes, project shows, arrays included."""
    sent = {
        "url": "https://qcomment.ru/",
        "pages": "https://a.ru/1;;https://a.ru/2",
        "comment_configs": "1,3",
        "start_time": "10:00",
        "end_time": "19:30",
        "limit": 5,
        "cnt_day_limit": 2,
        "min_day_limit": 1,
        "max_day_limit": 4,
        "delay_from": 10,
        "delay_to": 20,
        "limit_hour": 3,
        "limit_author": 2,
        "max_turn": 6,
        "stop_words": "да, нет",
        "language": "en",
        "only_mobile": 1,
        "premoderation": 1,
        "group_id": 7,
        "team_id": 1022,
        "author": "user1",
        "social_setting": [
            {"social": 1, "params": {"gender": 1, "min_age": 10}},
            {"social": 5, "param": {"count_followers": 100}},
        ],
        "geotargeting": {"countries": [20], "cities": [20944, 29790]},
    }
    shown = qcomment("project", project_id=qcomment("newproject", **NEW | sent)["project_id"])
    expected = {name: str(value) for name, value in sent.items() if not isinstance(value, list | dict)}
    expected |= {"start_time": "10:00:00", "end_time": "19:30:00", "language": "Английский", "short_language": "en"}
    expected |= {"author": "6487"}
    assert {name: shown[name] for name in expected} == expected
    assert shown["geotargeting"] == {"countries": ["20"], "cities": ["20944", "29790"]}
    assert shown["social_setting"] == [
        {"social": "1", "params": {"gender": "1", "min_age": "10"}},
        {"social": "5", "params": {"count_followers": "100"}},
    ]


def test_copying_takes_all_that_is_not_sent(qcomment: Any) -> None:
    """Settings come from the other project, those of the call win, and defaults do not overwrite."""
    first = qcomment("newproject", **NEW | {"language": "en", "limit_hour": 9, "stop_words": "нет"})["project_id"]
    second = qcomment("newproject", **NEW | {"title": "Другой", "limit_hour": 4, "copy_project": first})["project_id"]
    shown = qcomment("project", project_id=second)
    assert (shown["title"], shown["short_language"], shown["limit_hour"], shown["stop_words"]) == (
        "Другой",
        "en",
        "4",
        "нет",
    )


@pytest.mark.parametrize(("named", "price"), [({}, "12.5"), ({"price": "11"}, "11"), ({"add_to_price": "1"}, "13.5")])
def test_copying_takes_the_price_unless_one_is_named(named: dict[str, str], price: str, qcomment: Any) -> None:
    """What editing has made of the price is copied, and so is a world file's; what the call says of it wins."""
    first = qcomment("newproject", **NEW)["project_id"]
    for raised in ("3", "3.5"):
        qcomment("projectedit", project_id=first, add_to_price=raised)
    second = qcomment("newproject", **NEW | named | {"copy_project": first})["project_id"]
    assert qcomment("project", project_id=second)["price"] == price
    of_the_world = qcomment("project", project_id=4)
    third = qcomment("newproject", **NEW | {"tarif_id": of_the_world["tarif_id"], "copy_project": 4})["project_id"]
    assert qcomment("project", project_id=third)["price"] == of_the_world["price"] == "12.25"
    fourth = qcomment("newproject", **NEW | {"tarif_id": 41, "copy_project": first})["project_id"]
    assert qcomment("project", project_id=fourth)["price"] != "12.5"


def test_paid_works_keep_the_price_they_were_bought_at(qcomment: Any) -> None:
    """A raised price holds for works bought after it; the newest are returned first."""
    project_id = qcomment("newproject", **NEW | {"pay": 2})["project_id"]
    assert qcomment("projectedit", project_id=project_id, add_to_price="1.5") == {"status": "ok"}
    assert qcomment("payproject", project_id=project_id, pay=1)["money"] == 7.5
    assert qcomment("returnmoney", project_id=project_id, cnt_return=2) == {"status": "ok", "money": 13.5, "count": 2}
    assert qcomment("returnmoney", project_id=project_id, cnt_return=9) == {"status": "ok", "money": 6, "count": 1}
    assert qcomment("project", project_id=project_id)["status"] == "0"


def test_an_edit_that_fails_changes_nothing(qcomment: Any) -> None:
    """A refused status leaves the other settings as they were."""
    assert qcomment("projectedit", project_id=999, title="Новое", status=1)["error_code"] == 1004
    assert qcomment("project", project_id=999)["title"] == "Новости"
    assert qcomment("projectedit", project_id=2, title="Новое", status=2) == {"status": "ok"}
    assert (qcomment("project", project_id=2)["title"], qcomment("project", project_id=2)["status"]) == ("Новое", "2")


def test_moderation_takes_the_time_the_world_gives_it(qcomment: Any) -> None:
    """The first payment puts a project on moderation; meanwhile its status cannot be set."""
    qcomment.account.moderation_ms = 60_000
    project_id = qcomment("newproject", **NEW | {"pay": 1})["project_id"]
    assert qcomment("project", project_id=project_id)["status"] == "4"
    assert qcomment("projectedit", project_id=project_id, status=2) == {
        "status": "no",
        "reason": "Проект на модерации.",
    }
    qcomment.world.advance(qcomment.world.now_ms + 60_000)
    assert qcomment("project", project_id=project_id)["status"] == "1"


def test_dates_start_and_pause_a_project(qcomment: Any) -> None:
    """date_start and date_end are times in Moscow."""
    qcomment("projectedit", project_id=2, status=2, date_start="2021-11-21 00:00:00", date_end="2021-11-22")
    seen = []
    for _ in range(4):
        seen.append(qcomment("project", project_id=2)["status"])
        qcomment.world.advance(qcomment.world.now_ms + 12 * 60 * 60 * 1000)
    assert seen == ["2", "1", "1", "2"]


@pytest.mark.parametrize(("tarif_id", "days"), [(2, 3), (185, 12)])
def test_a_work_pays_itself_in_time(qcomment: Any, tarif_id: int, days: int) -> None:
    """Twelve days for guaranteed tariffs, three for others; the countdown passes through zero in the queue."""
    project_id = int(qcomment("newproject", **NEW | {"tarif_id": tarif_id, "pay": 1})["project_id"])
    qcomment.world.advance(qcomment.world.now_ms + 1000)
    comment = submit(qcomment, project_id)
    qcomment.world.advance(comment.date_ms + days * DAY_MS - 2000)  # type: ignore[operator]
    assert qcomment("comments", project_id=project_id)[f"comment_{comment.id}"]["time_to_accept"] == "2"
    qcomment.world.advance(qcomment.world.now_ms + 5000)
    assert qcomment("comments", project_id=project_id)[f"comment_{comment.id}"]["time_to_accept"] == "-3"
    qcomment.world.advance(qcomment.world.now_ms + 5 * 60_000)
    paid = qcomment("requestsinfo", requests=[comment.id])[f"comment_{comment.id}"]
    assert (paid["status"], paid["method_pay"]) == ("1", "3")
    assert qcomment("project", project_id=project_id)["status"] == "0"


def test_premoderation_approves_before_it_pays(qcomment: Any) -> None:
    """0, approved to 4, published back to 0 where the robot finds it, and then paid."""
    qcomment("projectedit", project_id=4, premoderation=1)
    comment = submit(qcomment, 4)
    assert qcomment("revision", comment_id=comment.id)["status"] == 4
    assert qcomment("revision", comment_id=comment.id)["status"] == 4
    events.publish(here(qcomment), comment)
    assert qcomment("comments", project_id=4)[f"comment_{comment.id}"]["robot_find"] == "1"
    assert qcomment("revision", comment_id=comment.id)["status"] == 1


def test_approved_work_stays_approved_when_premoderation_ends(qcomment: Any) -> None:
    """It still waits to be published: paying it again changes nothing."""
    qcomment("projectedit", project_id=4, premoderation=1)
    comment = submit(qcomment, 4)
    qcomment("revision", comment_id=comment.id)
    qcomment("projectedit", project_id=4, premoderation=0)
    assert qcomment("revision", comment_id=comment.id) == {"comment_id": comment.id, "status": 4}


def test_an_upheld_claim_returns_the_cost(qcomment: Any) -> None:
    """The money comes back, the answer is 2, and the work no longer counts."""
    before = balance(qcomment)
    assert qcomment("claim", id=55555, reason="Удалён")["url"] == "https://qcomment.ru/support/1234"
    assert qcomment("claim", id=55555) == {"status": 0}
    events.uphold(here(qcomment), qcomment.account.comments[55555])
    assert qcomment("claim", id=55555) == {"status": 2}
    assert balance(qcomment) - before == 6


def test_a_dismissed_claim_leaves_the_payment(qcomment: Any) -> None:
    """The answer is 1, and no money comes back."""
    before = balance(qcomment)
    qcomment("claim", id=55555, reason="Удалён")
    events.dismiss(here(qcomment), qcomment.account.comments[55555])
    assert qcomment("claim", id=55555) == {"status": 1}
    assert (balance(qcomment), qcomment.account.comments[55555].status) == (before, 1)


def test_paying_does_not_start_a_paused_project(qcomment: Any) -> None:
    """It starts when its customer says so."""
    qcomment("projectedit", project_id=4, status=2)
    qcomment("payproject", project_id=4, pay=1)
    assert qcomment("project", project_id=4)["status"] == "2"


def test_several_logins_count_those_that_worked(qcomment: Any) -> None:
    """One stranger among them is no error."""
    assert qcomment("blacklist", action="set", login="user1, stranger,user2")["success_logins"] == "2"
    assert qcomment("team", action="del", team_id=1022, login="user1,user1,User")["success_logins"] == "1"
    assert list(qcomment("team", action="get", team_id=1022)) == ["141661", "141660"]


def test_an_empty_list_is_an_empty_array(qcomment: Any) -> None:
    """Nothing to return is [] in JSON and an empty element in XML."""
    qcomment("revision", comment_id=300000)
    assert qcomment("requests") == []
    assert (qcomment.xml("requests").tag, len(qcomment.xml("requests"))) == ("comments", 0)
    assert qcomment("projects", group_id=777) == []


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.integers(1, 4)),
        st.tuples(st.just("submit"), st.just(0)),
        st.tuples(
            st.sampled_from(["accept", "rework", "reject", "resubmit", "abandon", "claim", "uphold"]), st.integers(0, 5)
        ),
        st.tuples(st.just("return"), st.integers(1, 3)),
        st.tuples(st.just("advance"), st.integers(1, 5)),
    ),
    max_size=25,
)


@reuse
@given(STEPS)
def test_money_and_counters_hold_whatever_happens(customer: Any, steps: list[tuple[str, int]]) -> None:
    """After every step each currency balances, counters equal a recount, and works taken never exceed works paid."""
    qcomment = customer()
    for name, value in steps:
        take_step(qcomment, name, value)
        assert list(qcomment.account.ledger.imbalances()) == []
        project = qcomment.account.projects[4]
        recount = Counter(c.status for c in qcomment.account.comments.values() if c.project_id == 4)
        assert {s: n for s, n in project.statuses.items() if n} == dict(recount)
        assert recount[0] + recount[3] + recount[4] <= project.pay
        held = sum(lot.count * lot.cost_minor for p in qcomment.account.projects.values() for lot in p.lots)
        assert held == qcomment.account.ledger.amount("RUB", "held") + qcomment.account.ledger.amount("USD", "held")
        shown = qcomment("project", project_id=4)
        assert (int(shown["requests"]), int(shown["reworks"]), int(shown["works"])) == (
            recount[0],
            recount[3],
            recount[1],
        )
        assert (shown["status"] == "0") == (project.pay == 0)


def take_step(qcomment: Any, name: str, value: int) -> None:
    account = qcomment.account
    own = [c for c in account.comments.values() if c.project_id == 4]
    chosen = own[value % len(own)].id if own else 1
    if name == "pay":
        qcomment("payproject", project_id=4, pay=value)
    elif name == "submit":
        if account.projects[4].available:
            submit(qcomment, 4)
    elif name == "return":
        qcomment("returnmoney", project_id=4, cnt_return=value)
    elif name == "advance":
        qcomment.world.advance(qcomment.world.now_ms + value * DAY_MS)
    elif name in ("accept", "rework", "reject"):
        qcomment("revision", comment_id=chosen, operation=["accept", "rework", "reject"].index(name), reason="Да")
    elif name == "claim":
        qcomment("claim", id=chosen, reason="Нет")
    elif own:
        comment = account.comments[chosen]
        event = {"resubmit": events.resubmit, "abandon": events.abandon, "uphold": events.uphold}[name]
        subject = comment.claim if name == "uphold" else comment
        if subject is not None and RULES.machines["claim" if name == "uphold" else "comment"].allows(subject, name):
            event(here(qcomment), comment)


@reuse
@given(st.integers(0, 20 * DAY_MS), st.integers(0, 20 * DAY_MS))
def test_advancing_twice_is_advancing_once(customer: Any, first_ms: int, second_ms: int) -> None:
    """advance(a) then advance(a + b) leaves the same world as advance(a + b)."""
    states = []
    for stops in ([first_ms, first_ms + second_ms], [first_ms + second_ms]):
        qcomment = customer()
        start_ms = qcomment.world.now_ms
        submit(qcomment, 4)
        submit(qcomment, 4)
        for stop in stops:
            qcomment.world.advance(start_ms + stop)
        states.append(repr(qcomment.account))
    assert states[0] == states[1]


def test_money_is_told_as_it_was_given() -> None:
    """minor and major are inverse."""
    assert major(minor("122.50")) == Decimal("122.5")


def test_lists_of_a_project_in_xml_have_no_element_around_them(call: Any) -> None:
    """In XML a list within a project is its items, each an element of its own."""
    sent = {"geotargeting[countries][0]": 20, "geotargeting[countries][1]": 21, "social_setting[0][social]": 1}
    made = call("newproject", title="T", task="T", subjects=2, tarif_id=2, **sent)

    shown = call("project", project_id=made["project_id"], result="xml")

    assert [country.text for country in shown.findall("geotargeting/countries")] == ["20", "21"]
    assert [social.text for social in shown.findall("social_setting/social")] == ["1"]


@pytest.mark.parametrize(("tarif_id", "days"), [(2, 3), (185, 12)])
def test_text_that_nobody_decides_about_is_approved_and_not_paid(qcomment: Any, tarif_id: int, days: int) -> None:
    """Under premoderation it moves to 4; only what is published then pays itself, in its own time."""
    wanted = {"tarif_id": tarif_id, "premoderation": 1, "pay": 1}
    project_id = int(qcomment("newproject", **NEW | wanted)["project_id"])
    comment, before = submit(qcomment, project_id), balance(qcomment)
    qcomment.world.advance(qcomment.world.now_ms + days * DAY_MS - 1000)
    assert shown(qcomment, comment)["status"] == "0"
    qcomment.world.advance(qcomment.world.now_ms + 6 * 60_000)
    assert {name: shown(qcomment, comment)[name] for name in ("status", "robot_find", "time_to_accept")} == {
        "status": "4",
        "robot_find": "2",
        "time_to_accept": "0",
    }
    assert qcomment("project", project_id=project_id)["works"] == "0"
    events.publish(here(qcomment), comment)
    qcomment.world.advance(qcomment.world.now_ms + days * DAY_MS + 6 * 60_000)
    assert (shown(qcomment, comment)["status"], shown(qcomment, comment)["method_pay"]) == ("1", "3")
    assert balance(qcomment) == before


def test_text_that_waits_is_not_accepted_by_itself(customer: Any) -> None:
    """By the other reading nothing is planned for it until it is published."""
    qcomment = customer(qc__premoderated_accept="wait")
    project_id = int(qcomment("newproject", **NEW | {"premoderation": 1, "pay": 1})["project_id"])
    comment = submit(qcomment, project_id)
    assert shown(qcomment, comment)["time_to_accept"] == "0"
    qcomment.world.advance(qcomment.world.now_ms + 30 * DAY_MS)
    assert shown(qcomment, comment)["status"] == "0"
    qcomment("revision", comment_id=comment.id)
    events.publish(here(qcomment), comment)
    assert shown(qcomment, comment)["time_to_accept"] == str(3 * 24 * 60 * 60)


def test_date_of_a_work_stays(qcomment: Any) -> None:
    """It is when the work was added: handing it in again or publishing it changes nothing, nor what `date` filters."""
    project_id = int(qcomment("newproject", **NEW | {"premoderation": 1, "pay": 1})["project_id"])
    comment = submit(qcomment, project_id)
    date = shown(qcomment, comment)["date"]
    for happens in (events.send_to_rework, events.resubmit, events.approve_comment, events.publish):
        qcomment.world.advance(qcomment.world.now_ms + DAY_MS)
        happens(here(qcomment), comment)
        assert shown(qcomment, comment)["date"] == date
    assert list(qcomment("comments", project_id=project_id, date=date[:10])) == [f"comment_{comment.id}"]
    assert qcomment("comments", project_id=project_id, date="2021-11-22")["error_code"] == 503


def test_time_to_accept_is_zero_without_a_plan(qcomment: Any) -> None:
    """0 is sent for what is decided about; the documented work, of which no date is known, has none, as printed."""
    project_id = int(qcomment("newproject", **NEW | {"pay": 1})["project_id"])
    comment = submit(qcomment, project_id)
    qcomment("revision", comment_id=comment.id)
    assert shown(qcomment, comment)["time_to_accept"] == "0"
    found = qcomment.xml("requestsinfo", requests=[comment.id]).find("comment/time_to_accept")
    assert found is not None
    assert found.text == "0"
    assert "time_to_accept" not in qcomment("requestsinfo", requests=[300000])["comment_300000"]


def test_zeros_that_are_sent_are_shown(qcomment: Any) -> None:
    """A count and a bound of 0 say something; what was never set is left out."""
    project_id = qcomment("newproject", **NEW, min_day_limit=0, max_day_limit=4)["project_id"]
    told = qcomment("project", project_id=project_id)
    assert (told["in_works"], told["min_day_limit"], told["max_day_limit"]) == ("0", "0", "4")
    assert not {"delay_from", "max_turn", "cnt_day_limit"} & told.keys()
    assert qcomment.xml("project", project_id=project_id).findtext("in_works") == "0"


def test_guaranteed_work_is_rejected_only_after_its_days(customer: Any) -> None:
    """By the reading that enforces it: not before 8 days, nor while the robot finds it; a rework is always possible."""
    qcomment = customer(qc__reject_early="refuse")
    project_id = int(qcomment("newproject", **NEW | {"tarif_id": 185, "pay": 3})["project_id"])
    comment, second, found = (submit(qcomment, project_id) for _ in range(3))
    events.find(here(qcomment), found)
    reason = "По данному тарифу отклонить работу можно через 8 дней, если она не появилась на сайте."
    qcomment.world.advance(qcomment.world.now_ms + 8 * DAY_MS - 1)
    assert qcomment("revision", comment_id=comment.id, operation=2)["error_code"] == 606
    assert qcomment("revision", comment_id=comment.id, operation=2, reason="Нет") == {"status": "no", "reason": reason}
    assert qcomment("revision", comment_id=second.id, operation=1, reason="Нет")["status"] == 3
    qcomment.world.advance(qcomment.world.now_ms + 1)
    assert qcomment("revision", comment_id=comment.id, operation=2, reason="Нет")["status"] == 2
    assert qcomment("revision", comment_id=found.id, operation=2, reason="Нет") == {"status": "no", "reason": reason}


@pytest.mark.parametrize(("reading", "tarif_id"), [("allow", 185), ("refuse", 2)])
def test_other_works_are_rejected_at_any_time(customer: Any, reading: str, tarif_id: int) -> None:
    """By default, and under every other tariff."""
    qcomment = customer(qc__reject_early=reading)
    project_id = int(qcomment("newproject", **NEW | {"tarif_id": tarif_id, "pay": 1})["project_id"])
    comment = submit(qcomment, project_id)
    assert qcomment("revision", comment_id=comment.id, operation=2, reason="Нет")["status"] == 2


def shown(qcomment: Any, comment: Any) -> dict[str, str]:
    (work,) = qcomment("requestsinfo", requests=[comment.id]).values()
    return dict(work)
