"""Who takes a project: nobody whom its settings, the blacklist or a team keep out, and at a poor price only few."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MANY: dict[str, dict[str, Any]] = {
    "population": {"size": 300, "languages": {"ru": 70, "en": 50, "ua": 40, "by": 30}},
    "arrivals": {"minutes": 2, "hours": [1] * 24, "writing_minutes": [0, 5], "give_up_percent": 0},
    "administration": {"moderation_minutes": 0},
}
COUNTRIES = {20: [20944, 29790, 30001], 2: [2001, 2002], 8: [8001]}
SOCIAL_TARIFF = 5
reuse = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
GEO = st.sampled_from(sorted(COUNTRIES)).flatmap(
    lambda country: st.fixed_dictionaries(
        {"countries": st.just([country])},
        optional={
            name: st.lists(st.sampled_from(COUNTRIES[country]), min_size=1, unique=True)
            for name in ("cities", "except_cities")
        },
    )
)
PARAMS = st.fixed_dictionaries(
    {},
    optional={
        "gender": st.integers(0, 2),
        "count_friends": st.integers(0, 500),
        "count_followers": st.integers(0, 1500),
        "min_age": st.integers(10, 30),
        "max_age": st.integers(35, 70),
    },
)
SOCIAL = st.lists(
    st.fixed_dictionaries({"social": st.sampled_from([1, 2, 3, 5]), "params": PARAMS}), min_size=1, max_size=2
)
SETTINGS = st.fixed_dictionaries(
    {"language": st.sampled_from(["ru", "ua", "en", "by"])},
    optional={
        "only_mobile": st.integers(0, 1),
        "user_verification": st.integers(0, 1),
        "geotargeting": GEO,
        "social_setting": SOCIAL,
        "tarif_id": st.sampled_from([2, SOCIAL_TARIFF]),
    },
)


def suits(author: Any, wanted: dict[str, Any]) -> bool:
    """Tell, by the document's words, whether an author may take a project."""
    where = wanted.get("geotargeting", {})
    networks = wanted.get("social_setting", []) if wanted.get("tarif_id") == SOCIAL_TARIFF else []
    return all(
        (
            wanted["language"] in author.languages,
            author.mobile or not wanted.get("only_mobile"),
            author.verified or not wanted.get("user_verification"),
            author.country in where.get("countries", [author.country]),
            author.city not in where.get("except_cities", []),
            "except_cities" in where or author.city in where.get("cities", [author.city]),
            not networks or any(has(author, one["social"], one["params"]) for one in networks),
        )
    )


def has(author: Any, network: int, params: dict[str, int]) -> bool:
    if network not in author.social:
        return False
    friends, followers = author.social[network]
    return (
        params.get("gender", 0) in (0, author.gender)
        and friends >= params.get("count_friends", 0)
        and followers >= params.get("count_followers", 0)
        and params.get("min_age", 0) <= author.age <= params.get("max_age", 999)
    )


@reuse
@given(SETTINGS)
def test_only_those_who_may_take_a_project_do(marketplace: Any, wanted: dict[str, Any]) -> None:
    """Every author of a work suits the settings; and if anybody suits them, works come."""
    market = marketplace(**MANY)
    project = market.order(15, **wanted)
    market.pass_time(days=4)
    authors = {author.login: author for author in market.world.lives["qcomment"].authors}
    works = market.works(project)

    assert all(suits(authors[work.author], wanted) for work in works)
    if wanted.get("tarif_id") != SOCIAL_TARIFF or "social_setting" in wanted:
        assert bool(works) == any(suits(author, wanted) for author in authors.values())


@pytest.mark.parametrize(("author", "login"), [("user2", "user2"), ("141661", "user2")])
def test_individual_project_is_for_one_author(marketplace: Any, author: str, login: str) -> None:
    """A login or an id; nobody else comes."""
    market = marketplace(**MANY | {"population": {"size": 300, "languages": {"ru": 100}}})
    project = market.order(3, author=author)
    market.pass_time(days=3)

    assert [work.author for work in market.works(project)] == [login] * 3


def test_team_project_is_for_its_members(marketplace: Any) -> None:
    """Those who are added to the team may come, those who are taken out may not any more."""
    market = marketplace(**MANY | {"population": {"size": 300, "languages": {"ru": 100}}})
    market("team", action="del", team_id=1022, login="user1,user2")
    project = market.order(4, team_id=1022, limit_author=2)
    market.pass_time(days=3)
    assert {work.author for work in market.works(project)} == {"user3"}

    market("team", action="set", team_id=1022, login="user1")
    market("team", action="del", team_id=1022, login="user3")
    market.pass_time(days=3)
    assert [work.author for work in market.works(project)][2:] == ["user1", "user1"]


def test_banned_author_does_not_come_again(marketplace: Any) -> None:
    """An author whose work arrived can be shut out by his login, and is, from then on."""
    market = marketplace(**MANY | {"population": {"size": 1, "languages": {"ru": 100}}})
    project = market.order(200, language="ru")
    market.pass_time(minutes=60)
    chosen = market.works(project)[0].author
    assert market("blacklist", action="set", login=chosen, project_id=project.id)["success_logins"] == "1"
    market.pass_time(minutes=10)
    before = len(project.comment_ids)
    market.pass_time(days=1)

    later = [work.author for work in market.works(project)][before:]
    assert later
    assert chosen not in later


def test_low_price_is_refused_and_counted(marketplace: Any) -> None:
    """Below the tariff's average authors refuse, the more the lower; at the average nobody does."""
    refused, hours = [], []
    for price in ("6", "9", "12.2"):
        market = marketplace(**MANY | {"arrivals": MANY["arrivals"] | {"minutes": 30}})
        project = market.order(60, price=price)
        market.watch(10, lambda: None)
        refused.append(int(market("project", project_id=project.id)["refuse_small_price"]))
        hours.append(
            market.works(project)[-1].number and market.world.accounts["qcomment"].projects[project.id].last_comment_ms
        )

    assert refused[0] > refused[1] > refused[2] == 0
    assert hours[0] > hours[1] > hours[2]


def test_vip_project_is_served_sooner(marketplace: Any) -> None:
    """With VIP the same works arrive in a fraction of the time."""
    ended = []
    for vip in (False, True):
        market = marketplace(**MANY | {"arrivals": MANY["arrivals"] | {"minutes": 60, "vip_percent": 400}})
        project = market.order(60)
        if vip:
            assert market("vipproject", project_id=project.id, tarif_type=4) == {"status": "ok"}
        market.pass_time(days=20)
        assert len(project.comment_ids) == 60
        ended.append(project.last_comment_ms - market.start_ms)

    assert ended[1] * 3 < ended[0]
