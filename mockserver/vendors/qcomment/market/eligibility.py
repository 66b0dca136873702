"""Turn a project's settings into the authors who may take it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.qcomment import pricing
from apidouble.mockserver.vendors.qcomment.market.population import Author
from apidouble.mockserver.vendors.qcomment.state import Account, Project, Settings


def eligible(here: Here, project: Project, authors: Iterable[Author]) -> Iterator[int]:
    """Yield the places, in the population, of the authors whom nothing in the settings or the blacklist keeps out."""
    account: Account = here.account
    settings = project.settings
    language = settings["language"]
    banned = {ban.login for ban in account.bans.values() if ban.project_id in (None, project.id)}
    team = account.teams.get(settings["team_id"]) if settings.get("team_id") else None
    members = frozenset(team.logins) if team else frozenset() if settings.get("team_id") else None
    only = str(settings["author"]) if settings.get("author") else None
    # assumed: see specs/readings.yaml#qc.globaltype
    networks = _networks(settings) if pricing.group(here, settings).get("social") else None
    verified, mobile = settings.get("user_verification") == 1, settings.get("only_mobile") == 1
    where = settings.get("geotargeting") or {}
    for place, author in enumerate(authors):
        if (
            language in author.languages
            and author.login not in banned
            and (members is None or author.login in members)
            and (only is None or only in (author.login, str(author.id)))
            and (author.verified or not verified)
            and (author.mobile or not mobile)
            and (not where or _lives(author, where))
            and (networks is None or _belongs(author, networks))
        ):
            yield place


def _lives(author: Author, where: Mapping[str, Any]) -> bool:
    """Tell whether an author lives where the project wants; without countries it wants them from anywhere."""
    countries = where.get("countries")
    if countries and author.country not in countries:
        return False
    # section 2: with except_cities, cities need not be given
    if where.get("except_cities"):
        return author.city not in where["except_cities"]
    return not where.get("cities") or author.city in where["cities"]


def _networks(settings: Settings) -> list[tuple[int, Mapping[str, Any]]]:
    return [
        (wanted.get("social", 0), wanted.get("params") or wanted.get("param") or {})
        for wanted in settings.get("social_setting") or []
    ]


def _belongs(author: Author, networks: list[tuple[int, Mapping[str, Any]]]) -> bool:
    """Tell whether an author has one of the accounts wanted; any account will do where none is described."""
    # assumed: see specs/readings.yaml#qc.life_social
    if not networks:
        return bool(author.social)
    return any(network in author.social and _suits(author, network, params) for network, params in networks)


def _suits(author: Author, network: int, params: Mapping[str, Any]) -> bool:
    friends, followers = author.social[network]
    return (
        (params.get("gender") or author.gender) == author.gender
        and friends >= (params.get("count_friends") or 0)
        and followers >= (params.get("count_followers") or 0)
        and (params.get("min_age") or 0) <= author.age <= (params.get("max_age") or author.age)
    )
