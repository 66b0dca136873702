"""What can be seen of the services by calls that only read: each behaviour asks, and asserts the same everywhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from apidouble.mockserver.live.asking.asking import Answer, Asker, UnknownError

NOTHING = "0"  # a value that no account has
READY_TARIFFS = "ready"


class DiffersError(Exception):
    """The answer is not as the specs say; the text says how."""


@dataclass(frozen=True)
class Behaviour:
    """One thing that the specs say of a vendor, and how one sees whether it is so."""

    name: str
    vendor: str
    said: str
    look: Callable[[Asker], None]
    reading: str = ""


def behaviours(vendor: str) -> list[Behaviour]:
    """Return the behaviours of a vendor, in the order in which a recording looks at them."""
    return list(_qcomment() if vendor == "qcomment" else _qqtube())


def _qcomment() -> Iterator[Behaviour]:
    def one(name: str, said: str, look: Callable[[Asker], None], reading: str = "") -> Behaviour:
        return Behaviour(f"qcomment.{name}", "qcomment", said, look, reading)

    reads: dict[str, Callable[[Asker, str], Iterator[Answer]]] = {
        "balance": _balances,
        "projects": lambda ask, f: iter([ask("projects", result=f)]),
        "project": lambda ask, f: (ask("project", project_id=i, result=f) for i in _projects(ask)),
        "comments": _comments,
        "requests": lambda ask, f: iter([ask("requests", result=f)]),
        "requestsinfo": lambda ask, f: iter([ask("requestsinfo", requests=_works(ask), result=f)]),
        "blacklist_get": lambda ask, f: iter([ask("blacklist", action="get", result=f)]),
        "team_get": lambda ask, f: iter([ask("team", action="get", team_id=_team(ask), result=f)]),
        "list_ready_comments": _ready,
    }
    for name, answers in reads.items():
        for written in ("json", "xml"):
            said = f"{name} answers in {written.upper()} as its schema says"
            yield one(f"{name}.{written}", said, partial(_fits, answers, written))
    yield one(
        "key.missing", "a call without a key gets 101", partial(_refused, 101, {"apicode": None}), "qc.error_envelope"
    )
    yield one("key.wrong", "a wrong key gets 102", partial(_refused, 102, {"apicode": NOTHING}), "qc.error_envelope")
    yield one(
        "key.wrong_xml",
        "in XML too",
        partial(_refused, 102, {"apicode": NOTHING, "result": "xml"}),
        "qc.error_envelope",
    )
    yield one("error.status", "an error comes with HTTP 200", _error_status, "http.status")
    yield one("content_type", "JSON and XML each have their own Content-Type", _content_types, "http.content_type")
    yield one("result.unknown", "an unknown result is answered in JSON", _unknown_result, "qc.result")
    yield one("method.get", "a GET has no key", _get, "qc.method")
    yield one("xml.declaration", "XML begins with its root element", _declaration, "qc.xml_declaration")
    yield one("project.unknown", "an unknown project gets its own error", _unknown_project, "qc.check_order")
    yield one("project.missing", "a project without an id gets its own error", _missing_project, "qc.check_order")
    yield one("parameter.empty", "an empty parameter is one that was not sent", _empty_parameter, "php.empty")
    yield one("parameter.unknown", "a parameter that nobody knows is ignored", _unknown_parameter, "unknown.params")
    yield one("projects.none", "no projects are an empty list", _no_projects, "qc.empty_lists")


def _qqtube() -> Iterator[Behaviour]:
    def one(name: str, said: str, look: Callable[[Asker], None], reading: str = "") -> Behaviour:
        return Behaviour(f"qqtube.{name}", "qqtube", said, look, reading)

    yield one("funds", "funds answers as its schema says", partial(_fits, lambda ask, _: iter([ask("funds")]), "json"))
    yield one(
        "services", "services answers a list, as its schema says",
        partial(_fits, lambda ask, _: iter([ask("services")]), "json"), "qq.services_shape",
    )  # fmt: skip
    yield one("stats", "stats answers as its schema says", partial(_fits, _stats, "json"), "qq.types")
    yield one("stats.sent_count", "sent_count is null or a number in a string", _sent_count, "qq.sent_count")
    yield one("stats.type", "a status has the type that the specs have for it", _status_type, "qq.status_3")
    yield one("funds.post", "funds takes POST too", _funds_post, "qq.method")
    yield one("services.post", "services by POST gets HTTP 405", _services_post, "qq.method")
    yield one("key.wrong", "a wrong key is an error, with HTTP 200", _wrong_key, "qq.undocumented_messages")
    yield one("key.blanks", "blanks around the key do not count", _blanks, "qq.key_blanks")
    yield one("error.list", "the list of messages is called message", _message_key, "qq.message_key")
    yield one(
        "submission.unknown", "an unknown submission is an error", _unknown_submission, "qq.undocumented_messages"
    )


def _must(condition: bool, said: str) -> None:  # noqa: FBT001
    if not condition:
        raise DiffersError(said)


def _sound(answer: Answer) -> Answer:
    """Return an answer that is as the specs say."""
    busy = [f for f in answer.judged.findings if f.kind == "busy"]
    if busy:
        raise UnknownError(busy[0].said)
    for finding in answer.judged.findings:
        raise DiffersError(f"{finding.operation}: {finding.said}")
    return answer


def _is(answer: Answer, *kinds: str) -> Answer:
    _must(
        answer.kind in kinds, f"the reply is {answer.kind or 'of no kind'} {_codes(answer)}, not {' or '.join(kinds)}"
    )
    return answer


def _codes(answer: Answer) -> str:
    return "+".join(str(code) for code in answer.judged.codes)


def _fits(answers: Callable[[Asker, str], Iterator[Answer]], written: str, ask: Asker) -> None:
    found = 0
    for answer in answers(ask, written):
        found += 1
        _sound(answer)
    if not found:
        raise UnknownError("the account has nothing of the kind")


def _balances(ask: Asker, written: str) -> Iterator[Answer]:
    for currency in ("RUB", "USD"):
        yield _is(ask("balance", currency=currency, result=written), "ok")


def _listed(ask: Asker) -> list[dict[str, Any]]:
    values = ask("projects", result="json").values
    items = values.values() if isinstance(values, dict) else values if isinstance(values, list) else []
    return [item for item in items if isinstance(item, dict) and "id" in item]


def _projects(ask: Asker) -> list[str]:
    return [str(project["id"]) for project in _listed(ask)][: ask.most]


def _comments(ask: Asker, written: str) -> Iterator[Answer]:
    for project in _projects(ask):
        yield ask("comments", project_id=project, status="all", result=written)


def _works(ask: Asker) -> list[str]:
    found = []
    for answer in _comments(ask, "json"):
        if answer.kind == "ok" and isinstance(answer.values, dict):
            found += [str(w["id"]) for w in answer.values.values() if isinstance(w, dict) and "id" in w][: ask.most]
    if not found:
        raise UnknownError("none of the projects has comments")
    return found


def _team(ask: Asker) -> str:
    if "team_id" in ask.known:
        return ask.known["team_id"]
    for project in _projects(ask):
        values = ask("project", project_id=project, result="json").values
        team = values.get("team_id") if isinstance(values, dict) else None
        if team not in (None, "0", ""):
            return str(team)
    raise UnknownError("none of the projects has a team: --known team_id=…")


def _ready(ask: Asker, written: str) -> Iterator[Answer]:
    catalogs = ask.spec.rules.catalogs
    for project in _listed(ask):
        tariff = catalogs["tariffs"].get(_whole(project.get("tarif_id")))
        if tariff is not None and catalogs["tariff_groups"][tariff["group"]].get(READY_TARIFFS):
            yield ask("list_ready_comments", project_id=project["id"], result=written)
            return


def _stats(ask: Asker, _: str) -> Iterator[Answer]:
    yield _is(ask("stats", id_service_submission=ask.told("id_service_submission")), "ok")


def _whole(value: Any) -> int:
    return int(value) if str(value).isdigit() else -1


def _refused(code: int, parameters: dict[str, Any], ask: Asker) -> None:
    answer = _is(_sound(ask("balance", **parameters)), "error")
    _must(answer.judged.codes == (code,), f"the code is {_codes(answer)}, not {code}")


def _error_status(ask: Asker) -> None:
    answer = _is(ask("balance", apicode=None), "error")
    _must(answer.response.status == 200, f"the status is {answer.response.status}, not 200")  # noqa: PLR2004 (HTTP)


def _content_types(ask: Asker) -> None:
    for written, wanted in (("json", "application/json"), ("xml", "text/xml")):
        sent = ask("projects", result=written).response.content_type
        _must(sent.lower().startswith(wanted), f"{written.upper()} comes as {sent or 'nothing'}, not {wanted}")


def _unknown_result(ask: Asker) -> None:
    _is(_sound(ask("balance", result=NOTHING)), "ok")


def _get(ask: Asker) -> None:
    answer = _is(ask("balance", method="GET"), "error")
    _must(answer.judged.codes == (101,), f"the code is {_codes(answer)}, not 101")


def _declaration(ask: Asker) -> None:
    answer = ask("projects", result="xml")
    declared = answer.response.body.lstrip().startswith(b"<?xml")
    _must(declared == (ask.readings["qc.xml_declaration"] == "emit"), "XML begins with a declaration")


def _unknown_project(ask: Asker) -> None:
    _is(_sound(ask("project", project_id=NOTHING)), "error")


def _missing_project(ask: Asker) -> None:
    _is(_sound(ask("project")), "error")


def _empty_parameter(ask: Asker) -> None:
    without, empty = ask("balance", currency=None), ask("balance", currency="")
    _must(empty.kind == without.kind == "ok", f"the reply to an empty currency is {empty.kind} {_codes(empty)}")


def _unknown_parameter(ask: Asker) -> None:
    _is(_sound(ask("projects", only_paid=NOTHING)), "ok")


def _no_projects(ask: Asker) -> None:
    answer = _is(_sound(ask("projects", group_id=NOTHING, status="4")), "ok")
    if answer.values:
        raise UnknownError("there are projects on moderation")


def _sent_count(ask: Asker) -> None:
    for answer in _stats(ask, ""):
        count = answer.values.get("sent_count") if isinstance(answer.values, dict) else ""
        _must(count is None or (isinstance(count, str) and count.isdigit()), f"sent_count is {type(count).__name__}")


def _status_type(ask: Asker) -> None:
    for answer in _stats(ask, ""):
        status = answer.values.get("status") if isinstance(answer.values, dict) else None
        if not isinstance(status, dict):
            raise DiffersError("status is no object")
        states = ask.spec.rules.machines["submission"].states
        number = _whole(status.get("id_status"))
        _must(number in states, f"status {number} is not in the specs")
        info = states[number].info
        reading = info.get("type_from_reading")
        wanted = ask.readings[reading] if reading else info["type"]
        _must(status.get("type") == wanted, f"status {number} is {status.get('type')}, not {wanted}")


def _funds_post(ask: Asker) -> None:
    _is(_sound(ask("funds", method="POST")), "ok")


def _services_post(ask: Asker) -> None:
    answer = ask("services", method="POST")
    _must(answer.response.status == 405, f"the status is {answer.response.status}, not 405")  # noqa: PLR2004 (HTTP)


def _wrong_key(ask: Asker) -> None:
    answer = _is(ask("funds", api_key=NOTHING), "error", "failure")
    _must(answer.response.status == 200, f"the status is {answer.response.status}, not 200")  # noqa: PLR2004 (HTTP)


def _blanks(ask: Asker) -> None:
    _is(_sound(ask("funds", api_key=f" {ask.key}")), "ok")


def _message_key(ask: Asker) -> None:
    answer = ask("funds", api_key=NOTHING)
    names = set(answer.values) & {"message", "messages"} if isinstance(answer.values, dict) else set()
    chosen = ask.readings["qq.message_key"]
    wanted = {"message", "messages"} if chosen == "both" else {chosen}
    _must(names == wanted, f"the list is called {' and '.join(sorted(names)) or 'nothing'}")


def _unknown_submission(ask: Asker) -> None:
    _is(_sound(ask("stats", id_service_submission=NOTHING)), "error", "failure")
