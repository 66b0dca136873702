"""QComment's lists in little, with the calls that change them: the black list, teams and ready comments."""

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.stateful.double import Double, NoError, same

NOBODY = 777
ME = "customer"
AUTHORS = {"User": 1, "user": 99, "user1": 6487, "user2": 141661, "user3": 141660}
READY_TARIFFS = {33}

logins = st.lists(st.sampled_from([*AUTHORS, ME, "stranger"]), min_size=1, max_size=3)


def known(name: str) -> Any:
    """Draw one of the ids that the machine knows, the newest more often, or one that nobody has."""
    return st.runner().flatmap(lambda machine: st.sampled_from([*machine.ids(name), NOBODY]))


# Lists are simple and many: what happens to projects and works shall have the most steps.
now_and_then = precondition(lambda machine: machine.turn % 4 == 0)


class Lists(RuleBasedStateMachine):
    """What a customer keeps beside his projects; the machine of projects says which there are."""

    def __init__(self, double: Double) -> None:
        super().__init__()
        self.double = double
        self.client: Any = None
        self.turn, self.last_ban = 0, 99
        self.bans: dict[int, tuple[str, int | None]] = {99: ("user", None)}
        self.teams = {9: ["User"], 1022: ["user1", "user2", "user3"]}
        link = "http://test.com"
        self.ready: dict[int, dict[str, Any]] = {
            4353: {"project": 1233, "text": "Текст готового комментария", "number_use": 2, "url": link, "used": 1},
            1123: {"project": 1234, "text": "Отличный магазин", "number_use": 3, "url": "", "used": 0},
            1233: {"project": 1234, "text": "Быстрая доставка", "number_use": 1, "url": "", "used": 0},
        }

    def ids(self, name: str) -> list[int]:
        """Return the ids of a kind, the newest twice."""
        kinds: dict[str, Iterable[int]] = {"ban": self.bans, "team": self.teams, "ready": self.ready}
        found = sorted(kinds[name])
        return [*found, *found[-2:]]

    def tariff_of(self, project_id: int) -> int | None:
        """Return a project's tariff, None where there is no such project."""
        raise NotImplementedError

    @invariant()
    def take_turns(self) -> None:
        """Count the steps."""
        self.turn += 1

    # The black list

    @now_and_then
    @rule(project=st.none() | known("project"))
    def list_bans(self, project: int | None) -> None:
        def expected() -> list[Any]:
            if project is not None and self.tariff_of(project) is None:
                raise NoError(1107)
            found = [(n, *ban) for n, ban in sorted(self.bans.items()) if project is None or ban[1] in (None, project)]
            if not found:
                raise NoError(1103)
            return found

        def call() -> list[Any]:
            return sorted(
                (ban.id, ban.login, ban.project_id) for ban in self.client.blacklist("get", project_id=project)
            )

        same(self.double.outcome(call), expected)

    @now_and_then
    @rule(logins=logins, project=st.none() | known("project"))
    def ban(self, logins: list[str], project: int | None) -> None:
        outcome = self.double.outcome(lambda: self.client.blacklist("set", login=logins, project_id=project))

        def expected() -> int:
            refusals = {login: self._not_to_be_banned(login, project) for login in logins}
            good = [login for login, code in refusals.items() if code is None]
            if not good:
                raise NoError(*[code for code in refusals.values() if code][:1])
            if project is not None and self.tariff_of(project) is None:
                raise NoError(1107)
            for login in good:
                fresh = max([99, self.last_ban, *self.bans]) + 1
                self.bans[fresh], self.last_ban = (login, project), fresh
            return len(good)

        same(outcome if isinstance(outcome, NoError) else outcome.success_logins, expected)

    def _not_to_be_banned(self, login: str, project: int | None) -> int | None:
        if login == ME:
            return 1105
        if login not in AUTHORS:
            return 1104
        return 1106 if any(ban[0] == login and ban[1] in (None, project) for ban in self.bans.values()) else None

    @now_and_then
    @rule(ban=known("ban"))
    def lift_ban(self, ban: int) -> None:
        def expected() -> int:
            if self.bans.pop(ban, None) is None:
                raise NoError(1103)
            return 1

        same(self.double.outcome(lambda: self.client.blacklist("del", ID=ban).success_logins), expected)

    # Teams

    @now_and_then
    @rule(team=known("team"))
    def show_team(self, team: int) -> None:
        def expected() -> list[Any]:
            if team not in self.teams:
                raise NoError(1902)
            return [(AUTHORS[login], login) for login in self.teams[team]]

        same(self.double.outcome(lambda: [(m.id, m.login) for m in self.client.team("get", team)]), expected)

    @now_and_then
    @rule(team=known("team"), action=st.sampled_from(["set", "del"]), logins=logins | st.just([]))
    def change_team(self, team: int, action: str, logins: list[str]) -> None:
        def expected() -> int:
            if team not in self.teams:
                raise NoError(1902)
            if not logins:
                raise NoError(1903)
            members = self.teams[team]
            good = [login for login in dict.fromkeys(logins) if login in (AUTHORS if action == "set" else members)]
            if not good:
                raise NoError(1904)
            if action == "set":
                members += [login for login in good if login not in members]
            else:
                self.teams[team] = [login for login in members if login not in good]
            return len(good)

        same(self.double.outcome(lambda: self.client.team(action, team, logins).success_logins), expected)

    # Ready comments

    @now_and_then
    @rule(project=known("project"), text=st.sampled_from(["Хороший магазин", "<b>&amp;"]), uses=st.integers(1, 3))
    def new_ready(self, project: int, text: str, uses: int) -> None:
        outcome = self.double.outcome(
            lambda: self.client.new_ready_comment(project, text, uses, url="https://a.ru/?b&c")
        )

        def expected() -> int:
            tariff = self.tariff_of(project)
            if tariff is None:
                raise NoError(1306)
            if tariff not in READY_TARIFFS:
                raise NoError(1307)
            assert isinstance(outcome, int) and outcome not in self.ready
            made = {"project": project, "text": text, "number_use": uses, "url": "https://a.ru/?b&c", "used": 0}
            self.ready[outcome] = made
            return outcome

        same(outcome, expected)

    @now_and_then
    @rule(project=known("project"))
    def list_ready(self, project: int) -> None:
        def call() -> list[Any]:
            found = self.client.list_ready_comments(project)
            return [(r.id, r.text, r.number_use, r.url, r.used) for r in found]

        def expected() -> list[Any]:
            if self.tariff_of(project) is None:
                raise NoError(1402)
            found = [(n, r) for n, r in self.ready.items() if r["project"] == project]
            if not found:
                raise NoError(1403)
            return [(n, r["text"], r["number_use"], r["url"], r["used"]) for n, r in found]

        same(self.double.outcome(call), expected)

    @now_and_then
    @rule(
        ready=known("ready"),
        text=st.sampled_from([None, "Другой текст"]),
        uses=st.sampled_from([None, 5]),
        url=st.sampled_from([None, "https://b.ru"]),
    )
    def edit_ready(self, ready: int, text: str | None, uses: int | None, url: str | None) -> None:
        sent = {"text": text, "number_use": uses, "url": url}

        def expected() -> None:
            if ready not in self.ready:
                raise NoError(1606)
            self.ready[ready].update({name: value for name, value in sent.items() if value is not None})

        same(self.double.outcome(lambda: self.client.edit_ready_comment(ready, **sent)), expected)

    @now_and_then
    @rule(ready=known("ready"))
    def delete_ready(self, ready: int) -> None:
        def expected() -> None:
            if self.ready.pop(ready, None) is None:
                raise NoError(1502)

        same(self.double.outcome(lambda: self.client.delete_ready_comment(ready)), expected)
