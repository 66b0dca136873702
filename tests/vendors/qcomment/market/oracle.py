"""When works may come at the earliest, by the document's words and the readings: a second, slow look at every limit.

It knows only what answers tell: settings, statuses, and the works' dates, authors and pages. Times are seconds of
Moscow's clocks since 1970. A limit is a predicate over an instant and the works before it; the earliest instant is
found by trying all at which any of them could begin to hold.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MEMBERS = ("user1", "user2", "user3")  # of team 1022
FOR_EVER = 10**12


class Work(NamedTuple):
    """A work as answers show it."""

    at: int
    author: str
    page: str


def seconds(text: str) -> int:
    """Return a local date and time as seconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def clock(text: str | None) -> int:
    """Return seconds since midnight of a time of day."""
    hours, minutes, *_ = (text or "00:00").split(":")
    return int(hours) * HOUR + int(minutes) * MINUTE


def fits(instants: list[int], at: int, span: int, most: int) -> bool:
    """Tell whether one more at an instant leaves at most so many in each window of a span."""
    return sum(1 for one in instants if one > at - span) < most


@dataclass
class Oracle:
    """The limits of one project. `writing` is how long each author writes; `active` when the project is, [from, to)."""

    created: int
    writing: int = 0
    wanted: dict[str, Any] = field(default_factory=dict)
    active: list[tuple[int, int]] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)

    def number(self, name: str) -> int:
        """Return a limit, 0 where there is none."""
        return int(self.wanted.get(name) or 0)

    def bounds(self, least: str, most: str) -> tuple[int, int]:
        """Return the bounds of a random number: a single one is both."""
        upper = self.number(most) or self.number(least)
        lower = upper if self.wanted.get(least) is None else self.number(least)
        return min(lower, upper), max(lower, upper)

    def allowed(self, at: int, strict: bool) -> bool:
        """Tell whether one more work may be handed in; where chance decides, in the strictest way or the mildest."""
        return all(self._project(at, strict)) and any(self._pages(at)) and any(self._authors(at))

    def earliest(self, since: int, until: int, strict: bool) -> int | None:
        """Return the first instant at which one more may be handed in, None if there is none."""
        instants = sorted({at for at in self._turning_points(since, until) if since <= at <= until})
        return next((at for at in instants if self.allowed(at, strict)), None)

    def _project(self, at: int, strict: bool) -> Iterator[bool]:
        instants = [work.at for work in self.works]
        days = self.number("cnt_day_limit") or 1
        yield any(begin + self.hurried() <= at < end for begin, end in self.active)
        yield not self.number("limit_hour") or fits(instants, at, HOUR, self.number("limit_hour"))
        yield not self.number("limit") or fits(instants, at, days * DAY, self.number("limit"))
        least, most = self.bounds("min_day_limit", "max_day_limit")
        taken = sum(1 for one in instants if self.period(one) == self.period(at))
        yield not most or taken < (least if strict else most)
        delay = self.bounds("delay_from", "delay_to")[strict] * MINUTE
        yield not instants or at >= instants[-1] + delay
        turns = self.number("max_turn")
        yield not turns or len(instants) < turns or at >= instants[-turns] + self.hurried()
        start, length = clock(self.wanted.get("start_time")), self.length()
        yield not length or self.hurried() <= (at - start) % DAY < length

    def length(self) -> int:
        """Return how long the project is open each day, 0 for always."""
        return (clock(self.wanted.get("end_time")) - clock(self.wanted.get("start_time"))) % DAY

    def hurried(self) -> int:
        """Return how long an author writes, who must be through before the project closes."""
        return min(self.writing, self.length() - 1) if self.length() else self.writing

    def period(self, at: int) -> int:
        """Return which period of cnt_day_limit days an instant is in."""
        return (at // DAY - self.created // DAY) // (self.number("cnt_day_limit") or 1)

    def pages(self) -> list[str]:
        """Return the pages that works are for."""
        return list(filter(None, str(self.wanted.get("pages") or "").split(";;"))) or [
            str(self.wanted.get("url") or "")
        ]

    def _pages(self, at: int) -> Iterator[bool]:
        for page in self.pages():
            own = [work.at for work in self.works if work.page == page]
            yield self._serves(own, at, "limit_url", "limit_url_day")

    def _authors(self, at: int) -> Iterator[bool]:
        if not self.wanted.get("team_id"):
            yield True  # there are many
        for author in MEMBERS:
            own = [work.at for work in self.works if work.author == author]
            yield all(
                (
                    self._serves(own, at, "limit_author", "limit_author_day"),
                    self._serves(own, at, "limit_ip", "limit_ip"),
                    not own or at >= own[-1] + self.number("limit_author_delay") * MINUTE,
                    not self.wanted.get("group_id")
                    or self._serves(own, at, "limit_author_group", "limit_author_group_day"),
                )
            )

    def _serves(self, own: list[int], at: int, total: str, per_day: str) -> bool:
        most, daily = self.number(total), self.number(per_day)
        return (not most or len(own) < most) and (not daily or fits(own, at, DAY, daily))

    def _turning_points(self, since: int, until: int) -> Iterator[int]:
        yield since
        spans = {HOUR, DAY, DAY * (self.number("cnt_day_limit") or 1), MINUTE * self.number("limit_author_delay")}
        spans |= {self.hurried(), *(MINUTE * delay for delay in self.bounds("delay_from", "delay_to"))}
        yield from (work.at + span for work in self.works for span in spans)
        yield from (begin + self.hurried() for begin, _ in self.active)
        for midnight in range(since // DAY * DAY - DAY, until + DAY, DAY):
            yield midnight
            yield midnight + clock(self.wanted.get("start_time")) + self.hurried()

    def keeps(self, exempt: int = 0) -> None:
        """Assert of all works but the first ones that each might come when it did, in the mildest way."""
        came, self.works = self.works, []
        for index, work in enumerate(came):
            if index >= exempt:
                assert self.allowed(work.at, strict=False), (self.wanted, came, work)
                assert work.page in self.pages()
                self._keep_author(work)
            self.works.append(work)

    def _keep_author(self, work: Work) -> None:
        own = [one.at for one in self.works if one.author == work.author]
        assert self._serves(own, work.at, "limit_author", "limit_author_day")
        assert not own or work.at >= own[-1] + self.number("limit_author_delay") * MINUTE
        if self.wanted.get("group_id"):
            assert self._serves(own, work.at, "limit_author_group", "limit_author_group_day")
        if self.wanted.get("team_id"):
            assert work.author in MEMBERS
        on_page = [one.at for one in self.works if one.page == work.page]
        assert self._serves(on_page, work.at, "limit_url", "limit_url_day")


def read_works(call: Callable[..., Any], project_id: int) -> list[Work]:
    """Return a project's works in the order they came, as answers show them."""
    answer = call("comments", project_id=project_id, status="all")
    found: Iterable[dict[str, str]] = () if "error_code" in answer else answer.values()
    return [Work(seconds(work["date"]), work["author"], work["url"]) for work in found]
