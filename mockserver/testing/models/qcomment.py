"""Turn an adapter to your QComment client into rules that drive it, and the double's account into what must be true."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, multiple, precondition, rule

from apidouble.mockserver.domain.money import RUB, major
from apidouble.mockserver.testing.models.adapters import Decision, QCommentAdapter
from apidouble.mockserver.testing.models.machine import Asked, ModelMachine

NOBODYS = 987_654_321
FAR_TOO_MANY = 1_000_000
TEXTS = st.sampled_from(["Отзыв", "A & B = 100% + 1", "«две\nстроки»"])
DECISIONS: tuple[Decision, ...] = ("pay", "rework", "reject")
EVENTS = {"pay": {"pay", "approve"}, "rework": {"send_to_rework"}, "reject": {"reject"}}

projects: Bundle[int] = Bundle("projects")
comments: Bundle[int] = Bundle("comments")


class QCommentStateMachine(ModelMachine):
    """Drives a client of QComment: subclass it, list `refused`, write `adapter`, and run its TestCase.

    `tariffs` and `subject` are what projects are created with; `premoderation = False` if your client has none.
    """

    vendor = "qcomment"
    spending = frozenset({"newproject", "payproject", "vipproject"})

    tariffs: ClassVar[tuple[int, ...]] = (2, 39)
    subject: ClassVar[int] = 2
    premoderation: ClassVar[bool] = True
    client: QCommentAdapter

    def balance_of(self, account: Any) -> Decimal:
        """Return the roubles that can be spent."""
        return major(account["ledger"]["purses"].get(RUB, {"balance": 0})["balance"])

    @initialize(target=projects)
    def projects_of_the_world(self) -> Any:
        """Begin with two projects that the world has, those with most paid works."""
        found = self.double.state(self.vendor)["projects"].values()
        return multiple(*(p["id"] for p in sorted(found, key=_paid, reverse=True)[:2]))

    @initialize(target=comments)
    def comments_of_the_world(self) -> Any:
        """Begin with a work on review that the world has."""
        found = self.double.state(self.vendor)["comments"].values()
        return multiple(*[c["id"] for c in found if c["status"] == 0][:1])

    # What the client is asked for.

    @rule(
        target=projects,
        title=TEXTS,
        task=TEXTS,
        tariff=st.integers(0, 1),
        count=st.integers(0, 3),
        premoderation=st.booleans(),
    )
    def create(self, title: str, task: str, tariff: int, count: int, premoderation: bool) -> Any:  # noqa: FBT001
        """Create a project."""
        chosen = self.tariffs[tariff % len(self.tariffs)]
        premoderation &= self.premoderation
        asked = self._create(title, task, self.subject, chosen, count, premoderation=premoderation)
        if not asked.returned:
            return multiple()
        made = self._made(asked)
        self.check_number(asked, asked.value, made["id"], "the double created project")
        self._check_bought(asked, made["id"], count)
        wanted = {"title": title, "task": task, "subjects": self.subject, "tarif_id": chosen}
        if self.premoderation:
            wanted["premoderation"] = int(premoderation)
        for name, value in wanted.items():
            if made["settings"].get(name, 0) != value:
                raise self.mistake(f"{asked.words} created a project whose {name} is {made['settings'].get(name)!r}")
        return made["id"]

    @rule(subject=st.sampled_from([999, None]), count=st.integers(0, 2))
    def create_what_is_refused(self, subject: int | None, count: int) -> None:
        """Create a project with a subject that there is not, or more works than there is money for."""
        if subject is None:
            asked = self._create("Отзыв", "Отзыв", self.subject, self.tariffs[0], FAR_TOO_MANY)
        else:
            asked = self._create("Отзыв", "Отзыв", subject, self.tariffs[0], count, wrong=("subjects",))
        if asked.returned:
            raise self.mistake(f"{asked.words} {asked.ending}, but there is no such subject or no such money")

    def _create(self, *arguments: Any, premoderation: bool = False, wrong: tuple[str, ...] = ()) -> Asked:
        asked = self.ask("create_project", *arguments, premoderation, by=("newproject", "payproject"), wrong=wrong)
        if not asked.returned and not isinstance(asked.error, self.lost):
            self.check_unspent(asked)
        return asked

    def _made(self, asked: Asked) -> Any:
        made = [p for number, p in asked.after["projects"].items() if number not in asked.before["projects"]]
        if len(made) != 1:
            raise self.mistake(f"{asked.words} created {len(made)} projects")
        return made[0]

    @rule(project=projects, count=st.sampled_from([1, 2, 5, FAR_TOO_MANY]))
    def pay(self, project: int, count: int) -> None:
        """Pay for works, some more than there is money for."""
        self._pay(project, count)

    @rule()
    def pay_for_nobodys_project(self) -> None:
        """Pay for a project that there is not."""
        self._pay(NOBODYS, 1)

    @precondition(lambda self: self.loses_answers())
    @rule(project=projects, count=st.integers(1, 2))
    def pay_and_lose_the_answer(self, project: int, count: int) -> None:
        """Pay for works, and never hear of it."""
        self.lose_next_answer()
        self._pay(project, count)

    def _pay(self, project: int, count: int) -> None:
        asked = self.ask("pay", project, count, by=("payproject",))
        if asked.returned:
            self._check_bought(asked, project, count)
            spent = self.balance_of(asked.before) - self.balance_of(asked.after)
            self.check_money(asked, asked.value, spent, "the double charged")
        elif isinstance(asked.error, self.lost):
            if self._bought(asked, project):
                self._check_bought(asked, project, count)
        else:
            self.check_unspent(asked)

    @rule(project=projects, count=st.sampled_from([None, 1, 2]))
    def return_money(self, project: int, count: int | None) -> None:
        """Return paid works to the balance."""
        asked = self.ask("return_money", project, count, by=("returnmoney",))
        back = self.balance_of(asked.after) - self.balance_of(asked.before)
        if asked.returned:
            self.check_money(asked, asked.value, back, "the double returned")
        elif back and not isinstance(asked.error, self.lost):
            raise self.mistake(f"{asked.words} {asked.ending}, but the double had returned {back}")

    @rule(project=projects, active=st.booleans())
    def set_active(self, project: int, active: bool) -> None:  # noqa: FBT001
        """Start or pause a project."""
        asked = self.ask_free("set_active", project, active, by=("projectedit",))
        status, wanted = asked.after["projects"][str(project)]["status"], 1 if active else 2
        if asked.returned and status != wanted:
            raise self.mistake(f"{asked.words} left project {project} in status {self.state_name('project', status)}")

    @rule(
        comment=comments,
        decision=st.sampled_from(DECISIONS),
        reason=st.sampled_from(["Не по теме & не о том", ""]),
    )
    def decide(self, comment: int, decision: Decision, reason: str) -> None:
        """Decide about a work; without a reason, only payment is possible."""
        wrong = () if reason or decision == "pay" else ("reason",)
        asked = self.ask_free("decide", comment, decision, reason, by=("revision",), wrong=wrong)
        if not asked.returned:
            return
        happened = {move["event"] for call in asked.calls for move in call["moves"] if move["machine"] == "comment"}
        if not happened & EVENTS[decision]:
            raise self.mistake(
                f"{asked.words} did something else to comment {comment}: {', '.join(happened) or 'nothing'}"
            )
        found = asked.after["comments"][str(comment)]
        self.check_number(asked, asked.value, found["status"], f"comment {comment} has status", "comment")
        if decision != "pay" and found["reason"] != reason:
            raise self.mistake(f"{asked.words} gave the author another reason: {found['reason']!r}")

    @rule()
    def balance(self) -> None:
        """Ask for the balance."""
        asked = self.ask_free("balance", by=("balance",))
        if asked.returned:
            self.check_money(asked, asked.value, self.balance_of(asked.after), "the balance is")

    @rule(project=projects)
    def project_status(self, project: int) -> None:
        """Ask for a project's status."""
        asked = self.ask_free("project_status", project, by=("project", "projects", "projectstatus"))
        if asked.returned:
            status = asked.after["projects"][str(project)]["status"]
            self.check_number(asked, asked.value, status, f"project {project} has status", "project")

    @rule()
    def status_of_nobodys_project(self) -> None:
        """Ask for the status of a project that there is not."""
        asked = self.ask_free("project_status", NOBODYS, by=("project", "projects", "projectstatus"))
        if asked.returned:
            raise self.mistake(f"{asked.words} {asked.ending}, but there is no such project")

    @rule(project=projects)
    def comments_of(self, project: int) -> None:
        """Ask for a project's comments."""
        asked = self.ask_free("comments", project, by=("comments",), empty="503")
        if not asked.returned:
            return
        self.check_kind(asked, Mapping)
        truth = {c["id"]: c["status"] for c in asked.after["comments"].values() if c["project_id"] == project}
        for number, status in truth.items():
            if number not in asked.value:
                raise self.mistake(
                    f"{asked.words} left out comment {number}, which has status {self.state_name('comment', status)}"
                )
            self.check_number(asked, asked.value[number], status, f"comment {number} has status", "comment")
        if len(asked.value) > len(truth):
            raise self.mistake(
                f"{asked.words} returned {asked.value!r}, but the project's comments are {sorted(truth)}"
            )

    @rule()
    def waiting(self) -> None:
        """Ask for the works on review."""
        asked = self.ask_free("waiting", by=("requests",))
        truth = sorted(c["id"] for c in asked.after["comments"].values() if c["status"] == 0)
        if not asked.returned:
            return
        self.check_kind(asked, Collection)
        if sorted(map(str, asked.value)) != sorted(map(str, truth)):
            raise self.mistake(f"{asked.words} returned {asked.value!r}, but the works on review are {truth}")

    @rule(trouble=st.sampled_from(["maintenance", "block"]), paying=st.booleans(), project=projects)
    def in_trouble(self, trouble: str, paying: bool, project: int) -> None:  # noqa: FBT001
        """Ask while the service is down for maintenance, or the account is blocked."""
        self.trouble(trouble, on=True)
        if paying:
            self._pay(project, 1)
        else:
            self.balance()
        self.trouble(trouble, on=False)

    # What a customer does day by day, in one step, so that it is tried often and shrinks to little.

    @rule()
    def review_everything(self) -> None:
        """Reject all works on review, after which none is left."""
        for comment in self.double.state(self.vendor)["comments"].values():
            if comment["status"] == 0:
                self.decide(comment["id"], "reject", "Не по теме")
        self.waiting()

    @precondition(lambda self: self.premoderation)
    @rule(target=comments)
    def premoderate(self) -> Any:
        """Create a project with premoderation, approve the text of its first work, and look at it."""
        project = self.create("Отзыв", "Отзыв", tariff=0, count=1, premoderation=True)
        comment = self.author_submits(project) if isinstance(project, int) else None
        if not isinstance(comment, int):
            return multiple()
        self.decide(comment, "pay", "")
        self.comments_of(project)
        return comment

    # What the world does by itself.

    @rule(target=comments, project=projects)
    def author_submits(self, project: int) -> Any:
        """An author hands in a work, if the project has a free one."""
        made = self.happens(f"/qcomment/projects/{project}/comments")
        return made["id"] if made else multiple()

    @rule(comment=comments, event=st.sampled_from(["publish", "resubmit", "abandon"]))
    def author_acts(self, comment: int, event: str) -> None:
        """An author publishes an approved text, hands in a reworked one, or lets it go."""
        self.happens(f"/qcomment/comments/{comment}/events/comment.{event}")

    @rule(by=st.sampled_from(["1m", "1d", "4d", "13d"]))
    def time_passes(self, by: str) -> None:
        """Time passes; works that nobody decided about pay themselves."""
        self.happens("/clock/advance", {"by": by})

    @rule(project=projects, event=st.sampled_from(["block", "unblock"]))
    def administration_acts(self, project: int, event: str) -> None:
        """The administration suspends a project, or lets it go on."""
        self.happens(f"/qcomment/projects/{project}/{event}")

    @rule(amount=st.sampled_from(["0.10", "33.33", "500"]))
    def deposit(self, amount: str) -> None:
        """Money is put on the account."""
        self.happens("/qcomment/account/deposit", {"amount": amount, "currency": RUB})

    def _bought(self, asked: Asked, project: int) -> int:
        before, after = (account["projects"].get(str(project)) for account in (asked.before, asked.after))
        return (_paid(after) if after else 0) - (_paid(before) if before else 0)

    def _check_bought(self, asked: Asked, project: int, count: int) -> None:
        bought = self._bought(asked, project)
        times = sum(1 for c in asked.calls if c["operation"] in self.spending and c["outcome"] == "ok")
        if bought > count and times > 1:
            raise self.mistake(
                f"{asked.words} {asked.ending}, but the double sold {bought} works in {times} calls: "
                f"it was paid {times} times"
            )
        if bought != count:
            raise self.mistake(f"{asked.words} {asked.ending}, but the double sold {bought} works, not {count}")


def _paid(project: Any) -> int:
    return sum(lot["count"] for lot in project["lots"])
