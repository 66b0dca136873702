"""Whatever a project's settings, what arrives keeps every one of them, in every window."""

from bisect import bisect_left
from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MOSCOW = ZoneInfo("Europe/Moscow")
MINUTE_MS = 60 * 1000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
DAYS, WORKS, MORE_WORKS = 4, 40, 120
FEW: dict[str, dict[str, Any]] = {
    "population": {"size": 25, "languages": {"ru": 100}, "shared_ip_percent": 50},
    "arrivals": {"minutes": 3, "hours": [1] * 24, "writing_minutes": [0, 90], "give_up_percent": 20},
    "administration": {"moderation_minutes": 0},
}
PAGES = ";;".join(f"https://site.example/{page}" for page in range(3))
reuse = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=40
)


def maybe(values: Any) -> Any:
    return st.none() | values


CLOCK = st.integers(0, 47).map(lambda half: f"{half // 2:02}:{half % 2 * 30:02}")
SETTINGS = st.fixed_dictionaries(
    {
        "limit": maybe(st.integers(1, 20)),
        "cnt_day_limit": maybe(st.integers(1, 3)),
        "limit_hour": maybe(st.integers(1, 4)),
        "max_day_limit": maybe(st.integers(1, 12)),
        "min_day_limit": maybe(st.integers(0, 12)),
        "delay_from": maybe(st.integers(1, 60)),
        "delay_to": maybe(st.integers(1, 240)),
        "limit_author": maybe(st.integers(1, 3)),
        "limit_author_day": maybe(st.integers(1, 2)),
        "limit_author_delay": maybe(st.integers(1, 3000)),
        "limit_author_group": maybe(st.integers(1, 4)),
        "limit_author_group_day": maybe(st.integers(1, 2)),
        "limit_ip": maybe(st.integers(1, 4)),
        "limit_url": maybe(st.integers(1, 20)),
        "limit_url_day": maybe(st.integers(1, 5)),
        "max_turn": maybe(st.integers(1, 3)),
        "pages": maybe(st.just(PAGES)),
        "start_time": maybe(CLOCK),
        "end_time": maybe(CLOCK),
        "group_id": maybe(st.just(7)),
    }
).map(lambda drawn: {name: value for name, value in drawn.items() if value is not None})


class Watched:
    """One project's works with the instants at which they were first seen, and the most authors that wrote at once."""

    def __init__(self, market: Any, *projects: Any) -> None:
        self.market, self.projects = market, projects
        self.seen: dict[int, list[tuple[int, Any]]] = {project.id: [] for project in projects}
        self.most = dict.fromkeys(self.seen, 0)
        market.watch(DAYS, self.look)

    def look(self) -> None:
        for project in self.projects:
            self.most[project.id] = max(self.most[project.id], project.in_works)
            known = self.seen[project.id]
            for comment_id in project.comment_ids[len(known) :]:
                known.append((self.market.world.now_ms, self.market.account.comments[comment_id]))


def fullest(instants: list[int], span_ms: int) -> int:
    """Return how many instants the fullest window of a span holds."""
    instants = sorted(instants)
    return max((bisect_left(instants, at_ms + span_ms) - place for place, at_ms in enumerate(instants)), default=0)


def by(works: list[tuple[int, Any]], key: Any) -> list[list[int]]:
    found = defaultdict(list)
    for at_ms, work in works:
        found[key(work)].append(at_ms)
    return list(found.values())


def keeps(market: Any, works: list[tuple[int, Any]], most: int, wanted: dict[str, Any]) -> None:
    """Assert that works keep the settings, one by one; None of them binds where it is not set."""
    instants = [at_ms for at_ms, _ in works]
    days = wanted.get("cnt_day_limit", 1)
    assert fullest(instants, HOUR_MS) <= wanted.get("limit_hour", WORKS)
    assert fullest(instants, days * DAY_MS) <= wanted.get("limit", WORKS)
    lot = max(wanted.get("max_day_limit", 0), wanted.get("min_day_limit", 0)) or WORKS
    first = datetime.fromtimestamp(market.start_ms / 1000, MOSCOW).date()
    periods = [(datetime.fromtimestamp(at_ms / 1000, MOSCOW).date() - first).days // days for at_ms in instants]
    assert all(periods.count(period) <= lot for period in periods)
    delay = min(wanted.get("delay_from") or wanted.get("delay_to") or 0, wanted.get("delay_to") or 10**9)
    assert all(later - at_ms >= delay * MINUTE_MS for at_ms, later in pairwise(instants))
    for own in by(works, lambda work: work.author):
        assert len(own) <= wanted.get("limit_author", WORKS)
        assert fullest(own, DAY_MS) <= wanted.get("limit_author_day", WORKS)
        assert fullest(own, wanted.get("limit_author_delay", 0) * MINUTE_MS) <= 1
    addresses = {author.login: author.ip for author in market.world.lives["qcomment"].authors}
    assert all(len(own) <= wanted.get("limit_ip", WORKS) for own in by(works, lambda work: addresses[work.author]))
    for own in by(works, lambda work: work.url):
        assert len(own) <= wanted.get("limit_url", WORKS)
        assert fullest(own, DAY_MS) <= wanted.get("limit_url_day", WORKS)
    assert most <= wanted.get("max_turn", WORKS)
    start, end = wanted.get("start_time", "00:00"), wanted.get("end_time", "00:00")
    end = "24:00" if end == "00:00" else end
    for at_ms in instants:
        clock = datetime.fromtimestamp(at_ms / 1000, MOSCOW).strftime("%H:%M")
        assert start == end or (start <= clock < end if start < end else clock >= start or clock < end)


@reuse
@given(SETTINGS)
def test_every_limit_holds_in_every_window(marketplace: Any, wanted: dict[str, Any]) -> None:
    """Arbitrary settings together: no window holds more than its limit, no author, page or address too much."""
    market = marketplace(**FEW)
    project = market.order(WORKS, **wanted)
    watched = Watched(market, project)
    keeps(market, watched.seen[project.id], watched.most[project.id], wanted)


@reuse
@given(st.integers(1, 4), st.integers(1, 2))
def test_group_limits_hold_over_all_projects_of_the_group(marketplace: Any, total: int, a_day: int) -> None:
    """An author's works count over all the projects of a group, whatever each allows by itself."""
    market = marketplace(**FEW)
    wanted = {"group_id": 7, "limit_author_group": total, "limit_author_group_day": a_day}
    projects = [market.order(WORKS, **wanted), market.order(WORKS, **wanted)]
    watched = Watched(market, *projects)
    works = [work for project in projects for work in watched.seen[project.id]]

    assert works
    for own in by(works, lambda work: work.author):
        assert len(own) <= total
        assert fullest(own, DAY_MS) <= a_day


def test_group_counts_works_of_projects_that_set_no_limit(marketplace: Any) -> None:
    """Whoever has worked on an unlimited project of the group has used up the limit of another."""
    market = marketplace(**FEW)
    before = market.order(WORKS, group_id=7, limit_hour=1)
    limited = market.order(WORKS, group_id=7, limit_author_group=1, limit_hour=1)
    after = market.order(WORKS, group_id=7, limit_hour=1)
    market.pass_time(days=2)
    others = [work for project in (before, after) for work in market.works(project)]

    assert market.works(limited)
    for work in market.works(limited):
        assert not any(other.author == work.author and other.date_ms < work.date_ms for other in others)


def test_work_that_is_given_up_frees_its_page(marketplace: Any) -> None:
    """One comment for each page, although half of the authors give up."""
    market = marketplace(**FEW | {"arrivals": FEW["arrivals"] | {"give_up_percent": 50}})
    project = market.order(WORKS, pages=PAGES, limit_url=1)
    market.pass_time(days=DAYS)

    assert sorted(work.url for work in market.works(project)) == PAGES.split(";;")
    assert market.world.lives["qcomment"].streams[project.id].number > len(project.comment_ids)


@reuse
@given(SETTINGS, SETTINGS)
def test_limits_set_later_hold_from_then_on(marketplace: Any, before: dict[str, Any], after: dict[str, Any]) -> None:
    """After an edit the new settings hold, counting what has come before; those who were writing may finish."""
    market = marketplace(**FEW)
    project = market.order(WORKS, **before)
    market.pass_time(days=1)
    edited = {name: after.get(name, 0 if name not in ("pages", "start_time", "end_time") else None) for name in after}
    market("projectedit", project_id=project.id, **edited)
    writing, come = project.in_works, len(project.comment_ids)
    watched = Watched(market, project)
    fresh = watched.seen[project.id][come + writing :]
    instants = [at_ms for at_ms, _ in fresh]
    both = before | after
    assert fullest(instants, HOUR_MS) <= both.get("limit_hour", WORKS)
    assert fullest(instants, both.get("cnt_day_limit", 1) * DAY_MS) <= both.get("limit", WORKS)
    for own in by(fresh, lambda work: work.author):
        assert fullest(own, DAY_MS) <= both.get("limit_author_day", WORKS)


@pytest.mark.parametrize(
    "wanted",
    [
        {"limit_hour": 1},
        {"limit": 3, "cnt_day_limit": 2},
        {"min_day_limit": 1, "max_day_limit": 3},
        {"delay_from": 200, "delay_to": 300},
        {"limit_author": 1, "limit_author_day": 1},
        {"limit_author_delay": 6 * 24 * 60},
        {"limit_author_group": 1, "group_id": 3},
        {"limit_author_group_day": 1, "group_id": 3, "user_verification": 1},
        {"limit_ip": 1},
        {"limit_url": 2, "pages": PAGES},
        {"limit_url_day": 1, "pages": PAGES},
        {"start_time": "10:00", "end_time": "10:20"},
        {"start_time": "23:50", "end_time": "00:20"},
    ],
    ids="+".join,
)
def test_each_limit_binds(marketplace: Any, wanted: dict[str, Any]) -> None:
    """With the limit some works come, and fewer than without it; so the property above has something to hold."""
    come = []
    for settings_now in (wanted, {}):
        market = marketplace(**FEW)
        project = market.order(MORE_WORKS, **settings_now)
        market.pass_time(days=DAYS)
        come.append(len(project.comment_ids))

    assert 0 < come[0] < come[1] == MORE_WORKS


def test_turns_are_limited(marketplace: Any) -> None:
    """With max_turn only so many authors write at a time; without it more do."""
    most = []
    for wanted in ({"max_turn": 2}, {}):
        market = marketplace(**FEW)
        project = market.order(WORKS, **wanted)
        most.append(Watched(market, project).most[project.id])

    assert most[0] == 2 < most[1]


def test_dates_start_and_end_a_project(marketplace: Any) -> None:
    """A paused project starts at date_start, and nothing is handed in from date_end on."""
    market = marketplace(**FEW)
    project = market.order(WORKS, limit_hour=1)
    market("projectedit", project_id=project.id, status=2)
    writing = project.in_works + len(project.comment_ids)
    market("projectedit", project_id=project.id, date_start="2021-11-21 09:00:00", date_end="2021-11-21 15:00:00")
    watched = Watched(market, project)
    days = [datetime.fromtimestamp(at_ms / 1000, MOSCOW) for at_ms, _ in watched.seen[project.id][writing:]]

    assert days
    assert all((day.day, 9 <= day.hour < 15) == (21, True) for day in days)
