"""Turn what happens to a project or a work into the timers of what the marketplace will do about it."""

from collections.abc import Callable

from apidouble.mockserver.domain.draws import between, drawer
from apidouble.mockserver.domain.world import Here, Item
from apidouble.mockserver.vendors.qcomment.market.limits import HOUR_MS, crowd
from apidouble.mockserver.vendors.qcomment.market.population import Author, populate
from apidouble.mockserver.vendors.qcomment.market.state import Market, Stream
from apidouble.mockserver.vendors.qcomment.state import Account, Comment, Project
from apidouble.mockserver.vendors.qcomment.states import ProjectState

VENDOR = "qcomment"


def open_market(here: Here) -> None:
    """Let the marketplace begin, if the world's scenario has one: its authors are known from now on."""
    life = here.world.life.get(VENDOR)
    if life is None:
        return
    account: Account = here.account
    here.world.lives[here.holder] = Market(_people(here, life))
    account.moderation_ms = life["administration"]["moderation_minutes"] * 60 * 1000
    for project in account.projects.values():
        wake(here, project)


def reopen_market(here: Here) -> None:
    """Work out again what a marketplace's plain form leaves out: its authors, what streams draw from, what is one."""
    market: Market | None = here.memory
    if market is not None:
        market.authors = _people(here, here.world.life[VENDOR])
        for stream in market.streams.values():
            stream.draws = _draws(here, stream.project)
            for pool in (stream.authors, stream.pages):
                pool.crowd = crowd(pool.crowd.places)


def _people(here: Here, life: Item) -> tuple[Author, ...]:
    """Return all authors of the marketplace, and let the account know them beside those of the world's file."""
    if here.holder != VENDOR:
        first: Market = here.world.lives[VENDOR]
        return first.authors
    account: Account = here.account
    authors = populate(here.world.seed, life["population"], here.rules.catalogs, account.authors)
    account.authors.update((author.login, author.id) for author in authors)
    return authors


def _draws(here: Here, project: Project) -> Callable[[int], tuple[int, ...]]:
    return drawer(here.world.seed, f"project {project.id}", "work")


def wake(here: Here, project: Project) -> None:
    """Something about a project might let works arrive that did not before."""
    market: Market | None = here.memory
    if market is None or project.status != ProjectState.ACTIVE:
        return
    stream = market.streams.get(project.id)
    if stream is None:
        stream = market.streams[project.id] = Stream(project, _draws(here, project))
        _fear_administration(here, project)
    if not stream.waking and (stream.planned is None or stream.stale):
        stream.waking = True
        here.later(here.now_ms, "wake", project.id)


def change(here: Here, project: Project) -> None:
    """A project's settings, or what authors see of it, have changed."""
    market: Market | None = here.memory
    if market is not None:
        if project.id in market.streams:
            market.streams[project.id].stale = True
        wake(here, project)


def change_authors(here: Here) -> None:
    """The customer has changed whom he shuts out, or his teams."""
    if here.memory is not None:
        for project in here.account.projects.values():
            change(here, project)


def expect_rework(here: Here, comment: Comment) -> None:
    """A work was sent back to its author."""
    _later(here, comment, "rework", "rework")


def expect_publication(here: Here, comment: Comment) -> None:
    """A text was approved; its author may publish it."""
    if comment.due_ms is None:
        _later(here, comment, "publication", "publish")


def expect_verdict(here: Here, comment: Comment) -> None:
    """The customer has made a claim."""
    if here.memory is not None:
        least, most = here.world.life[VENDOR]["administration"]["verdict_hours"]
        wait_ms = between(chances(here, comment, "verdict")[0], least * HOUR_MS, most * HOUR_MS)
        here.later(here.now_ms + wait_ms, "verdict", comment.id)


def _later(here: Here, comment: Comment, section: str, event: str) -> None:
    if here.memory is None or comment.brief is None:
        return
    least, most = here.world.life[VENDOR][section]["hours"]
    comment.due_ms = here.now_ms + between(chances(here, comment, event)[0], least * HOUR_MS, most * HOUR_MS)
    here.later(comment.due_ms, event, comment.id)


def chances(here: Here, comment: Comment, purpose: str) -> tuple[int, ...]:
    """Return sixteen numbers for one purpose of a work, anew each time it was handed in."""
    return drawer(here.world.seed, f"project {comment.project_id} {comment.number}", purpose)(comment.rounds)


def _fear_administration(here: Here, project: Project) -> None:
    rules = here.world.life[VENDOR]["administration"]
    numbers = drawer(here.world.seed, f"project {project.id}", "block")(0)
    if numbers[0] * 100 >> 32 < rules["block_percent"]:
        least, most = rules["block_hours"]
        due_ms = here.now_ms + between(numbers[1], least * HOUR_MS, most * HOUR_MS)
        here.later(due_ms, "block", project.id)
