"""Turn each of QComment's answers into its dataclass; what an example shows must be there, the rest may be missing."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import pre_load

from apidouble.client.fields import (
    Read,
    Record,
    amount,
    clock_time,
    flag,
    many,
    moment,
    one_of,
    record,
    split,
    text,
    whole,
)
from apidouble.client.qcomment import results

LANGUAGES = {"русский": "ru", "украинский": "ua", "английский": "en", "белорусский": "by"}
OF_PROJECT = re.compile(r"к проекту ID\s+([0-9]{1,18})")


def _words() -> Read[Any]:
    return Read(text, blank="")


def _count() -> Read[Any]:
    return Read(whole, blank=0)


def _maybe_count() -> Read[Any]:
    return Read(whole, blank=0, load_default=0)


def _maybe_moment() -> Read[Any]:
    return Read(moment, blank=None, load_default=None)


class NewProject(Record[results.NewProject]):
    project_id = Read(whole)
    money = Read(amount, blank=None, load_default=None)


class Payment(Record[results.Payment]):
    money = Read(amount)


class SocialParams(Record[results.SocialParams]):
    gender = Read(whole, blank=None, load_default=None)
    count_friends = Read(whole, blank=None, load_default=None)
    count_followers = Read(whole, blank=None, load_default=None)
    min_age = Read(whole, blank=None, load_default=None)
    max_age = Read(whole, blank=None, load_default=None)


class SocialSetting(Record[results.SocialSetting]):
    aliases: ClassVar[Mapping[str, str]] = {"param": "params"}
    social = Read(whole)
    params = Read(record(SocialParams), blank=results.SocialParams(), load_default=results.SocialParams())


class Geotargeting(Record[results.Geotargeting]):
    countries = Read(many(whole, "countries"))
    cities = Read(many(whole, "cities"), blank=(), load_default=())
    except_cities = Read(many(whole, "except_cities"), blank=(), load_default=())


def _geotargeting(value: object) -> Any:
    empty = not value or (isinstance(value, Mapping) and not value.get("countries"))
    return None if empty else record(Geotargeting)(value)


class Project(Record[results.Project]):
    aliases: ClassVar[Mapping[str, str]] = {
        "subjects_short": "short_subjects",
        "language_short": "short_language",
        "screnshot": "screenshot",
    }
    project_id = Read(whole)
    status = Read(one_of(results.ProjectStatus))
    subjects = _words()
    short_subjects = Read(whole)
    title = _words()
    url = _words()
    task = _words()
    stop_words = Read(text, blank="", load_default="")
    limit = _count()
    limit_url = _count()
    limit_url_day = _count()
    limit_hour = _count()
    limit_author = _count()
    limit_author_day = _count()
    limit_author_group = _count()
    limit_author_group_day = _count()
    limit_author_delay = _count()
    limit_ip = _count()
    only_mobile = Read(flag, blank=False)
    tarif_id = Read(whole)
    price = Read(amount)
    currency = Read(one_of(results.Currency))
    premoderation = Read(flag, blank=False)
    screenshot = Read(flag, blank=False)
    refuse_small_price = _count()
    language = _words()
    short_language = Read(text, blank=None)
    start_time = Read(clock_time, blank=clock_time("00:00"))
    end_time = Read(clock_time, blank=clock_time("00:00"))
    group_id = _count()
    pages = Read(split(";;", text), blank=())
    team_id = _count()
    create_team_id = _count()
    notlong = Read(flag, blank=False)
    send_email = Read(flag, blank=False)
    minutes = _count()
    pay = _count()
    requests = _count()
    reworks = _count()
    works = _count()
    date_last_comment = Read(moment, blank=None)
    author = Read(text, blank="", load_default="")
    comment_configs = Read(split(",", one_of(results.CommentConfig)), blank=(), load_default=())
    cnt_day_limit = _maybe_count()
    min_day_limit = _maybe_count()
    max_day_limit = _maybe_count()
    delay_from = _maybe_count()
    delay_to = _maybe_count()
    max_turn = _maybe_count()
    in_works = _maybe_count()
    social_setting = Read(many(record(SocialSetting), "social_setting"), blank=(), load_default=())
    geotargeting = Read(_geotargeting, blank=None, load_default=None)
    date = _maybe_moment()
    date_start = _maybe_moment()
    date_end = _maybe_moment()

    @pre_load
    def name_the_language(self, tree: Any, **_: Any) -> Any:
        """Take the short name from the long one where an answer has 0 for it."""
        if isinstance(tree, Mapping):
            for name in ("short_language", "language_short"):
                if name in tree and tree[name] not in LANGUAGES.values():
                    return {**tree, name: LANGUAGES.get(str(tree.get("language")).lower())}
        return tree


class ProjectSummary(Record[results.ProjectSummary]):
    aliases: ClassVar[Mapping[str, str]] = {"status": "status_text", "status_short": "status", "short_status": "status"}
    id = Read(whole)
    title = _words()
    task = _words()
    url = _words()
    status = Read(one_of(results.ProjectStatus))
    status_text = _words()
    tarif_id = Read(whole)
    group_id = _count()
    price = Read(amount)
    currency = Read(one_of(results.Currency))
    premoderation = Read(flag, blank=False)
    language = _words()
    pay = _count()
    all_comments = _count()
    date = _maybe_moment()


class Comment(Record[results.Comment]):
    id = Read(whole)
    status = Read(one_of(results.CommentStatus))
    author = _words()
    url = _words()
    name = _words()
    message = _words()
    dop_info = _words()
    robot_find = Read(one_of(results.RobotFind))
    reason = _words()
    uniq_status = Read(one_of(results.UniqStatus))
    uniq = _count()
    file = _words()
    project_id = Read(whole, blank=None, load_default=None)
    method_pay = Read(one_of(results.MethodPay), blank=None, load_default=None)
    date = _maybe_moment()
    date_pay = _maybe_moment()
    time_to_accept = Read(whole, blank=None, load_default=None)


class Revision(Record[results.Revision]):
    comment_id = Read(whole)
    status = Read(one_of(results.CommentStatus))


class Balance(Record[dict[str, Any]]):
    balance = Read(amount)


class ReturnedMoney(Record[results.ReturnedMoney]):
    money = Read(amount)
    count = Read(whole)


class Claim(Record[results.Claim]):
    url = Read(text)


class ClaimState(Record[dict[str, Any]]):
    status = Read(one_of(results.ClaimStatus))


class BlacklistEntry(Record[results.BlacklistEntry]):
    id = Read(whole)
    login = Read(text)
    type = _words()
    date = Read(moment, blank=None)
    project_id = Read(whole, blank=None, load_default=None)

    @pre_load
    def name_the_project(self, tree: Any, **_: Any) -> Any:
        """Take the project from the words, where alone it stands."""
        if not isinstance(tree, Mapping):
            return tree
        found = OF_PROJECT.search(str(tree.get("type")))
        return {**tree, "project_id": found[1] if found else None}


class Logins(Record[results.Logins]):
    success_logins = Read(whole)


class ReadyCommentId(Record[dict[str, Any]]):
    ready_comment_id = Read(whole)


class ReadyComment(Record[results.ReadyComment]):
    id = Read(whole)
    url = _words()
    text = _words()
    title = _words()
    number_use = Read(whole)
    used = Read(whole)


class TeamMember(Record[results.TeamMember]):
    id = Read(whole)
    login = Read(text)


class ProjectState(Record[results.ProjectState]):
    project_id = Read(whole)
    status = Read(one_of(results.ProjectStatus))


class Tariff(Record[results.Tariff]):
    id = Read(whole)
    name = Read(text)
    symbols = _count()
    price = Read(amount)
