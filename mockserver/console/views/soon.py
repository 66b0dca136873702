"""What is about to happen in a world: its next timers, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from apidouble.mockserver.console.words import Say
from apidouble.mockserver.domain.timers import Timer
from apidouble.mockserver.domain.world import World

MOST_NAMED = 3

# By vendor and event: what happens, and what kind of thing the timer is for.
EVENTS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("qcomment", "approve"): ("Moderation of project {id} ends", "projects"),
    ("qcomment", "date_start"): ("Project {id} starts by its date", "projects"),
    ("qcomment", "date_end"): ("Project {id} pauses by its date", "projects"),
    ("qcomment", "wake"): ("Authors look at project {id} again", "projects"),
    ("qcomment", "take"): ("An author takes a work of project {id}", "projects"),
    ("qcomment", "submit"): ("An author hands in a work of project {id}", "projects"),
    ("qcomment", "block"): ("The administration suspends project {id}", "projects"),
    ("qcomment", "check"): ("The check for uniqueness of work {id} ends", "works"),
    ("qcomment", "look"): ("The robot looks for work {id}", "works"),
    ("qcomment", "vanish"): ("Work {id} disappears from its page", "works"),
    ("qcomment", "rework"): ("The author of work {id} is done with the rework", "works"),
    ("qcomment", "publish"): ("The author publishes work {id}", "works"),
    ("qcomment", "review"): ("The customer decides about work {id}", "works"),
    ("qcomment", "verdict"): ("The administration decides the claim about work {id}", "works"),
    ("qqtube", "refund"): ("Submission {id} is refunded", "submissions"),
}


@dataclass(frozen=True)
class Soon:
    """One timer: when, in words, and the page of what it is for."""

    due_ms: int
    text: str
    kind: str
    entity: int


def soon(world: World, say: Say, most: int = 6) -> list[Soon]:
    """Return what falls due next, the soonest first."""
    return [_read(world, timer, say) for timer in nsmallest(most, world.timers.heap)]


def _read(world: World, timer: Timer, say: Say) -> Soon:
    due_ms, _, vendor, event, entity = timer
    if (vendor, event) == ("qcomment", "auto_pay"):
        return _auto_pay(world, due_ms, entity, say)
    text, kind = EVENTS.get((vendor, event), (f"{vendor} {event} {{id}}", ""))
    return Soon(due_ms, say(text, id=entity), kind, entity)


def _auto_pay(world: World, due_ms: int, turn: int, say: Say) -> Soon:
    account: Any = world.accounts["qcomment"]
    known = (account.comments[number] for number in account.queues.get(turn, ()))
    due = [c.id for c in known if c.accept_due_ms is not None and c.accept_due_ms <= due_ms]
    if not due:
        return Soon(due_ms, say("Works would pay themselves; all of them are decided"), "", 0)
    named = ", ".join(map(str, due[:MOST_NAMED])) + (" …" if len(due) > MOST_NAMED else "")
    text = say("A work pays itself: {named}", named=named)
    if len(due) > 1:
        text = say("Works pay themselves, {count} of them: {named}", count=len(due), named=named)
    return Soon(due_ms, text, "works", due[0])
