"""What authors, administration and robots do to QComment's projects, works and claims."""

from collections.abc import Callable, Mapping
from typing import Any

from apidouble.mockserver.domain.draws import draw
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.stage.control.machines import bring, find, fire
from apidouble.mockserver.stage.control.problems import ConflictError, InvalidError, NotFoundError
from apidouble.mockserver.stage.stage import Stage
from apidouble.mockserver.vendors.qcomment import events
from apidouble.mockserver.vendors.qcomment.state import Claim, Comment, Project
from apidouble.mockserver.vendors.qcomment.states import ProjectState

VENDOR = "qcomment"
WORK_MACHINES = ("comment", "uniqueness", "robot")
WORDS = {
    "send_to_rework": {"reason"},
    "reject": {"reason"},
    "abandon": {"reason"},
    "resubmit": {"message"},
    "finish": {"uniq"},
}


def block_project(stage: Stage, project_id: int) -> Project:
    """Let the administration suspend a project."""
    here, project = _project(stage, project_id)
    fire(here, "project", project, "block")
    return project


def unblock_project(stage: Stage, project_id: int) -> Project:
    """Let the administration lift the suspension."""
    here, project = _project(stage, project_id)
    fire(here, "project", project, "unblock")
    return project


def submit_comment(stage: Stage, project_id: int, author: str | None = None, **details: str) -> Comment:
    """Let an author hand in a work; what is left out is made up, the same for the same seed."""
    here, project = _project(stage, project_id)
    if project.status != ProjectState.ACTIVE:
        state = here.rules.machines["project"].states[project.status]
        raise ConflictError(
            f"Project {project_id} takes no work: it is in state {project.status} ({state.name}).",
            "Only an active project does; pay for it with payproject, or start it with projectedit.",
        )
    if not project.available:
        raise ConflictError(f"Project {project_id} has no paid work left.", "Pay for one with payproject.")
    number = len(project.comment_ids) + 1
    known = sorted(here.account.authors) or [here.account.login]
    chosen = author or known[draw(stage.world.seed, f"project {project_id}", "author", number, below=len(known))]
    made_up = {
        "name": chosen,
        "url": project.settings.get("url") or f"https://site.example/{project_id}/{number}",
        "message": f"Comment {number} on project {project_id}.",
    }
    return events.submit(here, project, chosen, **(made_up | details))


def fire_comment_event(stage: Stage, comment_id: int, event: str, **words: Any) -> Comment:
    """Let something happen to a work: an event of its own machine, of its check for uniqueness or of the robot."""
    here, comment = _comment(stage, comment_id)
    machine, name = _machine_of(stage, event)
    unread = set(words) - WORDS.get(name, set())
    if unread:
        raise InvalidError(f"{name} takes no {', '.join(sorted(unread))}.", _readers(unread))
    fire(here, machine, comment, name, **words)
    return comment


def set_comment_state(stage: Stage, comment_id: int, status: int) -> Comment:
    """Bring a work to a status by the event that leads there."""
    here, comment = _comment(stage, comment_id)
    bring(here, "comment", comment, int(status))
    return comment


def fire_claim_event(stage: Stage, comment_id: int, event: str) -> Claim:
    """Let the administration decide the claim about a work."""
    here, comment = _comment(stage, comment_id)
    if comment.claim is None:
        raise NotFoundError(f"There is no claim about work {comment_id}.", "The customer makes one with claim.")
    fire(here, "claim", comment.claim, event, subject=comment)
    return comment.claim


def _project(stage: Stage, project_id: int) -> tuple[Here, Project]:
    return find(stage, VENDOR, "project", "projects", project_id)


def _comment(stage: Stage, comment_id: int) -> tuple[Here, Comment]:
    return find(stage, VENDOR, "work", "comments", comment_id)


def _machine_of(stage: Stage, event: str) -> tuple[str, str]:
    """Return machine and event for `robot.find`, or for `find`, which only one of the machines has."""
    machine, dot, name = event.rpartition(".")
    tables = {known: stage.world.rules[VENDOR].machines[known] for known in WORK_MACHINES}
    if dot:
        holders = [machine] if machine in tables and name in tables[machine].events else []
    else:
        holders = [known for known, table in tables.items() if name in table.events]
    if not holders:
        events = ", ".join(f"{known}.{one}" for known, table in tables.items() for one in table.events)
        raise NotFoundError(f"A work knows no event {event}.", f"Events: {events}.")
    if len(holders) > 1:
        raise NotFoundError(f"{name} is an event of {' and '.join(holders)}.", f"Name one: {holders[0]}.{name}.")
    return holders[0], name


def _readers(words: set[str]) -> str:
    return " ".join(f"{word} is for {', '.join(e for e, w in WORDS.items() if word in w)}." for word in sorted(words))


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "blockProject": block_project,
    "unblockProject": unblock_project,
    "submitComment": submit_comment,
    "fireCommentEvent": fire_comment_event,
    "setCommentState": set_comment_state,
    "fireClaimEvent": fire_claim_event,
}
