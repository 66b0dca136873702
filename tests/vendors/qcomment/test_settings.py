"""Each setting of a project: taken at creation and in an edit, shown in both formats, cleared, left alone."""

from typing import Any

import pytest

NEW = {"title": "Отзывы", "subjects": 2, "tarif_id": 2, "task": "Напишите отзыв."}
COUNTED = [
    *("cnt_day_limit", "limit", "min_day_limit", "max_day_limit", "delay_from", "delay_to", "limit_hour"),
    *("limit_author", "limit_author_day", "limit_author_group", "limit_author_group_day", "limit_author_delay"),
    *("limit_ip", "max_turn", "limit_url", "limit_url_day", "group_id", "team_id", "minutes"),
]
FLAGS = ["premoderation", "screenshot", "only_mobile", "notlong", "send_email"]
TEXTS = {
    "url": "https://a.ru/",
    "stop_words": "да, нет",
    "pages": "https://a.ru/1;;https://a.ru/2",
    "comment_configs": "1,3",
    "author": "6487",
}
SETTINGS: dict[str, str] = dict.fromkeys(COUNTED, "3") | dict.fromkeys(FLAGS, "1") | TEXTS
SETTINGS |= {"send_email": "0", "group_id": "8", "team_id": "1022"}
TIMES = {"start_time": ("10:00", "10:00:00"), "end_time": ("19:30", "19:30:00")}
ARRAYS: dict[str, Any] = {"social_setting": [{"social": 1}], "geotargeting": {"countries": [20]}}
ARRAYS |= {"user_verification": 1}
CLEARED = {"comment_configs": "0,1,2,3", "notlong": "0", "send_email": "1", "minutes": "2"}
XML_NAMES = {"screenshot": "screnshot", "short_subjects": "subjects_short", "short_language": "language_short"}


def both(qcomment: Any, project_id: Any, name: str) -> set[Any]:
    """Return what both formats show of a setting."""
    xml = qcomment.xml("project", project_id=project_id)
    return {qcomment("project", project_id=project_id).get(name), xml.findtext(XML_NAMES.get(name, name))}


@pytest.mark.parametrize(("name", "value"), SETTINGS.items())
def test_a_setting_is_shown_in_both_formats(name: str, value: str, qcomment: Any) -> None:
    """As newproject took it and as an edit did; an edit of something else leaves it."""
    first = qcomment("newproject", **NEW, **{name: value})["project_id"]
    second = qcomment("newproject", **NEW)["project_id"]
    assert qcomment("projectedit", project_id=second, **{name: value}) == {"status": "ok"}
    assert qcomment("projectedit", project_id=second, title="Новое") == {"status": "ok"}
    assert both(qcomment, first, name) == both(qcomment, second, name) == {value}


@pytest.mark.parametrize(("name", "written", "shown"), [(n, *pair) for n, pair in TIMES.items()])
@pytest.mark.parametrize("date", ["", "2014-03-21 "])
def test_a_time_of_day_may_have_a_date_before_it(name: str, written: str, shown: str, date: str, qcomment: Any) -> None:
    """The service's own plugin proposes start_time=2014-03-21 10:00."""
    project_id = qcomment("newproject", **NEW, **{name: date + written})["project_id"]
    assert both(qcomment, project_id, name) == {shown}
    assert qcomment("projectedit", project_id=4, **{name: date + written}) == {"status": "ok"}
    assert both(qcomment, 4, name) == {shown}


def test_the_plugins_form_creates_a_project(qcomment: Any) -> None:
    """All that the service's own plugin sends, its two forgotten parameters too."""
    form = {"bonus": "0", "min_rating": "0", "group_id": "", "language": "ru", "team_id": "", "comment_configs": "0,2"}
    form |= {"start_time": "2014-03-21 10:00", "end_time": "2014-03-21 19:00", "limit": "", "min_day_limit": ""}
    assert qcomment("newproject", **NEW, **form)["status"] == "ok"


@pytest.mark.parametrize("name", [*SETTINGS, *TIMES, *ARRAYS])
def test_an_edit_clears_what_it_sends_empty(name: str, customer: Any) -> None:
    """The project is then as one that never had the setting; by the reading it keeps it, and the journal says so."""
    sent = {name: ARRAYS.get(name) or SETTINGS.get(name) or TIMES[name][0]}
    for reading in ("clear", "keep"):
        qcomment = customer(qc__edit_blank=reading)
        without, having = (qcomment("newproject", **NEW, **more)["project_id"] for more in ({name: ""}, sent))
        before = qcomment.account.projects[int(having)].settings[name]
        assert qcomment("projectedit", project_id=having, **{name: ""}) == {"status": "ok"}
        left = qcomment.account.projects[int(having)].settings.get(name)
        assert left == (before if reading == "keep" else qcomment.account.projects[int(without)].settings.get(name))
        noted = any(f"{name}: empty, left as it is" in n for n in qcomment.world.journal.entries[-1].diagnostics)
        assert noted == (reading == "keep")


@pytest.mark.parametrize(("name", "left"), CLEARED.items())
def test_a_cleared_setting_has_the_default_of_its_section(name: str, left: str, qcomment: Any) -> None:
    """Section 5 prints it."""
    qcomment("projectedit", project_id=4, **{name: SETTINGS[name]})
    qcomment("projectedit", project_id=4, **{name: " "})
    assert both(qcomment, 4, name) == {left}


@pytest.mark.parametrize(
    "name", ["title", "subjects", "tarif_id", "task", "price", "add_to_price", "language", "status"]
)
def test_what_cannot_be_empty_stays_in_an_edit(name: str, qcomment: Any) -> None:
    """And the journal says so."""
    before = qcomment("project", project_id=4)
    assert qcomment("projectedit", project_id=4, **{name: ""}) == {"status": "ok"}
    assert f"{name}: empty, left as it is" in qcomment.world.journal.entries[-1].diagnostics
    assert qcomment("project", project_id=4) == before


def test_an_edit_clears_url_and_title_of_a_ready_comment(customer: Any) -> None:
    """Its text cannot be cleared (1602), and its number of uses stays."""
    for reading, url in (("clear", ""), ("keep", "http://test.com")):
        qcomment = customer(qc__edit_blank=reading)
        edit = {"ready_comment_id": 4353, "url": "", "title": "", "number_use": ""}
        assert qcomment("edit_ready_comment", **edit) == {"status": "ok"}
        ready = qcomment("list_ready_comments", project_id=1233)
        assert (ready["url"], ready["number_use"], bool(ready["title"])) == (url, 2, reading == "keep")
        assert qcomment("edit_ready_comment", ready_comment_id=4353, text=" ")["error_code"] == 1602


@pytest.mark.parametrize(("sent", "shown"), [("user1", "6487"), ("6487", "6487"), ("nobody", "nobody")])
def test_the_only_author_is_shown_by_id(sent: str, shown: str, qcomment: Any) -> None:
    """Section 4 has the id of the user, though he may be named by his login."""
    project_id = qcomment("newproject", **NEW, author=sent)["project_id"]
    assert both(qcomment, project_id, "author") == {shown}


@pytest.mark.parametrize(("name", "default"), [("language", "ru"), *CLEARED.items(), ("currency", "1")])
def test_defaults_are_the_documents(name: str, default: str, qcomment: Any) -> None:
    """What section 2 gives «по умолчанию»."""
    project_id = qcomment("newproject", **NEW)["project_id"]
    assert both(qcomment, project_id, "short_language" if name == "language" else name) == {default}


def test_blacklist_set_without_a_login_finds_nobody(qcomment: Any) -> None:
    """1104, as for a login that nobody has."""
    assert qcomment("blacklist", action="set")["error_code"] == 1104
    assert qcomment("blacklist", action="set", login="nobody")["error_code"] == 1104


@pytest.mark.parametrize(("requests", "code"), [("300000", None), ("300000,55555", 1802), (None, 1801), ("", 1801)])
def test_a_plain_value_is_a_list_of_one_work(requests: str | None, code: int | None, qcomment: Any) -> None:
    """A text with commas is one id, which no work has."""
    assert qcomment("requestsinfo", requests=requests).get("error_code") == code
