"""Whom the customer shuts out and whom he gathers: the blacklist and the teams (sections 12 and 19)."""

from apidouble.mockserver.domain.call import RefusedError, Reply
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.qcomment.market import notice
from apidouble.mockserver.vendors.qcomment.state import Account, Ban, Team


def blacklist(
    here: Here,
    action: str,
    login: list[str] | None = None,
    project_id: int | None = None,
    ID: int | None = None,  # noqa: N803
) -> Reply:
    """Show the blacklist, or put authors on it or take an entry off (section 12)."""
    if action == "get":
        return _banned(here, project_id)
    if action == "set":
        return _ban(here, login or [], project_id)
    return _unban(here, ID)


def _banned(here: Here, project_id: int | None) -> Reply:
    account: Account = here.account
    if project_id is not None and project_id not in account.projects:
        raise RefusedError(1107)
    # assumed: see specs/readings.yaml#qc.blacklist_get
    bans = [b for b in account.bans.values() if project_id is None or b.project_id in (None, project_id)]
    if not bans:
        raise RefusedError(1103)
    types = here.rules.catalogs["ban_types"]
    values = [
        {
            "id": ban.id,
            "login": ban.login,
            "type": types["all" if ban.project_id is None else "project"]["text"].format(project_id=ban.project_id),
            "date": ban.date_ms,
        }
        for ban in bans
    ]
    return Reply(values, "list")


def _ban(here: Here, logins: list[str], project_id: int | None) -> Reply:
    account: Account = here.account
    refusals = {login: _why_not(account, login, project_id) for login in dict.fromkeys(logins)}
    banned = [login for login, refusal in refusals.items() if refusal is None]
    if not banned:
        # assumed: see specs/readings.yaml#qc.several_logins
        raise next(iter(filter(None, refusals.values())), RefusedError(1104))
    if project_id is not None and project_id not in account.projects:
        raise RefusedError(1107)
    for login in banned:
        ban = Ban(account.next_id("ban"), login, project_id, here.now_ms)
        account.bans[ban.id] = ban
    notice.change_authors(here)
    return Reply({"success_logins": len(banned)}, "done")


def _why_not(account: Account, login: str, project_id: int | None) -> RefusedError | None:
    if login == account.login:
        return RefusedError(1105)
    if login not in account.authors:
        return RefusedError(1104)
    if any(ban.login == login and ban.project_id in (None, project_id) for ban in account.bans.values()):
        return RefusedError(1106)
    return None


def _unban(here: Here, ban_id: int | None) -> Reply:
    if ban_id is None:
        raise RefusedError(1101)
    if here.account.bans.pop(ban_id, None) is None:
        raise RefusedError(1103)
    notice.change_authors(here)
    return Reply({"success_logins": 1}, "done")


def team(here: Here, action: str, team_id: int, login: list[str] | None = None) -> Reply:
    """Show a team, or add authors to it or take them out (section 19)."""
    account: Account = here.account
    found: Team | None = account.teams.get(team_id)
    if found is None:
        raise RefusedError(1902)
    if action == "get":
        return Reply([{"id": account.authors[name], "login": name} for name in found.logins], "list")
    if not login:
        raise RefusedError(1903)
    wanted = list(dict.fromkeys(login))
    known = [name for name in wanted if name in (account.authors if action == "set" else found.logins)]
    if not known:
        raise RefusedError(1904)
    if action == "set":
        found.logins += [name for name in known if name not in found.logins]
    else:
        found.logins = [name for name in found.logins if name not in known]
    notice.change_authors(here)
    return Reply({"success_logins": len(known)}, "done")
