"""Turn settings that keep everybody out, or do nothing, into diagnostics; the document refuses none of them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.qcomment.state import Account, Settings


def caution(here: Here, settings: Settings) -> None:
    """Note what is odd about the settings that the call has sent."""
    # assumed: see specs/readings.yaml#qc.strangers
    for name, odd in ODDITIES.items():
        if name in here.sent and settings.get(name):
            for said in odd(here.account, settings, settings[name]):
                here.diagnostics.note(f"{name}: {said}")


def _team(account: Account, _: Settings, team_id: int) -> Iterator[str]:
    team = account.teams.get(team_id)
    if team is None:
        known = ", ".join(map(str, account.teams)) or "none"
        yield f"there is no team {team_id}, so nobody may take the project (teams: {known})"
    elif not team.logins:
        yield f"team {team_id} is empty, so nobody may take the project"


def _author(account: Account, _: Settings, author: Any) -> Iterator[str]:
    if str(author) not in account.authors and str(author) not in map(str, account.authors.values()):
        yield f"there is no author {author}, so nobody may take the project"


def _group_limit(_: Account, settings: Settings, _limit: int) -> Iterator[str]:
    if not settings.get("group_id"):
        yield "the project has no group_id, so this limits nothing"


ODDITIES: Mapping[str, Callable[[Account, Settings, Any], Iterator[str]]] = {
    "team_id": _team,
    "author": _author,
    "limit_author_group": _group_limit,
    "limit_author_group_day": _group_limit,
}
