"""The settings of a project as keyword arguments, in the names of the document, and as the parameters that are sent."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any, TypedDict

from apidouble.client.arguments import joined
from apidouble.client.qcomment.results import Geotargeting, SocialSetting

SEPARATORS = {"pages": ";;", "comment_configs": ",", "stop_words": ","}


class Settings(TypedDict, total=False):
    """What newproject and projectedit have in common (sections 2 and 5)."""

    url: str | None
    price: Decimal | int | None
    add_to_price: Decimal | int | None
    premoderation: bool | None
    user_verification: bool | None
    social_setting: Sequence[SocialSetting] | None
    geotargeting: Geotargeting | None
    screenshot: bool | None
    group_id: int | None
    author: str | int | None
    language: str | None
    team_id: int | None
    comment_configs: Sequence[int] | str | None
    start_time: time | None
    end_time: time | None
    cnt_day_limit: int | None
    limit: int | None
    min_day_limit: int | None
    max_day_limit: int | None
    delay_from: int | None
    delay_to: int | None
    limit_hour: int | None
    limit_author: int | None
    limit_author_day: int | None
    limit_author_group: int | None
    limit_author_group_day: int | None
    limit_author_delay: int | None
    limit_ip: int | None
    max_turn: int | None
    limit_url: int | None
    limit_url_day: int | None
    only_mobile: bool | None
    stop_words: Sequence[str] | str | None
    pages: Sequence[str] | str | None
    notlong: bool | None
    send_email: bool | None
    minutes: int | None


class NewSettings(Settings, total=False):
    """What only a new project has (section 2)."""

    average_price: bool | None
    pay: int | None
    copy_project: int | None


class EditSettings(Settings, total=False):
    """What only an edit has (section 5): the first four are required of a new project."""

    title: str | None
    subjects: int | None
    tarif_id: int | None
    task: str | None
    status: int | None
    date_start: datetime | None
    date_end: datetime | None


def parameters(kind: type[Settings], given: Mapping[str, Any]) -> dict[str, object]:
    """Return settings as they are sent; raise TypeError for a name that the document does not have."""
    known = kind.__annotations__
    unknown = given.keys() - known
    if unknown:
        raise TypeError(f"no such setting: {', '.join(sorted(unknown))}")
    return {name: _sent(name, value) for name, value in given.items()}


def _sent(name: str, value: Any) -> object:
    if name in SEPARATORS and isinstance(value, Iterable):
        return joined(value, SEPARATORS[name])
    if isinstance(value, Geotargeting):
        if value.cities and value.except_cities:
            raise ValueError("cities and except_cities exclude each other (section 2)")
        return {"countries": value.countries, "cities": value.cities, "except_cities": value.except_cities}
    return value
