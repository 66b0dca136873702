"""Turn a work that is handed in into what becomes of it: checks, rework, publication, decisions."""

from apidouble.mockserver.domain.draws import between
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.moves import allows
from apidouble.mockserver.vendors.qcomment import events
from apidouble.mockserver.vendors.qcomment.market import notice
from apidouble.mockserver.vendors.qcomment.market.limits import DAY_MS, HOUR_MS, MINUTE_MS
from apidouble.mockserver.vendors.qcomment.market.state import Market, Stream, Take
from apidouble.mockserver.vendors.qcomment.state import Claim, Comment
from apidouble.mockserver.vendors.qcomment.states import RobotState, WorkState

VENDOR = "qcomment"
# Two of a work's sixteen numbers; those before are `arrivals.py`'s. The fate is four of eight bits: whether the text is
# copied, whether the robot finds it, whether it vanishes, and when the robot looks.
FATE, CHECK = 7, 8
COPIED_TO, ORIGINAL_FROM, ALL = 70, 85, 100
REASONS = ("Не по теме.", "Ошибки в тексте.", "Слишком короткий текст.", "Комментарий не найден на сайте.")


def begin(here: Here, market: Market, stream: Stream, done: Take) -> None:
    """Hand a work in, and let its checks begin."""
    draws, brief = done.draws, stream.brief
    ready = here.account.ready_comments.get(done.ready_id) if done.ready_id else None
    comment = events.submit(
        here,
        stream.project,
        market.authors[done.author].login,
        url=ready.url or done.url if ready else done.url,
        message=ready.text if ready else "",
        brief=brief,
        number=done.number,
        fate=draws[FATE],
    )
    if ready is not None or not stream.written:
        events.waive_uniqueness(here, comment)
        _look_later(here, comment, published=stream.published)
    else:
        checks = here.world.life[VENDOR]["checks"]
        least, most = checks["uniqueness_minutes"]
        wait_ms = between(draws[CHECK], least * MINUTE_MS, most * MINUTE_MS)
        here.later(here.world.now_ms + wait_ms, "check", comment.id)
    if "customer" in here.world.life[VENDOR]:
        _review_later(here, comment)


def check_due(here: Here, comment_id: int) -> None:
    """The text's uniqueness is known; now the robot may look for it."""
    comment: Comment = here.account.comments[comment_id]
    market: Market = here.memory
    if not allows(here, "uniqueness", comment, "finish"):
        return
    chance = comment.fate & 0xFF
    copied = chance * 100 >> 8 < here.world.life[VENDOR]["checks"]["copied_percent"]
    own = (comment.fate >> 16 & 0xFF) * COPIED_TO >> 8 if copied else max(ORIGINAL_FROM, ALL - (255 - chance >> 3))
    events.finish(here, comment, own)
    stream = market.streams.get(comment.project_id)
    _look_later(here, comment, published=stream is None or stream.published)


def _look_later(here: Here, comment: Comment, *, published: bool) -> None:
    """Let the robot look for a work that is, or will be, on a site; a text under premoderation is not there yet."""
    if not published:
        events.waive_robot(here, comment)
    elif here.account.projects[comment.project_id].settings.get("premoderation") != 1 or comment.published:
        least, most = here.world.life[VENDOR]["checks"]["robot_minutes"]
        wait_ms = between(comment.fate, least * MINUTE_MS, most * MINUTE_MS)
        here.later(here.world.now_ms + wait_ms, "look", comment.id)


def look_due(here: Here, comment_id: int) -> None:
    """The robot has looked for a work; what it finds may vanish again."""
    comment: Comment = here.account.comments[comment_id]
    checks = here.world.life[VENDOR]["checks"]
    if not allows(here, "robot", comment, "find"):
        return
    if not comment.rounds and (comment.fate >> 8 & 0xFF) * 100 >> 8 < checks["not_found_percent"]:
        events.miss(here, comment)
        return
    events.find(here, comment)
    if (comment.fate >> 16 & 0xFF) * 100 >> 8 < checks["vanish_percent"]:
        least, most = checks["vanish_days"]
        wait_ms = between(notice.chances(here, comment, "vanish")[0], least * DAY_MS, most * DAY_MS)
        here.later(here.world.now_ms + wait_ms, "vanish", comment.id)


def vanish_due(here: Here, comment_id: int) -> None:
    """A work is no longer where the robot found it."""
    comment: Comment = here.account.comments[comment_id]
    if allows(here, "robot", comment, "lose"):
        events.lose(here, comment)


def rework_due(here: Here, comment_id: int) -> None:
    """The author hands the changed work in, or lets it go."""
    comment: Comment = here.account.comments[comment_id]
    life = here.world.life[VENDOR]
    if comment.status != WorkState.IN_REWORK or comment.due_ms != here.world.now_ms:
        return
    comment.due_ms = None
    if notice.chances(here, comment, "rework")[1] * 100 >> 32 < life["rework"]["abandon_percent"]:
        events.abandon(here, comment)
        return
    comment.rounds += 1
    events.resubmit(here, comment)
    if comment.robot_find == RobotState.NOT_FOUND:
        _look_later(here, comment, published=True)
    if "customer" in life:
        _review_later(here, comment)


def publish_due(here: Here, comment_id: int) -> None:
    """The author publishes the approved text, or never does."""
    comment: Comment = here.account.comments[comment_id]
    life = here.world.life[VENDOR]
    if comment.status != WorkState.APPROVED or comment.due_ms != here.world.now_ms:
        return
    comment.due_ms = None
    if notice.chances(here, comment, "publish")[1] * 100 >> 32 >= life["publication"]["never_percent"]:
        events.publish(here, comment)
        if "customer" in life:
            _review_later(here, comment)


def verdict_due(here: Here, comment_id: int) -> None:
    """The administration decides about a claim."""
    comment: Comment = here.account.comments[comment_id]
    life = here.world.life[VENDOR]
    if comment.claim is None or not allows(here, "claim", comment.claim, "uphold"):
        return
    upholds = notice.chances(here, comment, "verdict")[1] * 100 >> 32 < life["administration"]["uphold_percent"]
    (events.uphold if upholds else events.dismiss)(here, comment)


def block_due(here: Here, project_id: int) -> None:
    """The administration suspends a project."""
    project = here.account.projects[project_id]
    if allows(here, "project", project, "block"):
        events.block(here, project)


def _review_later(here: Here, comment: Comment) -> None:
    """Let the simulated customer look at a work, if he gets round to it."""
    customer = here.world.life[VENDOR]["customer"]
    numbers = notice.chances(here, comment, "review" if not comment.published else "second review")
    if numbers[0] * 100 >> 32 < customer["review_percent"]:
        least, most = customer["hours"]
        wait_ms = between(numbers[1], least * HOUR_MS, most * HOUR_MS)
        here.later(here.world.now_ms + wait_ms, "review", comment.id)


def review_due(here: Here, comment_id: int) -> None:
    """The simulated customer decides about a work, and may complain once he has paid."""
    comment: Comment = here.account.comments[comment_id]
    if comment.status != WorkState.ON_REVIEW:
        return
    customer = here.world.life[VENDOR]["customer"]
    numbers = notice.chances(here, comment, "decision")
    mark = (numbers[0] * 100 >> 32) - customer["rework_percent"]
    reason = REASONS[numbers[1] * len(REASONS) >> 32]
    if mark < 0 and not comment.rounds:
        events.send_to_rework(here, comment, reason)
    elif 0 <= mark < customer["reject_percent"]:
        events.reject(here, comment, reason)
    elif here.account.projects[comment.project_id].settings.get("premoderation") == 1 and not comment.published:
        events.approve_comment(here, comment)
    else:
        events.pay_comment(here, comment)
        if numbers[2] * 100 >> 32 < customer["claim_percent"] and comment.claim is None:
            comment.claim = Claim(here.account.next_id("ticket"), reason)
            notice.expect_verdict(here, comment)
