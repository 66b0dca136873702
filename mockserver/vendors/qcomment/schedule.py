"""When a project starts or pauses by itself: date_start and date_end (section 5)."""

from apidouble.mockserver.domain.instants import read_local
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.qcomment.state import Project

DATES = ("date_start", "date_end")


def schedule_dates(here: Here, project: Project) -> None:
    """Set the timers of a project's dates that lie ahead."""
    for name in DATES:
        due_ms = date_ms(here, project, name)
        if due_ms is not None and due_ms > here.now_ms:
            here.later(due_ms, name, project.id)


def date_ms(here: Here, project: Project, name: str) -> int | None:
    """Return the time of one of a project's dates, None where it has none."""
    text = project.settings.get(name)
    return read_local(text, here.rules.zone) if text else None
