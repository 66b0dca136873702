"""Turn a project's settings into what its stream goes by: limits, authors, pages, pace, and the texts' brief."""

from collections import deque
from itertools import islice

from apidouble.mockserver.domain.money import minor
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.qcomment import pricing
from apidouble.mockserver.vendors.qcomment.market import notice
from apidouble.mockserver.vendors.qcomment.market.eligibility import eligible
from apidouble.mockserver.vendors.qcomment.market.limits import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    Limits,
    Lot,
    Opening,
    Pool,
    Window,
    crowd,
    offset_ms,
)
from apidouble.mockserver.vendors.qcomment.market.state import NOBODY, Group, Market, Stream
from apidouble.mockserver.vendors.qcomment.schedule import date_ms
from apidouble.mockserver.vendors.qcomment.state import Brief, Project, Settings

VENDOR = "qcomment"
SLOWEST = 20  # a project that few authors may take waits at most so many times longer
DEAREST = 300  # and one that pays above the average at most so many per cent of the average is felt
MOST_REFUSE = 95
SHORTER = 2  # with notlong a text may have this part of the tariff's length


def read(here: Here, market: Market, stream: Stream) -> None:
    """Read a project's settings into its stream, counting the works that have arrived already."""
    project, log = stream.project, stream.log
    stream.limits = _limits(here, project)
    stream.start_ms = date_ms(here, project, "date_start") or 0
    stream.last_ms = None
    for slot_ms, _, _ in log.counted():
        stream.limits.take(slot_ms)
        stream.last_ms = slot_ms
    wanted = project.settings
    everybody = list(eligible(here, project, market.authors))
    stream.authors = Pool(
        crowd(everybody),
        wanted.get("limit_author") or 0,
        wanted.get("limit_author_day") or 0,
        (wanted.get("limit_author_delay") or 0) * MINUTE_MS,
    )
    stream.authors.recall((author, slot_ms) for slot_ms, author, _ in log.counted())
    _read_pages(stream)
    stream.counts_ips, stream.ips = bool(wanted.get("limit_ip")), {}
    for _, author, _ in log.counted() if stream.counts_ips else ():
        ip = market.authors[author].ip
        stream.ips[ip] = stream.ips.get(ip, 0) + 1
    before, stream.group = stream.group, _group(market, stream)
    if before is not stream.group:
        regroup(here, market, before)
    _read_pace(here, market, stream, len(everybody))
    stream.brief = _brief(here, project)
    group = pricing.group(here, wanted)
    stream.takes_ready, stream.published = bool(group.get("ready")), group.get("published", True)
    stream.written = bool(pricing.tariff(here, wanted)["min_length"])
    stream.bound = bool(
        stream.limits.binding or stream.authors.binding or stream.pages.binding or stream.group or stream.counts_ips
    )
    stream.stale = False


def ready_comment(here: Here, stream: Stream) -> int | None:
    """Return the id of the ready comment to use next: the first that has uses left."""
    for ready in here.account.ready_comments.values():
        if ready.project_id == stream.project.id and ready.used < ready.number_use:
            return int(ready.id)
    return None


def _limits(here: Here, project: Project) -> Limits:
    wanted, zone = project.settings, here.rules.zone
    days = wanted.get("cnt_day_limit") or 1  # assumed: see specs/readings.yaml#qc.life_limits
    windows = []
    if wanted.get("limit_hour"):
        windows.append(Window(HOUR_MS, wanted["limit_hour"]))
    if wanted.get("limit"):
        windows.append(Window(days * DAY_MS, wanted["limit"]))
    least, most = _bounds(wanted, "min_day_limit", "max_day_limit")
    lot = None
    if most:
        created_ms = project.created_ms or 0
        first_day = (created_ms + offset_ms(zone, created_ms // HOUR_MS)) // DAY_MS
        lot = Lot(zone, first_day, days, here.world.seed, f"project {project.id}", least, most)
    return Limits(windows, lot, _opening(here, project), date_ms(here, project, "date_end"))


def _opening(here: Here, project: Project) -> Opening | None:
    start_ms, end_ms = (_clock_ms(project.settings.get(name)) for name in ("start_time", "end_time"))
    return None if start_ms == end_ms else Opening(here.rules.zone, start_ms, end_ms)


def _clock_ms(text: str | None) -> int:
    hours, minutes, seconds, *_ = [*map(int, (text or "0").split(":")), 0, 0]
    return (hours * 60 + minutes) * MINUTE_MS + seconds * 1000


def _read_pages(stream: Stream) -> None:
    wanted = stream.project.settings
    before, stream.urls = stream.urls, tuple(wanted.get("pages") or ()) or (wanted.get("url") or "",)
    stream.pages = Pool(crowd(range(len(stream.urls))), wanted.get("limit_url") or 0, wanted.get("limit_url_day") or 0)
    if stream.urls != before and stream.log.pages:
        place = {url: index for index, url in enumerate(stream.urls)}
        for index, page in enumerate(stream.log.pages):
            stream.log.pages[index] = place.get(before[page], NOBODY) if page != NOBODY else NOBODY
        stream.open = deque(take._replace(page=place.get(take.url, NOBODY)) for take in stream.open)
    stream.pages.recall((page, slot_ms) for slot_ms, _, page in stream.log.counted() if page != NOBODY)


def regroup(here: Here, market: Market, group: Group | None) -> None:
    """Let the projects of a group be looked at anew: what counts there has changed."""
    for other in market.streams.values() if group is not None else ():
        if other.group is group:
            notice.change(here, other.project)


def _group(market: Market, stream: Stream) -> Group | None:
    """Return what is known of the project's group, where anybody limits works on a group."""
    wanted = stream.project.settings
    group_id = wanted.get("group_id")
    if not group_id:
        return None
    members = [other for other in market.streams.values() if other.project.settings.get("group_id") == group_id]
    if wanted.get("limit_author_group") or wanted.get("limit_author_group_day"):
        group = market.groups.setdefault(group_id, Group())
        for other in members:
            other.group, other.bound = group, True
    elif group_id not in market.groups:
        return None
    group = market.groups[group_id]
    group.slots.clear()
    for other in members:
        for slot_ms, author, _ in other.log.counted():
            group.take(author, slot_ms)
    return group


def _read_pace(here: Here, market: Market, stream: Stream, authors: int) -> None:
    project, arrivals = stream.project, here.world.life[VENDOR]["arrivals"]
    wanted = project.settings
    mean_ms = int(arrivals["minutes"] * MINUTE_MS)
    rare = min(SLOWEST * 100, 100 * len(market.authors) // max(authors, 1))
    average_minor = minor(pricing.tariff(here, wanted)["average_price"]) or 1
    percent = min(100 * project.price_minor // average_minor, DEAREST)
    stream.refusal_percent = min(max(100 - percent, 0) * arrivals["price_refusal_percent"] // 100, MOST_REFUSE)
    slower = 100 * 100 // max(percent, 100) * 100 // (100 - stream.refusal_percent)
    stream.give_up_percent = arrivals["give_up_percent"]
    stream.mean_ms = mean_ms * rare // 100 * slower // 100
    least, most = _bounds(wanted, "delay_from", "delay_to")
    stream.delays_ms = least * MINUTE_MS, most * MINUTE_MS
    least, most = (minutes * MINUTE_MS for minutes in arrivals["writing_minutes"])
    film_ms = (wanted.get("minutes") or 0) * MINUTE_MS if pricing.group(here, wanted).get("video") and most else 0
    stream.writing_ms = least + film_ms, most + film_ms
    stream.day_weight = sum(arrivals["hours"])
    stream.max_turn = wanted.get("max_turn") or 0


def _bounds(wanted: Settings, least: str, most: str) -> tuple[int, int]:
    """Return the bounds of a random number, in order; a single one is both, and none at all are zeros."""
    # assumed: see specs/readings.yaml#qc.life_bounds
    first, second = wanted.get(least), wanted.get(most) or wanted.get(least) or 0
    lower, upper = sorted((second if first is None else first, second))
    return lower, upper


def _brief(here: Here, project: Project) -> Brief:
    wanted = project.settings
    least = pricing.tariff(here, wanted)["min_length"]
    return Brief(
        seed=here.world.seed,
        project_id=project.id,
        language=wanted["language"],
        least=least // SHORTER if wanted.get("notlong") == 1 else least,
        stop_words=tuple(islice(_stop_words(wanted.get("stop_words")), 200)),
        kinds=tuple(wanted.get("comment_configs") or (0,)),
        screenshot=wanted.get("screenshot") == 1 or bool(pricing.group(here, wanted).get("video")),
    )


def _stop_words(text: str | list[str] | None) -> list[str]:
    words = text.split(",") if isinstance(text, str) else text or []
    return [word.strip().casefold() for word in words if word.strip()]
