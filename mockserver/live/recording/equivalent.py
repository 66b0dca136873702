"""What was recorded of an account into a world of the simulator in which the same calls find the same things."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from apidouble.mockserver.live.judging.judgement import Judged
from apidouble.mockserver.live.recording.cassettes import Cassette, Exchange
from apidouble.mockserver.spec.model import Contract
from apidouble.mockserver.spec.source import Source
from apidouble.mockserver.stage.pacer import FROZEN
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.stage.stage import Stage
from apidouble.mockserver.stage.worlds import WorldFile

Item = dict[str, Any]
Seen = Iterable[tuple[Exchange, Judged]]
DOCUMENTED = "documented"
FREE_ID = 10**9
TARIFF, SUBJECT = 2, 2
VIEWS, OTHERS = 54, 3  # a service that tells sent_count, and one that does not


def simulator_like(contract: Contract, readings: Mapping[str, str], cassette: Cassette, seen: Seen) -> Simulator:
    """Open a simulator in the state that a recording shows; raises SpecError, or ValueError, where that is none."""
    documented = WorldFile.read(DOCUMENTED)
    content = {**documented.source.content, cassette.vendor: SECTIONS[cassette.vendor](cassette, seen)}
    file = WorldFile("equivalent", Source(Path("equivalent.yaml"), content, b""), documented.seed, documented.start_ms)
    return Simulator(Stage(contract, file, readings, FROZEN))


class _QComment:
    def __init__(self, cassette: Cassette) -> None:
        self.key = cassette.key
        self.balance: dict[str, str] = {}
        self.projects: dict[int, Item] = {}
        self.comments: dict[int, Item] = {}
        self.teams: dict[int, list[str]] = {}
        self.authors: dict[str, int] = {}
        self.bans: dict[int, Item] = {}
        self.ready: dict[int, Item] = {}

    def see(self, exchange: Exchange, judged: Judged) -> None:
        """Take over what one answer shows."""
        if not exchange.call.only_reads or judged.kind is None or judged.kind.name in ("error", "failure"):
            return
        take = {
            "balance": self._balance,
            "projects": self._listed,
            "project": self._shown,
            "comments": self._works,
            "requests": self._works,
            "requestsinfo": self._works,
            "blacklist": self._banned,
            "team": self._team,
            "list_ready_comments": self._ready,
        }[exchange.call.operation.id]
        take(dict(exchange.call.tree), judged.values)

    def section(self) -> Item:
        """Return the section of a world file."""
        projects = [*self.projects.values()]
        known = {project["id"] for project in projects}
        banned = {ban["login"]: FREE_ID + ban["id"] for ban in self.bans.values()}
        return {
            "key": self.key,
            "login": "",
            "balance": self.balance,
            "authors": banned | self.authors,
            "teams": [{"id": ident, "logins": members} for ident, members in self.teams.items()],
            "blacklist": [*self.bans.values()],
            "projects": projects,
            "comments": [c for c in self.comments.values() if c["project_id"] in known],
            "ready_comments": [r for r in self.ready.values() if r["project_id"] in known],
            "next_ids": dict.fromkeys(("project", "comment", "ready_comment", "ban", "ticket"), FREE_ID),
        }

    def _balance(self, sent: Item, values: Any) -> None:
        if isinstance(values, dict):
            self.balance[sent.get("currency") or "RUB"] = str(values.get("balance", 0))

    def _listed(self, _: Item, values: Any) -> None:
        for item in items(values):
            self._project(item)

    def _shown(self, _: Item, values: Any) -> None:
        if isinstance(values, dict):
            self._project({**values, "id": values.get("project_id")})

    def _works(self, sent: Item, values: Any) -> None:
        for item in items(values):
            self._comment(item, item.get("project_id") or sent.get("project_id"))

    def _team(self, sent: Item, values: Any) -> None:
        members = {str(item.get("login", "")): number(item.get("id")) for item in items(values)}
        self.teams[number(sent.get("team_id"))] = [*members]
        self.authors |= members

    def _banned(self, _: Item, values: Any) -> None:
        for item in items(values):
            words = str(item.get("type", "")).split("ID ")
            entry: Item = {"id": number(item.get("id")), "login": item.get("login", ""), "date": "2020-01-01 00:00:00"}
            if len(words) > 1:
                entry["project_id"] = number(words[1])
            self.bans[entry["id"]] = entry

    def _ready(self, sent: Item, values: Any) -> None:
        project_id = number(sent.get("project_id"))
        for item in [values] if isinstance(values, dict) and "id" in values else items(values):
            ident = number(item.get("id"))
            texts = {name: str(item.get(name, "")) for name in ("url", "text", "title")}
            counts = {name: number(item.get(name, 1)) for name in ("number_use", "used")}
            self.ready[ident] = {"id": ident, "project_id": project_id, **texts, **counts}

    def _project(self, item: Item) -> None:
        ident = number(item.get("id"))
        project = self.projects.setdefault(
            ident, {"id": ident, "status": 0, "price": "1", "settings": {"subjects": SUBJECT, "tarif_id": TARIFF}}
        )
        status = item.get("status_short", item.get("status"))
        project["status"] = number(status)
        project["price"] = str(item.get("price") or "1")
        project["settings"] |= {k: str(item[k]) for k in ("title", "task", "url") if item.get(k)}
        for name, other in (("subjects", "short_subjects"), ("subjects", "subjects_short"), ("tarif_id", "tarif_id")):
            if str(item.get(other, "")).isdigit():
                project["settings"][name] = number(item[other])
        for name in ("group_id", "team_id", "premoderation", "screenshot", "send_email", "notlong", "only_mobile"):
            if number(item.get(name)):
                project["settings"][name] = number(item[name])
        project["settings"]["language"] = LANGUAGES.get(str(item.get("language", "")), "ru")
        if "create_team_id" in item:
            project["create_team_id"] = number(item["create_team_id"])
        project["pay"] = min(number(item.get("pay")), 1)
        project["works"] = number(item.get("works", item.get("all_comments")))

    def _comment(self, item: Item, project_id: Any) -> None:
        ident = number(item.get("id"))
        comment = self.comments.setdefault(ident, {"id": ident, "project_id": 0})
        texts = ("author", "url", "name", "message", "dop_info", "reason", "file")
        numbers = ("status", "robot_find", "uniq_status", "uniq", "method_pay")
        comment |= {k: str(item[k]) for k in texts if k in item} | {k: number(item[k]) for k in numbers if k in item}
        comment.setdefault("author", "")
        if project_id:
            comment["project_id"] = number(project_id)


LANGUAGES = {"Русский": "ru", "Украинский": "ua", "Английский": "en", "Белорусский": "by"}


def _qcomment(cassette: Cassette, seen: Seen) -> Item:
    found = _QComment(cassette)
    for exchange, judged in seen:
        if exchange.call.key == cassette.key:
            found.see(exchange, judged)
    return found.section()


def _qqtube(cassette: Cassette, seen: Seen) -> Item:
    section: Item = {"key": cassette.key, "funds": "0", "submissions": []}
    for exchange, judged in seen:
        values = judged.values
        if exchange.call.key != cassette.key or not isinstance(values, dict) or judged.kind is None:
            continue
        if judged.kind.name != "ok":
            continue
        if exchange.call.operation.id == "funds":
            section["funds"] = str(values.get("funds", "0"))
        elif exchange.call.operation.id == "stats":
            sent = values.get("sent_count")
            status = values.get("status")
            section["submissions"].append(
                {
                    "id_service_submission": number(values.get("id_service_submission")),
                    "id_service": OTHERS if sent is None else VIEWS,
                    "url": str(values.get("long_url", "")),
                    "status": number(status.get("id_status")) if isinstance(status, dict) else 2,
                    **{k: number(values.get(k)) for k in ("start_count", "wanted_count", "current_count")},
                    **({} if sent is None else {"sent_count": number(sent)}),
                }
            )
    section["submissions"] = [*{s["id_service_submission"]: s for s in section["submissions"]}.values()]
    return section


SECTIONS: Mapping[str, Callable[[Cassette, Seen], Item]] = {"qcomment": _qcomment, "qqtube": _qqtube}


def items(values: Any) -> list[Item]:
    """Return the items of a list, or of an object keyed by id, whose key stands for an id that an item lacks."""
    if isinstance(values, dict):
        return [{"id": key, **item} for key, item in values.items() if isinstance(item, dict)]
    return [item for item in values if isinstance(item, dict)] if isinstance(values, list) else []


def number(value: Any) -> int:
    """Return a whole number however it is written, 0 for none."""
    text = str(value).partition(".")[0]
    return int(text) if text.lstrip("-").isdigit() else 0
