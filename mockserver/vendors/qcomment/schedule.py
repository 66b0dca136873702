"""When a project starts or pauses by itself: date_start and date_end (section 5)."""

from apidouble.mockserver.domain.instants import read_local
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.qcomment.state import Project, Settings

DATES = ("date_start", "date_end")


def schedule_dates(here: Here, project: Project) -> None:
    """Set the timers of a project's dates that lie ahead."""
    for name in DATES:
        due_ms = date_ms(here, project, name)
        if due_ms is not None and due_ms > here.now_ms:
            here.later(due_ms, name, project.id)


def change_dates(here: Here, project: Project, *, goes_on: bool) -> None:
    """Let the dates of an edited project hold; of those that have come none stays that was sent, or if it `goes_on`."""
    # assumed: see specs/readings.yaml#qc.dates
    for name in DATES:
        if name in here.sent and has_come(here, project, name):
            here.diagnostics.note(f"{name}: {project.settings.pop(name)} is past, and nothing is put off until then")
    if goes_on:
        retire_dates(here, project)
    schedule_dates(here, project)


def retire_dates(here: Here, project: Project) -> None:
    """Take back the dates that have come, since the project goes on after them."""
    for name in DATES:
        if has_come(here, project, name):
            del project.settings[name]


def without_dates(settings: Settings) -> Settings:
    """Return the settings that another project may have as well."""
    return {name: value for name, value in settings.items() if name not in DATES}


def has_come(here: Here, project: Project, name: str) -> bool:
    """Tell whether a project has one of the dates, and it is not ahead."""
    due_ms = date_ms(here, project, name)
    return due_ms is not None and due_ms <= here.now_ms


def date_ms(here: Here, project: Project, name: str) -> int | None:
    """Return the time of one of a project's dates, None where it has none."""
    text = project.settings.get(name)
    return read_local(text, here.rules.zone) if text else None
