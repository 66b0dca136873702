"""Calls of QComment that are wrong in themselves, whatever the state of the account, and how each is refused."""

from typing import Any

from hypothesis import strategies as st

REQUIRED = {"title": "Название", "subjects": 2, "tarif_id": 2, "task": "Задание"}
READY = {"project_id": 1233, "text": "Текст", "number_use": 1}

# Calls that are wrong in themselves: what may be wrong with a parameter (None: not sent) and the refusal, in the order
# of the document.
Wrong = tuple[dict[str, Any], list[tuple[str, tuple[object, ...], int | str]]]
WRONG: dict[str, Wrong] = {
    "newproject": (
        REQUIRED,
        [
            ("title", (None, ""), "Необходимо заполнить поле Название."),
            ("subjects", (None, ""), "Необходимо заполнить поле Тематика."),
            ("tarif_id", (None, ""), "Необходимо заполнить поле Тариф."),
            ("task", (None, ""), "Необходимо заполнить поле Задание."),
            ("pay", ("-1", "x", "1.5"), "Неверное значение параметра pay."),
        ],
    ),
    "payproject": (
        {"project_id": 2, "pay": 1},
        [("project_id", (None, ""), 301), ("pay", (None, "", "0", "-1", "x", "1.5", [1]), 302)],
    ),
    "project": ({}, [("project_id", (None, ""), 701)]),
    "projectedit": ({"status": 1}, [("project_id", (None, ""), 1001)]),
    "comments": ({"status": 0}, [("project_id", (None, ""), 501)]),
    "revision": ({"operation": 1}, [("comment_id", (None, ""), 601)]),
    "returnmoney": ({"cnt_return": 1}, [("project_id", (None, ""), 901)]),
    "claim": ({"reason": "Нет на сайте"}, [("id", (None, ""), 801)]),
    "blacklist": ({"action": "del"}, [("ID", (None, ""), 1101)]),
    "projects": (
        {},
        [("status", ("5", "-1", "x"), 1201), ("paid", ("2", "x"), 1202), ("sort", ("0", "6", "x"), 1203)],
    ),
    "new_ready_comment": (
        READY,
        [
            ("project_id", (None, ""), 1301),
            ("text", (None, ""), 1302),
            ("url", ("nowhere", "ftp://test.ru"), 1304),
            ("number_use", (None, "", "0", "-1", "x"), 1305),
        ],
    ),
    "list_ready_comments": ({}, [("project_id", (None, ""), 1401)]),
    "edit_ready_comment": (
        {"ready_comment_id": 1123},
        [
            ("ready_comment_id", (None, ""), 1601),
            ("text", ("",), 1602),
            ("number_use", ("x", "1.5"), 1603),
            ("url", ("nowhere",), 1604),
            ("number_use", ("0", "-1"), 1605),
        ],
    ),
    "delete_ready_comment": ({}, [("ready_comment_id", (None, ""), 1501)]),
    "requestsinfo": ({}, [("requests", (None, ""), 1801)]),
    "team": ({"action": "get"}, [("team_id", (None, ""), 1901)]),
    "vipproject": (
        {"project_id": 2, "tarif_type": 1},
        [
            ("project_id", (None, ""), "Укажите ID проекта."),
            ("tarif_type", (None, "", "0", "5", "x"), "Неверное значение параметра tarif_type."),
        ],
    ),
    "projectstatus": ({"status": 1}, [("project_id", (None, ""), 401)]),
}
wrongs = st.sampled_from(sorted(WRONG)).flatmap(
    lambda operation: st.tuples(
        st.just(operation),
        st.lists(st.sampled_from(WRONG[operation][1]), min_size=1, unique_by=lambda wrong: wrong[0]).flatmap(
            lambda chosen: st.tuples(*[st.tuples(st.just(wrong), st.sampled_from(wrong[1])) for wrong in chosen])
        ),
    )
)
