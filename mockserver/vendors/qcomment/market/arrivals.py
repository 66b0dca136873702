"""Turn a project's settings into the works that arrive: who takes one when, for which page, and when he hands it in."""

from apidouble.mockserver.domain.draws import between
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.qcomment.market import settings
from apidouble.mockserver.vendors.qcomment.market.pace import spend
from apidouble.mockserver.vendors.qcomment.market.state import NOBODY, Market, Stream, Take
from apidouble.mockserver.vendors.qcomment.market.work import begin
from apidouble.mockserver.vendors.qcomment.state import Account
from apidouble.mockserver.vendors.qcomment.states import ProjectState

# What each of a work's sixteen numbers decides; the others are `work.py`'s.
GAP, DELAY, WRITING, AUTHOR, PAGE, REFUSALS, GIVE_UP = range(7)
MOST_REFUSALS = 100


def wake_due(here: Here, project_id: int) -> None:
    """Look at a project anew: its settings, if they have changed, and what may arrive next."""
    market: Market = here.memory
    stream = market.streams[project_id]
    stream.waking = False
    if stream.stale:
        settings.read(here, market, stream)
        stream.planned = None
    if stream.planned is None:
        plan(here, market, stream, stream.project.available)


def take_due(here: Here, project_id: int) -> None:
    """Let the author who was to come take the work, and plan who comes next."""
    account: Account = here.account
    market: Market = here.memory
    stream = market.streams[project_id]
    planned, project = stream.planned, stream.project
    if planned is None or planned.at_ms != here.world.now_ms:
        return
    available = project.available
    if stream.stale or project.status != ProjectState.ACTIVE or not available:
        stream.planned = stream.base_ms = None
        return
    if stream.group is not None and not _group_has_room(stream, planned):
        plan(here, market, stream, available)
        return
    slot_ms = planned.slot_ms
    project.in_works += 1
    project.refuse_small_price += planned.refusals
    if not planned.gives_up:
        stream.last_ms = slot_ms
        if stream.bound:
            _count(market, stream, planned)
    if stream.takes_ready:
        account.ready_comments[planned.ready_id].used += 1
    log = stream.log
    log.slots.append(slot_ms)
    log.authors.append(NOBODY if planned.gives_up else planned.author)
    log.pages.append(planned.page)
    stream.open.append(planned)
    stream.number += 1
    stream.base_ms = slot_ms
    here.later(slot_ms, "submit", project_id)
    plan(here, market, stream, available - 1)


def _count(market: Market, stream: Stream, taken: Take) -> None:
    """Count a work that is taken against everything that limits them."""
    stream.limits.take(taken.slot_ms)
    stream.authors.serve(stream.planned_place, taken.slot_ms)
    stream.pages.serve(stream.planned_page_place, taken.slot_ms)
    if stream.group is not None:
        stream.group.take(taken.author, taken.slot_ms)
    if stream.counts_ips:
        ip = market.authors[taken.author].ip
        stream.ips[ip] = stream.ips.get(ip, 0) + 1


def submit_due(here: Here, project_id: int) -> None:
    """Let the author who began first hand his work in, give it up, or find that the project is suspended."""
    market: Market = here.memory
    stream = market.streams[project_id]
    done = stream.open.popleft()
    project = stream.project
    project.in_works -= 1
    if not done.gives_up and project.status in (ProjectState.ACTIVE, ProjectState.PAUSED):
        begin(here, market, stream, done)
    else:
        _give_back(here, done)
        if not done.gives_up:
            _uncount(here, market, stream, done)
    if stream.planned is None:
        plan(here, market, stream, project.available)


def plan(here: Here, market: Market, stream: Stream, available: int) -> None:
    """Find out who takes the next of the available works, and when; nothing is planned while nobody can."""
    stream.planned = None
    if stream.stale or not available or stream.project.status != ProjectState.ACTIVE:
        stream.base_ms = None
        return
    begin_ms = max(here.world.now_ms, stream.start_ms)
    if stream.base_ms is None:
        stream.base_ms = max(here.world.now_ms, stream.log.slots[-1] if stream.log.slots else 0)
    if stream.max_turn and len(stream.open) >= stream.max_turn:
        begin_ms = max(begin_ms, stream.open[len(stream.open) - stream.max_turn].slot_ms)
    draws = stream.draws(stream.number)
    writing_ms = between(draws[WRITING], *stream.writing_ms)
    if stream.limits.opening is not None:
        writing_ms = stream.limits.opening.hurry(writing_ms)
    slot_ms = max(spend(here, stream, max(stream.base_ms, stream.start_ms), draws[GAP]), begin_ms + writing_ms)
    if stream.delays_ms[1] and stream.last_ms is not None:
        slot_ms = max(slot_ms, stream.last_ms + between(draws[DELAY], *stream.delays_ms))
    ready_id = settings.ready_comment(here, stream) if stream.takes_ready else 0
    found = None if ready_id is None else _find(market, stream, slot_ms, draws, writing_ms)
    if found is None or ready_id is None:
        stream.base_ms = None
        return
    slot_ms, place, page_place = found
    at_ms = slot_ms - writing_ms
    page = stream.pages.ready[page_place]
    stream.planned = Take(
        at_ms,
        slot_ms,
        stream.number,
        stream.authors.ready[place],
        page,
        stream.urls[page],
        ready_id,
        _refusals(stream.refusal_percent, draws[REFUSALS]) if stream.refusal_percent else 0,
        draws[GIVE_UP] * 100 >> 32 < stream.give_up_percent,
        draws,
    )
    stream.planned_place, stream.planned_page_place = place, page_place
    here.later(at_ms, "take", stream.project.id)


def _find(
    market: Market, stream: Stream, slot_ms: int, draws: tuple[int, ...], writing_ms: int
) -> tuple[int, int, int] | None:
    """Return the first slot at which limits, an author and a page agree, with the places of the two; None for never."""
    limits, authors, pages = stream.limits, stream.authors, stream.pages
    if not stream.bound and authors.ready:
        return slot_ms, draws[AUTHOR] * len(authors.ready) >> 32, draws[PAGE] * len(pages.ready) >> 32
    while True:
        if limits.binding:
            allowed_ms = limits.next(slot_ms, writing_ms)
            if allowed_ms is None:
                return None
            slot_ms = allowed_ms
        page_place = pages.pick(slot_ms, draws[PAGE])
        if page_place == NOBODY:
            later_ms = pages.next()
        else:
            place = _pick_author(market, stream, slot_ms, draws[AUTHOR])
            if place != NOBODY:
                return slot_ms, place, page_place
            later_ms = authors.next()
        if later_ms is None:
            return None
        slot_ms = max(later_ms, slot_ms)


def _pick_author(market: Market, stream: Stream, slot_ms: int, number: int) -> int:
    """Return the place of an author whom neither his address nor the group of projects keeps out."""
    authors, wanted = stream.authors, stream.project.settings
    while True:
        place = authors.pick(slot_ms, number)
        if place == NOBODY:
            return NOBODY
        author = authors.ready[place]
        if wanted.get("limit_ip") and stream.ips.get(market.authors[author].ip, 0) >= wanted["limit_ip"]:
            authors.drop(place)
            continue
        if stream.group is None:
            return place
        free_ms = stream.group.free_ms(
            author, slot_ms, wanted.get("limit_author_group") or 0, wanted.get("limit_author_group_day") or 0
        )
        if free_ms is None:
            authors.drop(place)
        elif free_ms > slot_ms:
            authors.rest(place, free_ms)
        else:
            return place


def _group_has_room(stream: Stream, planned: Take) -> bool:
    wanted = stream.project.settings
    free_ms = stream.group and stream.group.free_ms(
        planned.author,
        planned.slot_ms,
        wanted.get("limit_author_group") or 0,
        wanted.get("limit_author_group_day") or 0,
    )
    return free_ms == planned.slot_ms


def _refusals(percent: int, number: int) -> int:
    """Return how many authors refuse the price before one takes it."""
    count = 0
    while number * 100 >> 32 < percent and count < MOST_REFUSALS:
        number = number * 100 // percent
        count += 1
    return count


def _uncount(here: Here, market: Market, stream: Stream, lost: Take) -> None:
    """Count a work that was to be handed in, and was not, against nothing any more."""
    stream.log.authors[lost.number] = NOBODY
    stream.stale = True
    settings.regroup(here, market, stream.group)


def _give_back(here: Here, done: Take) -> None:
    """Free the ready comment of a work that was not handed in."""
    if done.ready_id and done.ready_id in here.account.ready_comments:
        here.account.ready_comments[done.ready_id].used -= 1
