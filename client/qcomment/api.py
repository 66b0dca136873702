"""Turn method calls into QComment's operations, one for each, named as the document names them (its parameters too)."""

import time as wall
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date as day
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Unpack, overload

import requests as http

from apidouble.client.arguments import encode, joined
from apidouble.client.fields import load, load_all
from apidouble.client.qcomment import results, schemas
from apidouble.client.qcomment.answers import Told, read
from apidouble.client.qcomment.settings import EditSettings, NewSettings, parameters
from apidouble.client.transport import Call, Connected, Policy, Transport
from apidouble.client.waiting import Pace, wait_for

BASE_URL = "https://qcomment.ru"
All = Literal["all"]


class QComment(Connected):
    """A customer of QComment. Threads may share one; `close` it, or use it in a `with`.

    `format` is what is asked of the service; the results are the same. `currency` is for calls that do not name one.
    """

    def __init__(
        self,
        apicode: str,
        base_url: str = BASE_URL,
        *,
        format: Literal["json", "xml"] = "json",  # noqa: A002 - the word of the document
        currency: results.Currency = results.Currency.RUB,
        policy: Policy | None = None,
        session: http.Session | None = None,
        sleep: Callable[[float], None] = wall.sleep,
    ) -> None:
        if format not in ("json", "xml"):
            raise ValueError(f"format is json or xml, not {format!r}")
        self._apicode, self.format, self.currency = apicode, format, currency
        self._transport = Transport(base_url, apicode, policy=policy, session=session, sleep=sleep)

    def __repr__(self) -> str:
        return f"QComment({self._transport.base_url!r}, format={self.format!r})"

    # Projects

    def newproject(
        self,
        *,
        title: str,
        subjects: int,
        tarif_id: int,
        task: str,
        currency: results.Currency | None = None,
        **settings: Unpack[NewSettings],
    ) -> results.NewProject:
        """Create a project and, with `pay`, buy works for it (section 2)."""
        required = {"title": title, "subjects": subjects, "tarif_id": tarif_id, "task": task}
        told = self._call(
            "newproject",
            {**required, "currency": currency or self.currency, **parameters(NewSettings, settings)},
            how_to_find_out="look for a new project of this title by find_project(title=…, since=…)",
        )
        return load(schemas.NewProject, told.done(), told.answer)

    def payproject(self, project_id: int, pay: int) -> results.Payment:
        """Buy works for a project (section 3)."""
        told = self._call(
            "payproject",
            {"project_id": project_id, "pay": pay},
            how_to_find_out="ask payment_arrived(before, pay=…), with project(…) as it was before the call",
        )
        return load(schemas.Payment, told.done(), told.answer)

    def project(self, project_id: int) -> results.Project:
        """Read a project's settings and counters (section 4)."""
        told = self._read("project", {"project_id": project_id})
        return load(schemas.Project, told.record(), told.answer)

    def projectedit(self, project_id: int, **settings: Unpack[EditSettings]) -> None:
        """Change the settings that are given; `status` 1 starts the project, 2 pauses it (section 5)."""
        self._call(
            "projectedit",
            {"project_id": project_id, **parameters(EditSettings, settings)},
            how_to_find_out="read the settings with project(…)",
        ).done()

    def projects(
        self,
        *,
        status: results.ProjectStatus | int | All = "all",
        group_id: int | None = None,
        tarif_id: int | None = None,
        paid: bool | All = "all",
        sort: Literal[1, 2, 3, 4, 5] | None = None,
    ) -> tuple[results.ProjectSummary, ...]:
        """List projects (section 13). sort: 1 creation, 2 paid, 3 on review, 4 in rework, 5 accepted works."""
        told = self._read(
            "projects", {"status": status, "group_id": group_id, "tarif_id": tarif_id, "paid": paid, "sort": sort}
        )
        return load_all(schemas.ProjectSummary, told.rows("projects", "project"), told.answer)

    def returnmoney(self, project_id: int, cnt_return: int | None = None) -> results.ReturnedMoney:
        """Take the money of works back to the balance, of all if no number is given (section 10)."""
        told = self._call(
            "returnmoney",
            {"project_id": project_id, "cnt_return": cnt_return},
            how_to_find_out="compare project(…).pay, or balance(), with what it was",
        )
        return load(schemas.ReturnedMoney, told.done(), told.answer)

    def vipproject(
        self, project_id: int, tarif_type: Literal[1, 2, 3, 4], currency: results.Currency | None = None
    ) -> None:
        """Buy the VIP state: 1 is for 1 day, 2 for 5, 3 for 10, 4 for 30 (section 20)."""
        self._call(
            "vipproject",
            {"project_id": project_id, "tarif_type": tarif_type, "currency": currency or self.currency},
            how_to_find_out="call it again: AlreadyDoneError says that it was bought",
        ).done()

    # Comments

    def comments(
        self,
        project_id: int,
        *,
        status: results.CommentStatus | int | All = 0,
        limit: int | None = None,
        date: day | None = None,
    ) -> tuple[results.Comment, ...]:
        """List a project's comments, those on review unless `status` says otherwise (section 6).

        There being none is an EmptyError, as the document has it.
        """
        told = self._read("comments", {"project_id": project_id, "status": status, "limit": limit, "date": date})
        return load_all(schemas.Comment, told.rows("comments", "comment"), told.answer)

    def requests(self, limit: int | None = None) -> tuple[results.Comment, ...]:
        """List the works on review in all projects (section 7)."""
        told = self._read("requests", {"limit": limit})
        return load_all(schemas.Comment, told.rows("comments", "comment"), told.answer)

    def requestsinfo(self, requests: Sequence[int]) -> tuple[results.Comment, ...]:
        """Read works by their ids (section 18)."""
        told = self._read("requestsinfo", {"requests": list(requests)})
        return load_all(schemas.Comment, told.rows("comments", "comment"), told.answer)

    def revision(self, comment_id: int, operation: Literal[0, 1, 2] = 0, reason: str | None = None) -> results.Revision:
        """Pay for a comment (0), or with a reason send it back for rework (1) or reject it (2) (section 8)."""
        told = self._call(
            "revision",
            {"comment_id": comment_id, "operation": operation, "reason": reason},
            how_to_find_out="read the comment's status with requestsinfo([…])",
        )
        return load(schemas.Revision, told.record(), told.answer)

    @overload
    def claim(self, id: int) -> results.ClaimStatus: ...
    @overload
    def claim(self, id: int, reason: str) -> results.Claim: ...
    def claim(self, id: int, reason: str | None = None) -> results.Claim | results.ClaimStatus:  # noqa: A002
        """Claim about a work, or without a reason read what became of the claim (section 11)."""
        if reason is None:
            told = self._read("claim", {"id": id})
            state: results.ClaimStatus = load(schemas.ClaimState, told.record(), told.answer)["status"]
            return state
        told = self._call(
            "claim", {"id": id, "reason": reason}, how_to_find_out="ask for the claim's state, without a reason"
        )
        return load(schemas.Claim, told.done(), told.answer)

    # The account

    def balance(self, currency: results.Currency | None = None) -> Decimal:
        """Read the balance in a currency (section 9)."""
        told = self._read("balance", {"currency": (currency or self.currency).name})
        balance: Decimal = load(schemas.Balance, told.record(), told.answer)["balance"]
        return balance

    # Authors

    @overload
    def blacklist(
        self, action: Literal["get"], *, project_id: int | None = None
    ) -> tuple[results.BlacklistEntry, ...]: ...
    @overload
    def blacklist(
        self, action: Literal["set"], *, login: str | Iterable[str], project_id: int | None = None
    ) -> results.Logins: ...
    @overload
    def blacklist(self, action: Literal["del"], *, ID: int) -> results.Logins: ...  # noqa: N803
    def blacklist(
        self,
        action: Literal["get", "set", "del"],
        *,
        login: str | Iterable[str] | None = None,
        project_id: int | None = None,
        ID: int | None = None,  # noqa: N803 - the document's name
    ) -> results.Logins | tuple[results.BlacklistEntry, ...]:
        """List the black list, put authors on it, or take an entry from it by its ID (section 12)."""
        sent = {"action": action, "login": joined(login, ","), "project_id": project_id, "ID": ID}
        if action == "get":
            told = self._read("blacklist", sent)
            return load_all(schemas.BlacklistEntry, told.rows("result", "item"), told.answer)
        told = self._call("blacklist", sent, how_to_find_out="list it with blacklist('get')")
        return load(schemas.Logins, told.done(), told.answer)

    @overload
    def team(self, action: Literal["get"], team_id: int) -> tuple[results.TeamMember, ...]: ...
    @overload
    def team(self, action: Literal["set", "del"], team_id: int, login: str | Iterable[str]) -> results.Logins: ...
    def team(
        self, action: Literal["get", "set", "del"], team_id: int, login: str | Iterable[str] | None = None
    ) -> results.Logins | tuple[results.TeamMember, ...]:
        """List the authors of a team, add some or remove some (section 19)."""
        sent = {"action": action, "team_id": team_id, "login": joined(login, ",")}
        if action == "get":
            told = self._read("team", sent)
            return load_all(schemas.TeamMember, told.rows("result", "item"), told.answer)
        told = self._call("team", sent, how_to_find_out="list it with team('get', …)")
        return load(schemas.Logins, told.done(), told.answer)

    # Ready comments

    def new_ready_comment(
        self, project_id: int, text: str, number_use: int, *, url: str | None = None, title: str | None = None
    ) -> int:
        """Add a comment that only needs publishing and return its id (section 14)."""
        told = self._call(
            "new_ready_comment",
            {"project_id": project_id, "url": url, "text": text, "title": title, "number_use": number_use},
            how_to_find_out="look for its text in list_ready_comments(…)",
        )
        number: int = load(schemas.ReadyCommentId, told.done(), told.answer)["ready_comment_id"]
        return number

    def list_ready_comments(self, project_id: int) -> tuple[results.ReadyComment, ...]:
        """List a project's ready comments (section 15). There being none is an EmptyError."""
        told = self._read("list_ready_comments", {"project_id": project_id})
        return load_all(schemas.ReadyComment, told.one_or_rows("item"), told.answer)

    def edit_ready_comment(
        self,
        ready_comment_id: int,
        *,
        url: str | None = None,
        text: str | None = None,
        title: str | None = None,
        number_use: int | None = None,
    ) -> None:
        """Change a ready comment (section 16)."""
        self._call(
            "edit_ready_comment",
            {"ready_comment_id": ready_comment_id, "url": url, "text": text, "title": title, "number_use": number_use},
            how_to_find_out="look at it in list_ready_comments(…)",
        ).done()

    def delete_ready_comment(self, ready_comment_id: int) -> None:
        """Delete a ready comment (section 17)."""
        self._call(
            "delete_ready_comment",
            {"ready_comment_id": ready_comment_id},
            how_to_find_out="look for it in list_ready_comments(…)",
        ).done()

    # Two operations that the document leaves out (specs/readings.yaml#qc.legacy)

    def projectstatus(self, project_id: int, status: Literal[1, 2] | None = None) -> results.ProjectState:
        """Read a project's state, or start (1) or pause (2) it; observed in the service's own plugin."""
        sent = {"project_id": project_id, "status": status}
        if status is None:
            told = self._read("projectstatus", sent)
        else:
            told = self._call("projectstatus", sent, how_to_find_out="read it with projectstatus(…)")
        return load(schemas.ProjectState, told.record(), told.answer)

    def get_tariff(self) -> tuple[results.Tariff, ...]:
        """List the tariffs (getTariff); observed in the service's own plugin, which sends no key."""
        answer = self._transport.send(Call("getTariff", "GET", "/api/getTariff"))
        told = read(answer)
        return load_all(schemas.Tariff, told.rows("result", "item"), told.answer)

    def raw(self, operation: str, parameters: Mapping[str, object], *, changes: bool = True) -> Any:
        """Call any operation by its name and return the tree of its answer, for what these methods do not know."""
        if not changes:
            return self._read(operation, parameters).tree
        return self._call(operation, parameters, how_to_find_out="see the document").tree

    # After a lost answer, and waiting

    def find_project(self, *, title: str, since: datetime | None = None) -> tuple[results.ProjectSummary, ...]:
        """Return the projects of a title, created at or after a moment, newest first: did a lost newproject create one?

        None means that it did not, or not yet; more than one, that the title is not unique enough to tell. A project
        without a date in the answer, as in the document's example, is not left out.
        """
        found = [
            project
            for project in self.projects()
            if project.title.strip() == title.strip()
            and (since is None or project.date is None or project.date >= since.replace(microsecond=0))
        ]
        return tuple(sorted(found, key=lambda project: project.id, reverse=True))

    def payment_arrived(self, before: results.Project, *, pay: int) -> bool:
        """Tell whether a lost payproject has bought `pay` works, given the project as it was before.

        Works paid for (`pay`) become accepted ones (`works`), so the sum grows by payments alone. Any other payment or
        return of money in between spoils the comparison; the document promises none of this.
        """
        now = self.project(before.project_id)
        return (now.pay + now.works) - (before.pay + before.works) >= pay

    def wait_for_project(
        self,
        project_id: int,
        until: Callable[[results.Project], bool],
        *,
        pace: Pace | None = None,
        on_progress: Callable[[results.Project], None] | None = None,
    ) -> results.Project:
        """Read a project until a condition holds: moderated, or so many works accepted. The document names no pace."""
        return wait_for(
            lambda: self.project(project_id),
            until,
            what=f"project {project_id}",
            pace=pace or Pace(),
            on_progress=on_progress,
        )

    def wait_for_requests(
        self,
        count: int = 1,
        *,
        pace: Pace | None = None,
        on_progress: Callable[[tuple[results.Comment, ...]], None] | None = None,
    ) -> tuple[results.Comment, ...]:
        """Wait until so many works are on review and return them."""
        return wait_for(
            self.requests,
            lambda works: len(works) >= count,
            what=f"{count} works on review",
            pace=pace or Pace(),
            on_progress=on_progress,
        )

    def _read(self, operation: str, sent: Mapping[str, object]) -> Told:
        return self._send(Call(operation, "POST", f"/api/{operation}"), sent)

    def _call(self, operation: str, sent: Mapping[str, object], *, how_to_find_out: str) -> Told:
        call = Call(operation, "POST", f"/api/{operation}", changes=True, how_to_find_out=how_to_find_out)
        return self._send(call, sent)

    def _send(self, call: Call, sent: Mapping[str, object]) -> Told:
        pairs = encode({"apicode": self._apicode, "result": self.format, **sent})
        return read(self._transport.send(replace(call, pairs=tuple(pairs))))
