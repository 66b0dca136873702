"""One thing of a world opened: its facts, its machines, what may happen to it now, and its story in virtual time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from apidouble.mockserver.console.views.tables import TABLES
from apidouble.mockserver.console.views.time import instant
from apidouble.mockserver.console.words import Say
from apidouble.mockserver.domain.journal import Entry
from apidouble.mockserver.domain.machine import Machine
from apidouble.mockserver.domain.money import major
from apidouble.mockserver.domain.world import World
from apidouble.mockserver.vendors.qcomment import views as qcomment_views
from apidouble.mockserver.vendors.qcomment.state import Comment, Project
from apidouble.mockserver.vendors.qqtube.fate import fate_of
from apidouble.mockserver.vendors.qqtube.settling import seen
from apidouble.mockserver.vendors.qqtube.state import Submission

MOST_CALLS = 100
MOST_WORKS = 12
ACTIVE = 1
NAMES = {
    "projects": ("project_id", "id_project", "project"),
    "works": ("comment_id", "id_comment", "comment", "comments", "ids"),
    "teams": ("team_id", "id_team"),
    "ready": ("ready_comment_id", "id"),
    "submissions": ("id_service_submission", "id_service_submissions"),
}
SHOWN = 400


@dataclass(frozen=True)
class Action:
    """What a button does: an operation of the control plane with its fields; `asks` are fields that one may fill in."""

    label: str
    operation: str
    fields: dict[str, Any]
    leads_to: str = ""
    asks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Live:
    """A machine of a thing and the state it is in."""

    machine: Machine
    state: int


@dataclass(frozen=True)
class Moment:
    """An instant in a thing's story; `call` is the number of a call, `ahead` tells what has not happened yet."""

    at_ms: int
    text: str
    call: int = 0
    ahead: bool = False


@dataclass
class Thing:
    """All that there is to see of a thing."""

    heading: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    links: list[tuple[str, str, int]] = field(default_factory=list)
    lives: list[Live] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    story: list[Moment] = field(default_factory=list)


def thing(world: World, kind: str, number: int, say: Say) -> Thing | None:
    """Return what there is to see of the thing of a kind and number; None where there is none."""
    table = TABLES.get(kind)
    found = None if table is None else table.rows(world).get(number)
    if table is None or found is None or kind not in _READERS:
        return None
    made: Thing = _READERS[kind](world, found, say)
    made.story += list(_calls_about(world, kind, number))
    made.story.sort(key=lambda moment: (moment.at_ms, moment.call))
    return made


def _project(world: World, project: Project, say: Say) -> Thing:
    here = world.here("qcomment")
    account, machine = here.account, here.rules.machines["project"]
    told = qcomment_views.project(here, project)
    of_state = {event.name for event in machine.events.values() if project.status in event.moves}
    made = Thing(say("Project {id}", id=project.id), _facts(told), lives=[Live(machine, project.status)])
    made.links = [(say("Work {id}", id=c), "works", c) for c in project.comment_ids[: -MOST_WORKS - 1 : -1]]
    if project.status == ACTIVE and project.available:
        asks = ("author", "message", "url")
        made.actions.append(
            Action(say("Submit a work"), "submitComment", {"project_id": project.id}, "0 on_review", asks)
        )
    for event, operation, label in (
        ("block", "blockProject", say("Block")),
        ("unblock", "unblockProject", say("Unblock")),
    ):
        if event in of_state:
            target = machine.events[event].moves[project.status]
            leads_to = f"{target} {machine.states[target].name}"
            made.actions.append(Action(label, operation, {"project_id": project.id}, leads_to))
    made.story = [Moment(at, text) for at, text in _stamps([(project.created_ms, say("Made"))])]
    shown = [account.comments[c] for c in project.comment_ids[-MOST_CALLS:]]
    made.story += [Moment(c.date_ms, say("Work {id} handed in", id=c.id)) for c in shown if c.date_ms is not None]
    return made


def _work(world: World, comment: Comment, say: Say) -> Thing:
    here = world.here("qcomment")
    machines = here.rules.machines
    told = qcomment_views.comment(here, comment)
    made = Thing(say("Work {id}", id=comment.id), _facts(told))
    made.links = [(say("Project {id}", id=comment.project_id), "projects", comment.project_id)]
    for name in ("comment", "uniqueness", "robot"):
        machine = machines[name]
        state = getattr(comment, machine.field)
        made.lives.append(Live(machine, state))
        for event in machine.events.values():
            if state in event.moves:
                label = event.name if name == "comment" else f"{name}.{event.name}"
                made.actions.append(_fire("fireCommentEvent", machine, state, label, comment_id=comment.id))
    if comment.claim is not None:
        made.lives.append(Live(machines["claim"], comment.claim.status))
        made.facts += [("claim", f"{comment.claim.ticket}: {comment.claim.reason}")]
        for event in machines["claim"].events.values():
            if comment.claim.status in event.moves:
                made.actions.append(
                    _fire("fireClaimEvent", machines["claim"], comment.claim.status, event.name, comment_id=comment.id)
                )
    stamps = [
        (comment.date_ms, say("Handed in by {author}", author=comment.author)),
        (comment.date_pay_ms, say("Paid: {cost}", cost=major(comment.cost_minor))),
    ]
    made.story = [Moment(at, text) for at, text in _stamps(stamps)]
    ahead = [(comment.accept_due_ms, say("Pays itself")), (comment.due_ms, say("Its author is done"))]
    made.story += [Moment(at, text, ahead=at > world.now_ms) for at, text in _stamps(ahead)]
    return made


def _submission(world: World, stored: Submission, say: Say) -> Thing:
    here = world.here("qqtube")
    now, machine = seen(here, stored), here.rules.machines["submission"]
    service = here.rules.catalogs["services"].get(now.id_service, {})
    facts = [
        ("id_service", f"{now.id_service} {service.get('name', '')}"),
        ("url", now.url),
        ("status", f"{now.status} {machine.states[now.status].name}"),
        ("wanted_count", f"{now.wanted_count:,}"),
        ("start_count", f"{now.start_count:,}"),
        ("current_count", f"{now.current_count:,}"),
        ("sent_count", "–" if now.sent_count is None else f"{now.sent_count:,}"),
        ("delivered", f"{now.delivered:,}"),
        ("cost", f"{major(now.cost_minor)} USD"),
        ("refunded", f"{major(now.refunded_minor)} USD"),
        *now.answers.items(),
    ]
    made = Thing(say("Submission {id}", id=now.id), facts, lives=[Live(machine, now.status)])
    for event in machine.events.values():
        if now.status in event.moves:
            made.actions.append(
                _fire("fireSubmissionEvent", machine, now.status, event.name, id_service_submission=now.id)
            )
    made.actions.append(
        Action(
            say("Set counts"),
            "setSubmissionCounts",
            {"id_service_submission": now.id},
            asks=("current_count", *(() if now.sent_count is None else ("sent_count",))),
        )
    )
    made.story = [Moment(now.created_ms, say("Ordered"))]
    if stored.fate is not None:
        fate = fate_of(here, stored)
        made.story.append(
            Moment(fate.legs[0].begin_ms, say("Delivery begins"), ahead=fate.legs[0].begin_ms > here.now_ms)
        )
        made.story += [Moment(at_ms, event, ahead=at_ms > here.now_ms) for at_ms, event in fate.happenings]
    return made


def _team(_world: World, team: Any, say: Say) -> Thing:
    return Thing(say("Team {id}", id=team.id), [("logins", ", ".join(team.logins))])


def _ready(_world: World, ready: Any, say: Say) -> Thing:
    facts = [(name, getattr(ready, name)) for name in ("text", "title", "url", "number_use", "used")]
    made = Thing(say("Ready comment {id}", id=ready.id), [(name, str(value)) for name, value in facts])
    made.links = [(say("Project {id}", id=ready.project_id), "projects", ready.project_id)]
    return made


_READERS: dict[str, Any] = {
    "projects": _project,
    "works": _work,
    "submissions": _submission,
    "teams": _team,
    "ready": _ready,
}


def _fire(operation: str, machine: Machine, state: int, label: str, **fields: Any) -> Action:
    event = machine.events[label.rpartition(".")[2]]
    target = event.moves[state]
    return Action(label, operation, {**fields, "event": label}, f"{target} {machine.states[target].name}")


def _facts(told: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what an answer would tell, as texts; instants by their names."""
    facts = []
    for name, value in told.items():
        if value is None or value == "":
            continue
        is_instant = name.startswith("date") and isinstance(value, int)
        text = instant(value) if is_instant else str(value)
        facts.append((name, text))
    return facts


def _stamps(stamps: Iterable[tuple[int | None, str]]) -> list[tuple[int, str]]:
    return [(at_ms, text) for at_ms, text in stamps if at_ms is not None]


def _calls_about(world: World, kind: str, number: int) -> Iterator[Moment]:
    """Yield the calls in the journal that name a thing, the last of them."""
    wanted, names, found = str(number), NAMES.get(kind, ()), 0
    words = {"projects": "projects", "works": "comments", "submissions": "submissions"}
    marks = [f"/{words[kind]}/{number}/"] if kind in words else []
    marks += [f"/claims/{number}/"] if kind == "works" else []
    for entry in reversed(world.journal.entries):
        if _names(entry, names, wanted) if entry.vendor != "control" else any(m in entry.request.path for m in marks):
            verdict = "" if entry.outcome == "ok" else f" → {entry.outcome}"
            yield Moment(entry.at_ms, f"{entry.operation}{verdict}", entry.sequence)
            found += 1
            if found == MOST_CALLS:
                return


def _names(entry: Entry, names: tuple[str, ...], wanted: str) -> bool:
    for name in names:
        value = entry.parameters.get(name)
        if isinstance(value, str):
            if wanted in (part.strip() for part in value.split(",")):
                return True
        elif value is not None and wanted in _leaves(value):
            return True
    return False


def _leaves(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {leaf for inner in value.values() for leaf in _leaves(inner)}
    if isinstance(value, list | tuple):
        return {leaf for inner in value for leaf in _leaves(inner)}
    return {str(value)}
