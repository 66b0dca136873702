"""The states of QComment's machines by the names that machines.yaml has; `apidouble check` compares the two."""

from collections.abc import Mapping
from enum import IntEnum


class ProjectState(IntEnum):
    """What a project is in."""

    UNPAID = 0
    ACTIVE = 1
    PAUSED = 2
    BLOCKED = 3
    ON_MODERATION = 4


class WorkState(IntEnum):
    """What a work, the document's comment, is in."""

    ON_REVIEW = 0
    PAID = 1
    REJECTED = 2
    IN_REWORK = 3
    APPROVED = 4


class ClaimState(IntEnum):
    """What a complaint about a work is in."""

    UNDER_REVIEW = 0
    DISMISSED = 1
    UPHELD = 2


class Uniqueness(IntEnum):
    """How far the check of a text for uniqueness is."""

    WAITING = 1
    FINISHED = 2
    NOT_NEEDED = 3


class RobotState(IntEnum):
    """What the robot knows of a work on its site."""

    NOT_FOUND = 0
    FOUND = 1
    NOT_PERFORMED = 2
    NOT_NEEDED = 3


STATES: Mapping[str, type[IntEnum]] = {
    "project": ProjectState,
    "comment": WorkState,
    "claim": ClaimState,
    "uniqueness": Uniqueness,
    "robot": RobotState,
}
