"""What QComment's answers become: frozen dataclasses, the same from both formats; Decimal money, Moscow's time."""

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from apidouble.client.fields import OpenIntEnum


class Currency(OpenIntEnum):
    """The two currencies (section 2)."""

    RUB = 1
    USD = 2


class ProjectStatus(OpenIntEnum):
    """The states of a project (section 4)."""

    NOTHING_PAID = 0
    ACTIVE = 1
    PAUSED = 2
    PAUSED_BY_ADMINISTRATION = 3
    ON_MODERATION = 4


class CommentStatus(OpenIntEnum):
    """The states of a comment (section 6)."""

    ON_REVIEW = 0
    PAID = 1
    REJECTED = 2
    IN_REWORK = 3
    AWAITING_PUBLICATION = 4


class RobotFind(OpenIntEnum):
    """Whether the robot found a comment on its page (section 6)."""

    NOT_FOUND = 0
    FOUND = 1
    NOT_CHECKED = 2
    NEEDS_NO_CHECK = 3


class UniqStatus(OpenIntEnum):
    """Whether a text has been checked for uniqueness (section 6)."""

    WAITING = 1
    CHECKED = 2
    NEEDS_NO_CHECK = 3


class MethodPay(OpenIntEnum):
    """How a comment was paid (section 6). That 0 means unpaid is assumed."""

    UNPAID = 0
    BY_HAND = 1
    IN_BATCH = 2
    AUTOMATIC = 3
    BY_ADMINISTRATION = 4


class CommentConfig(OpenIntEnum):
    """Kinds of comments to order (section 2)."""

    REVIEW = 0
    QUESTION = 1
    POSITIVE = 2
    NEUTRAL = 3
    NEGATIVE = 4
    REPLY = 5


class ClaimStatus(OpenIntEnum):
    """What became of a claim (section 11)."""

    UNDECIDED = 0
    PAYMENT_STANDS = 1
    PAYMENT_CANCELLED = 2


@dataclass(frozen=True, slots=True)
class SocialParams:
    """What is asked of an author in a social network (section 2). gender: 0 any, 1 women, 2 men."""

    gender: int | None = None
    count_friends: int | None = None
    count_followers: int | None = None
    min_age: int | None = None
    max_age: int | None = None


@dataclass(frozen=True, slots=True)
class SocialSetting:
    """A social network and what is asked there (section 2)."""

    social: int
    params: SocialParams = SocialParams()


@dataclass(frozen=True, slots=True)
class Geotargeting:
    """Where authors must be (section 2); cities and except_cities exclude each other."""

    countries: tuple[int, ...]
    cities: tuple[int, ...] = ()
    except_cities: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NewProject:
    """A project that was created (section 2); money is what was spent if works were bought at once."""

    project_id: int
    money: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """What was spent on works (section 3)."""

    money: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project (section 4), in the names of the list of variables."""

    project_id: int
    status: ProjectStatus
    subjects: str
    short_subjects: int
    title: str
    url: str
    task: str
    stop_words: str
    limit: int
    limit_url: int
    limit_url_day: int
    limit_hour: int
    limit_author: int
    limit_author_day: int
    limit_author_group: int
    limit_author_group_day: int
    limit_author_delay: int
    limit_ip: int
    only_mobile: bool
    tarif_id: int
    price: Decimal
    currency: Currency
    premoderation: bool
    screenshot: bool
    refuse_small_price: int
    language: str
    short_language: str | None
    """ru, ua, en or by; None if the answer has neither a short name (an example has 0) nor one of four languages."""
    start_time: time
    end_time: time
    group_id: int
    pages: tuple[str, ...]
    team_id: int
    create_team_id: int
    notlong: bool
    send_email: bool
    minutes: int
    pay: int
    requests: int
    reworks: int
    works: int
    date_last_comment: datetime | None
    author: str
    comment_configs: tuple[CommentConfig, ...]
    cnt_day_limit: int
    min_day_limit: int
    max_day_limit: int
    delay_from: int
    delay_to: int
    max_turn: int
    in_works: int
    social_setting: tuple[SocialSetting, ...]
    geotargeting: Geotargeting | None
    date: datetime | None
    date_start: datetime | None
    date_end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSummary:
    """A project in the list of projects (section 13); the answer's status in words is status_text here."""

    id: int
    title: str
    task: str
    url: str
    status: ProjectStatus
    status_text: str
    tarif_id: int
    group_id: int
    price: Decimal
    currency: Currency
    premoderation: bool
    language: str
    pay: int
    all_comments: int
    date: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment (sections 6, 7 and 18). None stands for what an operation does not tell."""

    id: int
    status: CommentStatus
    author: str
    url: str
    name: str
    message: str
    dop_info: str
    robot_find: RobotFind
    reason: str
    uniq_status: UniqStatus
    uniq: int
    file: str
    project_id: int | None
    method_pay: MethodPay | None
    date: datetime | None
    date_pay: datetime | None
    time_to_accept: int | None


@dataclass(frozen=True, slots=True)
class Revision:
    """A comment's state after a decision (section 8)."""

    comment_id: int
    status: CommentStatus


@dataclass(frozen=True, slots=True)
class ReturnedMoney:
    """What went back to the balance, of how many works (section 10)."""

    money: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class Claim:
    """The ticket of a claim (section 11)."""

    url: str


@dataclass(frozen=True, slots=True)
class BlacklistEntry:
    """Who is kept out, of all projects if project_id is None (section 12). `id` is the entry's, not the author's."""

    id: int
    login: str
    type: str
    date: datetime | None
    project_id: int | None


@dataclass(frozen=True, slots=True)
class Logins:
    """For how many logins it worked (sections 12 and 19)."""

    success_logins: int


@dataclass(frozen=True, slots=True)
class ReadyComment:
    """A comment that only needs publishing (section 15)."""

    id: int
    url: str
    text: str
    title: str
    number_use: int
    used: int


@dataclass(frozen=True, slots=True)
class TeamMember:
    """An author of a team (section 19)."""

    id: int
    login: str


@dataclass(frozen=True, slots=True)
class ProjectState:
    """A project's state (projectstatus, which the document does not describe)."""

    project_id: int
    status: ProjectStatus


@dataclass(frozen=True, slots=True)
class Tariff:
    """A tariff (getTariff, which the document does not describe); symbols is the least length of a text."""

    id: int
    name: str
    symbols: int
    price: Decimal
