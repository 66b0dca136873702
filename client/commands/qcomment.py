"""The group `qcomment`: a command for each operation."""

import json
from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

import click

from apidouble.client.arguments import MOSCOW
from apidouble.client.commands import access
from apidouble.client.commands.call import Call, access_options, argument, option
from apidouble.client.qcomment import QComment
from apidouble.client.qcomment.results import Currency, Geotargeting, SocialParams, SocialSetting
from apidouble.client.qcomment.settings import EditSettings, NewSettings, Settings


class _Read(click.ParamType[Any]):
    """A value that a function reads; what it raises is the user's mistake."""

    def __init__(self, name: str, read: Any) -> None:
        self.name, self.read = name, read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read a value."""
        try:
            return self.read(value) if isinstance(value, str) else value
        except (ArithmeticError, ValueError, TypeError, KeyError, AttributeError) as error:
            self.fail(f"{value!r}: {error}", param, ctx)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=MOSCOW)


def _social(text: str) -> list[SocialSetting]:
    return [SocialSetting(row["social"], SocialParams(**row.get("params", {}))) for row in json.loads(text)]


def _places(text: str) -> Geotargeting:
    return Geotargeting(**{name: tuple(ids) for name, ids in json.loads(text).items()})


AMOUNT, CURRENCY = _Read("amount", Decimal), _Read("RUB|USD", lambda text: Currency[text.upper()])
MOMENT = _Read("date and time of Moscow", _moment)
KINDS: list[tuple[Any, Any]] = [
    (bool, click.BOOL),
    (Decimal, AMOUNT),
    (time, _Read("HH:MM", time.fromisoformat)),
    (datetime, MOMENT),
    (Geotargeting, _Read("JSON", _places)),
    (str, click.STRING),
    (int, click.INT),
]


def _settings(kind: type[Settings]) -> list[click.Parameter]:
    """Return the options for the settings of a project."""
    return [option(name, _kind(hint)) for name, hint in get_type_hints(kind).items()]


def _kind(hint: UnionType) -> Any:
    parts = get_args(hint)
    if any(get_args(part) == (SocialSetting,) for part in parts):
        return _Read("JSON", _social)
    return next(kind for one, kind in KINDS if one in parts)


def _buys(sent: Mapping[str, Any]) -> str | None:
    return f"Buy {sent['pay']} works" if sent.get("pay") else None


def _pays(sent: Mapping[str, Any]) -> str | None:
    return None if sent.get("operation") else f"Pay for comment {sent['comment_id']}"


_PROJECT, _READY = "project_id", "ready_comment_id"
_ACTION = click.Choice(["get", "set", "del"])
_NEW = [
    option(name, kind, required=True)
    for name, kind in (("title", str), ("subjects", int), ("tarif_id", int), ("task", str))
]
COMMANDS = [
    Call(QComment.newproject, *_NEW, option("currency", CURRENCY), *_settings(NewSettings), asks=_buys),
    Call(QComment.payproject, argument(_PROJECT), argument("pay"), asks=_buys),
    Call(QComment.project, argument(_PROJECT)),
    Call(QComment.projectedit, argument(_PROJECT), *_settings(EditSettings)),
    Call(
        QComment.projects,
        *(option("status"), option("group_id", int), option("tarif_id", int), option("paid"), option("sort", int)),
    ),
    Call(QComment.returnmoney, argument(_PROJECT), option("cnt_return", int)),
    Call(
        QComment.vipproject,
        argument(_PROJECT),
        argument("tarif_type"),
        option("currency", CURRENCY),
        asks=lambda sent: f"Buy VIP {sent['tarif_type']} for project {sent['project_id']}",
    ),
    Call(QComment.comments, argument(_PROJECT), option("status"), option("limit", int), option("date")),
    Call(QComment.requests, option("limit", int)),
    Call(QComment.requestsinfo, click.Argument(["requests"], type=int, nargs=-1, required=True)),
    Call(QComment.revision, argument("comment_id"), option("operation", int), option("reason"), asks=_pays),
    Call(QComment.claim, argument("id"), option("reason")),
    Call(QComment.balance, option("currency", CURRENCY)),
    Call(
        QComment.blacklist, argument("action", _ACTION), option("login"), option("project_id", int), option("ID", int)
    ),
    Call(QComment.team, argument("action", _ACTION), argument("team_id"), option("login")),
    Call(
        QComment.new_ready_comment,
        *(argument(_PROJECT), argument("text", str), argument("number_use"), option("url"), option("title")),
    ),
    Call(QComment.list_ready_comments, argument(_PROJECT)),
    Call(
        QComment.edit_ready_comment,
        *(argument(_READY), option("url"), option("text"), option("title"), option("number_use", int)),
    ),
    Call(QComment.delete_ready_comment, argument(_READY)),
    Call(QComment.projectstatus, argument(_PROJECT), option("status", int)),
    Call(QComment.get_tariff),
    Call(
        QComment.find_project,
        option("title", required=True),
        option("since", _Read("date and time of Moscow", _moment)),
    ),
]


def _open(
    *,
    config: Path | None,
    base_url: str | None,
    key: str | None,
    live: bool,
    format: str | None,  # noqa: A002
) -> None:
    def make() -> QComment:
        found = access.find("qcomment", config, key, {"base_url": base_url, "format": format}, live=live)
        settings: dict[str, Any] = dict(found.settings)
        if "currency" in settings:
            settings["currency"] = Currency[settings["currency"].upper()]
        return QComment(found.key, **settings)

    click.get_current_context().obj = make


qcomment = click.Group(
    "qcomment",
    {str(command.name): command for command in COMMANDS},
    params=[*access_options("apicode", "QCOMMENT_APICODE"), option("format", click.Choice(["json", "xml"]))],
    callback=_open,
    short_help="Call QComment, a double or, with --live, the live service.",
    help="Call QComment: one command for each operation, with the parameters of the document. It calls a double on "
    "this machine, unless --live, --base-url or a configured address says otherwise.",
)
