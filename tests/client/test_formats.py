"""In two equal worlds, JSON and XML become equal dataclasses, for every operation and kind of reply."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from apidouble.client import (
    CommentConfig,
    CommentStatus,
    Currency,
    Geotargeting,
    ProjectStatus,
    QComment,
    SocialParams,
    SocialSetting,
)
from apidouble.client.fields import items
from apidouble.mockserver.spec.load import load

SOCIAL = (
    SocialSetting(1, SocialParams(gender=1, count_friends=200, min_age=10, max_age=60)),
    SocialSetting(3, SocialParams(count_followers=100)),
)
PLACES = Geotargeting(countries=(20,), cities=(20944, 29790))


def create(qcomment: QComment, tarif_id: int = 5, **settings: Any) -> Any:
    return qcomment.newproject(
        title="Интернет магазин. Телевизоры & «кавычки» <b>",
        url="https://qcomment.ru/?a=1&b=2",
        subjects=2,
        tarif_id=tarif_id,
        task="Нужны грамотные комментарии;\nдве строки",
        **settings,
    )


def create_and_read(qcomment: QComment) -> Any:
    created = create(
        qcomment,
        price=Decimal("13.50"),
        premoderation=True,
        social_setting=SOCIAL,
        geotargeting=PLACES,
        screenshot=True,
        author="user1",
        language="en",
        comment_configs=[CommentConfig.QUESTION, 3],
        start_time=time(10, 0),
        end_time=time(19, 30),
        cnt_day_limit=2,
        limit=5,
        delay_from=10,
        delay_to=20,
        stop_words=["добрый день", "привет"],
        pages=["https://qcomment.ru/news/67", "https://qcomment.ru/news/65"],
        notlong=True,
    )
    return qcomment.project(created.project_id)


def revise(operation: Any, reason: str | None = None) -> Callable[[QComment], Any]:
    return lambda qcomment: qcomment.revision(300000, operation, reason)


def then(*steps: Callable[[QComment], Any]) -> Callable[[QComment], Any]:
    return lambda qcomment: [step(qcomment) for step in steps]


CALLS: dict[tuple[str, str], list[Callable[[QComment], Any]]] = {
    ("newproject", "ok"): [create, lambda q: create(q, pay=2), lambda q: create(q, 194, currency=Currency.USD)],
    ("payproject", "ok"): [lambda q: q.payproject(2, 1)],
    ("project", "ok"): [lambda q: q.project(2), create_and_read],
    ("projectedit", "ok"): [
        then(lambda q: q.projectedit(2, status=2, price=7, pages=[]), lambda q: q.project(2)),
        then(lambda q: q.projectedit(2, date_start=datetime(2021, 12, 1, 7, tzinfo=UTC)), lambda q: q.project(2)),
    ],
    ("comments", "ok"): [
        lambda q: q.comments(2),
        lambda q: q.comments(999, status=1, limit=5, date=date(2021, 1, 1)),
        then(revise(1, "Нет на сайте"), lambda q: q.comments(2, status="all")),
    ],
    ("requests", "ok"): [lambda q: q.requests(), lambda q: [q.revision(300000), q.requests(limit=5)]],
    ("revision", "ok"): [revise(0), revise(1, "Нет на сайте"), revise(2, "Не то")],
    ("balance", "ok"): [lambda q: q.balance(), lambda q: q.balance(Currency.USD)],
    ("returnmoney", "ok"): [lambda q: q.returnmoney(4), lambda q: q.returnmoney(4, cnt_return=3)],
    ("claim", "ok"): [lambda q: q.claim(55555, "Автор удалил комментарий")],
    ("claim", "state"): [lambda q: [q.claim(55555, "Автор удалил комментарий"), q.claim(55555)]],
    ("blacklist", "list"): [
        lambda q: q.blacklist("get"),
        lambda q: [q.blacklist("set", login="user1", project_id=2), q.blacklist("get")],
    ],
    ("blacklist", "done"): [
        lambda q: q.blacklist("set", login=["user1", "user2"]),
        lambda q: q.blacklist("del", ID=99),
    ],
    ("projects", "ok"): [
        lambda q: q.projects(),
        lambda q: q.projects(status=ProjectStatus.ACTIVE, sort=2, paid=True),
        lambda q: q.projects(group_id=777),
    ],
    ("new_ready_comment", "ok"): [lambda q: q.new_ready_comment(1233, "Текст", 2, url="https://test.ru")],
    ("list_ready_comments", "one"): [lambda q: q.list_ready_comments(1233)],
    ("list_ready_comments", "several"): [lambda q: q.list_ready_comments(1234)],
    ("edit_ready_comment", "ok"): [
        then(lambda q: q.edit_ready_comment(4353, text="Ещё"), lambda q: q.list_ready_comments(1233))
    ],
    ("delete_ready_comment", "ok"): [
        then(lambda q: q.delete_ready_comment(1123), lambda q: q.list_ready_comments(1234))
    ],
    ("requestsinfo", "ok"): [
        lambda q: q.requestsinfo([300000, 55555]),
        then(revise(0), lambda q: q.requestsinfo([300000])),
    ],
    ("team", "done"): [lambda q: q.team("set", 9, ["user1", "user2"]), lambda q: q.team("del", 1022, "user1")],
    ("team", "list"): [lambda q: q.team("get", 1022), lambda q: [q.team("del", 9, "User"), q.team("get", 9)]],
    ("vipproject", "ok"): [lambda q: q.vipproject(2, 1), lambda q: q.vipproject(2, 1, Currency.USD)],
    ("projectstatus", "ok"): [lambda q: q.projectstatus(2), lambda q: q.projectstatus(2, 2)],
    ("getTariff", "ok"): [lambda q: q.get_tariff()],
}
OPERATIONS = load().vendors["qcomment"].operations
READINGS = [{}, {"qc.optional_fields": "all"}, {"qc.ready_list": "always_list"}]


def test_the_table_covers_every_operation_and_kind_of_reply() -> None:
    """Nothing that QComment answers goes without a call."""
    kinds = {(op.id, kind) for op in OPERATIONS.values() for _, kind in op.answers if kind not in ("error", "failure")}
    assert CALLS.keys() == kinds


@pytest.mark.parametrize("readings", READINGS, ids=str)
@pytest.mark.parametrize(
    ("operation", "call"),
    [pytest.param(op, call, id=f"{op}-{kind}-{i}") for (op, kind), c in CALLS.items() for i, call in enumerate(c)],
)
def test_json_and_xml_give_equal_results(
    operation: str, call: Callable[[QComment], Any], readings: dict[str, str], place: Any
) -> None:
    """Equal calls in equal worlds give equal results, and the operation is among them."""
    json, xml = place(readings, "json"), place(readings, "xml")
    assert call(json.qcomment) == call(xml.qcomment)
    for one in (json, xml):
        assert operation in {entry.operation for entry in one.world.journal.entries}


@pytest.mark.parametrize("written", ["json", "xml"])
def test_what_newproject_is_given_project_gives_back(written: str, place: Any) -> None:
    """Nested settings, lists, times and amounts arrive as they were meant."""
    project = create_and_read(place({}, written).qcomment)
    assert project.title == "Интернет магазин. Телевизоры & «кавычки» <b>"
    assert project.task == "Нужны грамотные комментарии;\nдве строки"
    assert (project.social_setting, project.geotargeting) == (SOCIAL, PLACES)
    assert project.comment_configs == (CommentConfig.QUESTION, CommentConfig.NEUTRAL)
    assert (project.start_time, project.end_time) == (time(10), time(19, 30))
    assert project.pages == ("https://qcomment.ru/news/67", "https://qcomment.ru/news/65")
    assert (project.short_language, project.price) == ("en", Decimal("13.5"))
    assert project.stop_words == "добрый день,привет"


@pytest.mark.parametrize("written", ["json", "xml"])
def test_a_list_of_one_is_a_list(written: str, place: Any) -> None:
    """XML writes one item as it writes an object."""
    qcomment = place({}, written).qcomment
    created = create(qcomment, social_setting=SOCIAL[:1], geotargeting=Geotargeting((20,)))
    project = qcomment.project(created.project_id)
    assert (project.social_setting, project.geotargeting) == (SOCIAL[:1], Geotargeting((20,)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["20"], ["20"]),
        ("20", ["20"]),
        ({"5": "20", "7": "21"}, ["20", "21"]),
        ({"countries": ["20", "21"]}, ["20", "21"]),
        ({"item": {"social": "1"}}, [{"social": "1"}]),
        ({"social": "1"}, [{"social": "1"}]),
        (None, []),
        (False, []),
        (" ", []),
    ],
)
def test_a_list_is_read_in_any_of_its_shapes(value: object, expected: list[object]) -> None:
    """PHP and XML write lists as objects keyed by id, in a wrapper, or as the only item itself."""
    assert items(value, "countries") == expected


@pytest.mark.parametrize("written", ["json", "xml"])
def test_results_have_real_types(written: str, place: Any) -> None:
    """Money is Decimal, times know their zone, states are named."""
    qcomment = place({}, written).qcomment
    (comment,) = qcomment.requests()
    assert comment.status is CommentStatus.ON_REVIEW
    assert qcomment.balance() == Decimal("122.5")
    entry = qcomment.blacklist("get")[0]
    assert entry.date is not None
    assert entry.date.isoformat() == "2015-01-02T00:00:00+03:00"
    project = qcomment.project(2)
    assert project.date_last_comment.isoformat() == "2021-11-19T15:38:51+03:00"
    assert project.status is ProjectStatus.ACTIVE
