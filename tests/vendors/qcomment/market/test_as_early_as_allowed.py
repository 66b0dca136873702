"""Where authors abound, works come exactly when every date and limit allows: no sooner, and no later."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.vendors.qcomment.market.oracle import FOR_EVER, HOUR, MINUTE, Oracle, Work, read_works, seconds

PAY = 14
START = seconds("2021-11-20 12:00:00")
PAGES = ";;".join(f"https://site.example/{page}" for page in range(3))
HALF_HOURS = st.integers(0, 47).map(lambda half: f"{half // 2:02}:{half % 2 * 30:02}")
NUMBERS = {
    "limit": st.integers(0, 8),
    "cnt_day_limit": st.integers(0, 3),
    "limit_hour": st.integers(0, 4),
    "min_day_limit": st.integers(0, 5),
    "max_day_limit": st.integers(0, 5),
    "delay_from": st.integers(0, 300),
    "delay_to": st.integers(0, 300),
    "limit_author": st.integers(0, 3),
    "limit_author_day": st.integers(0, 2),
    "limit_author_delay": st.integers(0, 3000),
    "limit_author_group": st.integers(0, 3),
    "limit_author_group_day": st.integers(0, 2),
    "limit_ip": st.integers(0, 3),
    "limit_url": st.integers(0, 4),
    "limit_url_day": st.integers(0, 2),
    "max_turn": st.integers(0, 3),
    "group_id": st.just(7),
    "team_id": st.just(1022),
    "pages": st.just(PAGES),
    "start_time": HALF_HOURS,
    "end_time": HALF_HOURS,
}
ONE = st.sampled_from(sorted(NUMBERS)).flatmap(lambda name: st.fixed_dictionaries({name: NUMBERS[name]}))
SOME = st.lists(st.sampled_from(sorted(NUMBERS)), max_size=5, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: NUMBERS[name] for name in names})
)
ALL = st.fixed_dictionaries(NUMBERS)
SETTINGS = st.one_of(ONE, SOME, ALL)
HOURS = st.integers(-30, 90)
DATES = st.fixed_dictionaries({}, optional={"date_start": HOURS, "date_end": HOURS})
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), SETTINGS),
        st.tuples(st.just("dates"), DATES),
        st.tuples(st.just("status"), st.sampled_from([1, 2])),
        st.tuples(st.just("copy"), st.none()),
        st.tuples(st.just("pass"), st.integers(1, 40)),
    ),
    max_size=7,
)
reuse = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=100,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # what fails is told as a story; shrinking it takes minutes
)


def abounding(writing: int = 0, give_up_percent: int = 0) -> dict[str, dict[str, Any]]:
    """Return a marketplace in which somebody is always there at once."""
    return {
        "population": {"size": 300, "languages": {"ru": 100}, "shared_ip_percent": 0},
        "arrivals": {
            "minutes": 0,
            "hours": [1] * 24,
            "writing_minutes": [writing, writing],
            "give_up_percent": give_up_percent,
            "price_refusal_percent": 0,
        },
        "administration": {"moderation_minutes": 0, "block_percent": 0},
    }


def written(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


@dataclass
class Story:
    """A customer who changes his mind, and what he should see of it: status, dates and works."""

    market: Any
    oracle: Oracle
    project_id: int = 0
    status: int = 1
    dates: dict[str, int] = field(default_factory=dict)
    seen: int = 0
    done: list[Any] = field(default_factory=list)

    @property
    def now(self) -> int:
        """The virtual time on Moscow's clocks."""
        return int(self.market.world.now_ms // 1000 + 3 * HOUR)

    def create(self, wanted: dict[str, Any], dates: dict[str, int]) -> None:
        """Create a project, give it its dates, and pay for it, which nobody awaits before."""
        answer = self.market("newproject", title="Т", subjects=2, tarif_id=2, task="З", **wanted)
        self.project_id, self.oracle.created, self.oracle.wanted = int(answer["project_id"]), self.now, dict(wanted)
        self.set_dates(dates)
        assert self.market("payproject", project_id=self.project_id, pay=PAY)["status"] == "ok"

    def step(self, name: str, value: Any) -> None:
        """Do one thing, and compare what has come of it."""
        self.done.append((name, value))
        if name == "pass":
            begun = self.now
            self.market.pass_time(minutes=value * 60)
            self.compare(begun)
            return
        if name == "edit":
            if "group_id" in value:  # only this project is ever in its group
                value = value | {"group_id": self.oracle.wanted.get("group_id") or self.project_id}
            assert self.edit(**value)
            self.oracle.wanted |= value
        elif name == "dates":
            self.set_dates({which: self.now + hours * HOUR for which, hours in value.items()})
        elif name == "copy":
            self.copy()
        elif self.edit(status=value):
            self.status = value
            if value == 1:
                self.dates = {which: at for which, at in self.dates.items() if at > self.now}
        self.compare(self.now)

    def edit(self, **changes: Any) -> bool:
        answer = self.market("projectedit", project_id=self.project_id, **changes)
        return bool(answer == {"status": "ok"})

    def set_dates(self, dates: dict[str, int]) -> None:
        if dates:
            assert self.edit(**{which: written(at) for which, at in dates.items()})
        for which, at in dates.items():
            self.dates.pop(which, None)
            if at > self.now:
                self.dates[which] = at

    def copy(self) -> None:
        """Go on with a copy of the project, which is in another group, so that the first does not count there."""
        own = {"group_id": 10**6 + self.project_id} if self.oracle.wanted.get("group_id") else {}
        new = {"title": "Т", "subjects": 2, "tarif_id": 2, "task": "З", **own}
        answer = self.market("newproject", **new, copy_project=self.project_id, pay=PAY)
        self.project_id, self.seen, self.status, self.dates = int(answer["project_id"]), 0, 1, {}
        self.oracle.created, self.oracle.works, self.oracle.wanted = self.now, [], self.oracle.wanted | own

    def compare(self, since: int) -> None:
        """Compare works, status and dates with what they should be at the end of a stretch of time."""
        self.live_through(since)
        works = read_works(self.market, self.project_id)
        for work in works[self.seen :]:
            after = max(since, self.oracle.works[-1].at if self.oracle.works else 0)
            soonest = self.oracle.earliest(after, work.at, strict=False)
            latest = self.oracle.earliest(after, work.at, strict=True)
            assert soonest is not None, f"{self.told(work)}: nothing allows it"
            assert latest in (None, work.at), f"{self.told(work)}: {written(latest or 0)} was allowed"
            if self.is_certain():
                assert soonest == work.at, f"{self.told(work)}: {written(soonest)} was allowed"
            assert work.page in self.oracle.pages()
            self.oracle.works.append(work)
        self.seen = len(works)
        if self.seen < PAY:
            after = max(since, self.oracle.works[-1].at if self.oracle.works else 0)
            missed = self.oracle.earliest(after, self.now, strict=True)
            assert missed is None, f"{self.told(None)}: one more was allowed at {written(missed or 0)}"
            shown = self.market("project", project_id=self.project_id)
            assert int(shown["status"]) == self.status
            told = {which: seconds(shown[which]) for which in ("date_start", "date_end") if which in shown}
            assert told == self.dates

    def live_through(self, since: int) -> None:
        """Work out when the project is active from an instant until now, and what its status is then."""
        at, active = since, []
        for turn, which in sorted((at, which) for which, at in self.dates.items()):
            if since < turn <= self.now:
                if self.status == 1 and at >= self.dates.get("date_start", 0):
                    active.append((at, turn))
                at = turn
                if which == "date_start" and self.dates.get("date_end") != turn:
                    self.status = 1
                    self.dates = {other: due for other, due in self.dates.items() if due > turn}
                elif which == "date_end":
                    self.status = 2
        if self.status == 1 and at >= self.dates.get("date_start", 0):
            active.append((at, self.dates.get("date_end", FOR_EVER)))
        self.oracle.active = active

    def is_certain(self) -> bool:
        """Tell whether nothing is left to chance."""
        pairs = [("min_day_limit", "max_day_limit"), ("delay_from", "delay_to")]
        return all(len(set(self.oracle.bounds(*pair))) == 1 for pair in pairs)

    def told(self, work: Work | None) -> str:
        """Tell the story so far, for whoever has to find out what went wrong."""
        came = [(written(one.at), one.author, one.page) for one in self.oracle.works]
        known = self.oracle.wanted, self.dates, self.oracle.active
        return f"{self.done}: {known} after {came}: {work and written(work.at)}"


@reuse
@given(st.sampled_from([0, 40]), SETTINGS, DATES, STEPS)
def test_works_come_exactly_when_they_may(
    marketplace: Any, give_up_percent: int, wanted: dict[str, Any], dates: dict[str, int], steps: list[Any]
) -> None:
    """Dates and limits alone and together, past, edited, taken back and copied, whoever gives up meanwhile."""
    story = Story(marketplace(**abounding(give_up_percent=give_up_percent)), Oracle(START))
    story.create(wanted, {which: story.now + hours * HOUR for which, hours in dates.items()})
    story.compare(story.now)
    for name, value in [*steps, ("pass", 50)]:
        story.step(name, value)
        if story.seen == PAY:
            break


@reuse
@given(st.sampled_from([5, 45, 200]), SETTINGS, DATES)
def test_authors_begin_as_soon_as_they_may(
    marketplace: Any, writing: int, wanted: dict[str, Any], dates: dict[str, int]
) -> None:
    """They write a known time, begin nothing before the project is open to them, and are through before it closes."""
    story = Story(marketplace(**abounding(writing)), Oracle(START, writing * MINUTE))
    story.create(wanted, {which: story.now + hours * HOUR for which, hours in dates.items()})
    since = story.now
    story.market.pass_time(days=6)
    story.compare(since)


@pytest.mark.parametrize("days", [1, 2])
@reuse
@given(st.integers(0, 5), st.integers(1, 5))
def test_random_number_lies_between_its_bounds(marketplace: Any, days: int, first: int, second: int) -> None:
    """Each period has at least the least and at most the most; where they differ, not always the same."""
    least, most = sorted((first, second))
    market = marketplace(**abounding())
    wanted = {"min_day_limit": least, "max_day_limit": most, "cnt_day_limit": days}
    project = market.order(200, **wanted)
    market.pass_time(days=days * 9)
    oracle = Oracle(START, wanted=wanted)
    counts = [0] * 8
    for work in read_works(market, project.id):
        if oracle.period(work.at) < len(counts):
            counts[oracle.period(work.at)] += 1

    assert least <= min(counts) <= max(counts) <= most
