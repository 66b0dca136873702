"""Single cases of dates and limits: what a customer did, and what came of it."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from tests.vendors.qcomment.conftest import DOCUMENTED
from tests.vendors.qcomment.market.oracle import HOUR, read_works, seconds
from tests.vendors.qcomment.market.test_as_early_as_allowed import abounding, written

BUSY = abounding(give_up_percent=0)
GIVING_UP = abounding(give_up_percent=45)
NEW = {"title": "Т", "subjects": 2, "tarif_id": 2, "task": "З"}


def moment(market: Any, **ahead: float) -> str:
    """Return a local date and time that lies so far ahead."""
    return written(market.world.now_ms // 1000 + 3 * HOUR + int(timedelta(**ahead).total_seconds()))


def notes(market: Any) -> list[str]:
    """Return what the journal remarks on the last call."""
    return list(market.world.journal.entries[-1].diagnostics)


def test_launch_that_is_put_off_brings_nothing_before(marketplace: Any) -> None:
    """An active project waits for its date_start; whoever has begun may finish."""
    market = marketplace("realistic")
    project = market.order(50)
    market.pass_time(minutes=41)
    start = moment(market, days=5)
    assert market("projectedit", project_id=project.id, date_start=start) == {"status": "ok"}
    begun = int(market("project", project_id=project.id)["in_works"])
    market.pass_time(days=5)
    assert len(read_works(market, project.id)) <= begun
    market.pass_time(days=2)

    works = read_works(market, project.id)
    assert len(works) == 50
    assert all(work.at > seconds(start) for work in works[begun:])


def test_unpaid_project_that_is_paid_later_waits_too(marketplace: Any) -> None:
    """The same where the date is set before the first payment."""
    market = marketplace("realistic")
    project_id = int(market("newproject", **NEW)["project_id"])
    start = moment(market, days=5)
    market("projectedit", project_id=project_id, date_start=start)
    market("payproject", project_id=project_id, pay=50)
    market.pass_time(days=5)
    assert read_works(market, project_id) == []
    market.pass_time(days=2)
    assert len(read_works(market, project_id)) == 50


@pytest.mark.parametrize("way", ["resume", "pay", "copy"])
def test_end_that_is_past_does_not_outlast_the_customers_wish(marketplace: Any, way: str) -> None:
    """After date_end a project that is resumed, paid for again or copied takes works, and has that date no more."""
    market = marketplace(**BUSY)
    project_id = market.order(30, limit_hour=1).id
    market("projectedit", project_id=project_id, date_end=moment(market, hours=3))
    if way == "pay":
        market("returnmoney", project_id=project_id)
        for comment_id in market("requests"):
            market("revision", comment_id=comment_id.removeprefix("comment_"))
    market.pass_time(days=1)
    shown = market("project", project_id=project_id)
    assert (shown["status"], len(read_works(market, project_id))) == (("0", 1) if way == "pay" else ("2", 3))
    assert "date_end" in shown
    before = len(read_works(market, project_id))
    if way == "resume":
        assert market("projectedit", project_id=project_id, status=1) == {"status": "ok"}
    elif way == "pay":
        market("payproject", project_id=project_id, pay=30)
    else:
        project_id, before = int(market("newproject", **NEW, copy_project=project_id, pay=30)["project_id"]), 0
    market.pass_time(minutes=60 * 5 + 1)

    assert len(read_works(market, project_id)) >= before + 5
    assert "date_end" not in market("project", project_id=project_id)


@pytest.mark.parametrize("which", ["date_start", "date_end"])
def test_date_that_is_past_when_it_is_sent_is_told_and_not_kept(marketplace: Any, which: str) -> None:
    """Nothing is put off until yesterday: the project stays as it is, and the journal says why."""
    market = marketplace(**BUSY)
    project_id = market.order(5, limit_hour=1).id
    market("projectedit", project_id=project_id, **{which: moment(market, days=-1)})

    assert [which in note and "is past" in note for note in notes(market)] == [True]
    shown = market("project", project_id=project_id)
    assert (which in shown, shown["status"]) == (False, "1")


def test_end_during_moderation_pauses_when_it_is_over(marketplace: Any) -> None:
    """Nobody may come after the end, however long the moderation took."""
    market = marketplace(**BUSY | {"administration": {"moderation_minutes": 120, "block_percent": 0}})
    project_id = market.order(5).id
    market("projectedit", project_id=project_id, date_end=moment(market, hours=1))
    market.pass_time(days=1)

    assert market("project", project_id=project_id)["status"] == "2"
    assert read_works(market, project_id) == []


def test_nothing_is_handed_in_at_the_end_itself(marketplace: Any) -> None:
    """The instant of date_end is outside: an author who would be through just then does not begin."""
    market = marketplace(**abounding(writing=5))
    project_id = int(market("newproject", **NEW, delay_from=60, delay_to=60)["project_id"])
    market("projectedit", project_id=project_id, date_end=moment(market, minutes=125))
    market("payproject", project_id=project_id, pay=9)
    start = market.world.now_ms // 1000 + 3 * HOUR
    market.pass_time(days=1)

    assert [work.at - start for work in read_works(market, project_id)] == [5 * 60, 65 * 60]


@pytest.mark.parametrize(
    "wanted", [{"min_day_limit": 5}, {"max_day_limit": 5}, {"min_day_limit": 5, "max_day_limit": 5}]
)
def test_single_bound_of_a_random_number_is_both(marketplace: Any, wanted: dict[str, int]) -> None:
    """Five a day come, though many authors give up; not one to five."""
    market = marketplace("hostile", arrivals=GIVING_UP["arrivals"], administration=BUSY["administration"])
    project_id = market.order(80, **wanted).id
    market.pass_time(days=6)
    days = Counter(datetime.fromisoformat(w["date"]).date() for w in answers(market, project_id))

    assert len(days) == 7
    assert set(days.values()) == {5}


def answers(market: Any, project_id: int) -> list[dict[str, str]]:
    return list(market("comments", project_id=project_id, status="all").values())


@pytest.mark.parametrize("limit", ["limit_author", "limit_ip", "limit_url", "limit_author_group"])
def test_whoever_gives_up_may_come_again(marketplace: Any, limit: str) -> None:
    """A team of three brings a work each, and three pages get one each, whoever has given up before."""
    for seed in range(12):
        market = marketplace(**GIVING_UP)
        pages = ";;".join(f"https://site.example/{seed}/{page}" for page in range(3))
        project_id = market.order(9, team_id=1022, group_id=7 + seed, pages=pages, **{limit: 1}).id
        market.pass_time(days=1)
        works = read_works(market, project_id)

        assert len(works) == 3
        assert len({work.page if limit == "limit_url" else work.author for work in works}) == 3


def test_works_lost_to_a_suspension_count_against_nothing(marketplace: Any) -> None:
    """Authors who were writing when the project was suspended come again once it goes on."""
    market = marketplace(**abounding(writing=30))
    project = market.order(9, team_id=1022, limit_author=1, limit_ip=1, max_turn=3)
    market.pass_time(minutes=10)
    assert market("project", project_id=project.id)["in_works"] == "3"
    post(market, f"/qcomment/projects/{project.id}/block")
    market.pass_time(minutes=60)
    assert market("project", project_id=project.id)["in_works"] == "0"
    post(market, f"/qcomment/projects/{project.id}/unblock")
    market("projectedit", project_id=project.id, status=1)
    market.pass_time(days=1)

    assert sorted(work.author for work in read_works(market, project.id)) == ["user1", "user2", "user3"]


def post(market: Any, path: str) -> Any:
    from apidouble.mockserver.domain.call import Request  # noqa: PLC0415

    response = market.simulator.answer(Request("POST", f"/_apidouble{path}", "", "", b""))
    assert response.status == 200, response.body
    return orjson.loads(response.body)


@pytest.mark.parametrize("name", ["limit_author_group", "limit_author_group_day"])
def test_project_that_joins_a_group_brings_its_works(marketplace: Any, name: str) -> None:
    """Works count in the group a project is in now, and no more in the one it has left."""
    market = marketplace(**BUSY)
    first = market.order(3, team_id=1022, group_id=5, limit_author=1).id
    second = market.order(3, team_id=1022, group_id=6, **{name: 1}, start_time="13:00", end_time="14:00").id
    assert len(read_works(market, first)) == 3
    market("projectedit", project_id=first, group_id=6)
    market.pass_time(minutes=120)
    assert read_works(market, second) == []
    market("projectedit", project_id=first, group_id=5)
    market.pass_time(days=1)
    assert len(read_works(market, second)) == 3


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"team_id": 77}, "team_id: there is no team 77, so nobody may take the project (teams: 9, 1022)"),
        ({"author": "nobody"}, "author: there is no author nobody, so nobody may take the project"),
        ({"limit_author_group": 1}, "limit_author_group: the project has no group_id, so this limits nothing"),
        ({"limit_author_group_day": 1}, "limit_author_group_day: the project has no group_id, so this limits nothing"),
    ],
)
@pytest.mark.parametrize("operation", ["newproject", "projectedit"])
def test_settings_that_shut_everybody_out_are_told(
    marketplace: Any, operation: str, sent: dict[str, Any], said: str
) -> None:
    """They are taken, as the document has no error for them; the journal says what will come of it."""
    market = marketplace(**BUSY)
    project_id = int(market("newproject", **NEW)["project_id"])
    parameters = NEW if operation == "newproject" else {"project_id": project_id}
    assert market(operation, **parameters, **sent)["status"] == "ok"
    assert notes(market) == [said]


@pytest.mark.parametrize("sent", [{"team_id": 1022}, {"author": "user1"}, {"author": 6487}])
def test_settings_that_name_somebody_are_not_remarked_upon(marketplace: Any, sent: dict[str, Any]) -> None:
    """A team that is there, an author by his login or his ID."""
    market = marketplace(**BUSY)
    market("newproject", **NEW, **sent, group_id=3, limit_author_group=1)
    assert notes(market) == []


def test_nobody_is_on_the_way_while_no_work_is_paid_for(marketplace: Any) -> None:
    """The next author comes as long after a payment, whenever that is: he has not set out before."""
    seldom = BUSY | {"arrivals": {**BUSY["arrivals"], "minutes": 600}}
    market = marketplace(**seldom)
    project_id = market.order(1).id
    market.pass_time(days=3)
    (first,) = read_works(market, project_id)
    came = []
    for seconds_later in (1, 61):
        market = marketplace(**seldom)
        market.order(1)
        market.world.advance((first.at - 3 * HOUR + seconds_later) * 1000)
        market("payproject", project_id=project_id, pay=1)
        market.pass_time(days=3)
        came.append(read_works(market, project_id)[-1].at - first.at)

    assert came[1] - came[0] == 60


def test_world_may_begin_with_dates_that_have_come(customer: Any) -> None:
    """A project that is active in a world file is not over, whatever date it once had."""
    projects = [
        item | {"settings": item["settings"] | {"date_end": "2021-01-01 00:00:00"}}
        for item in DOCUMENTED.source.content["qcomment"]["projects"]
    ]
    qcomment = customer({"projects": projects})
    dates = {item["id"]: "date_end" in qcomment("project", project_id=item["id"]) for item in projects}
    assert dates == {item["id"]: item.get("status") != 1 for item in projects}


def test_start_and_end_at_one_instant_leave_the_project_paused(marketplace: Any) -> None:
    """In whichever order they were set."""
    for names in (("date_start", "date_end"), ("date_end", "date_start")):
        market = marketplace(**BUSY)
        project_id = market.order(5, start_time="13:00", end_time="14:00").id
        when = moment(market, hours=20)
        for name in names:
            market("projectedit", project_id=project_id, status=2, **{name: when})
        market.pass_time(days=3)
        assert market("project", project_id=project_id)["status"] == "2"
        assert read_works(market, project_id) == []
