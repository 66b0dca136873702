"""From the account and the catalogue to funds and services."""

from apidouble.mockserver.domain.call import Reply
from apidouble.mockserver.domain.money import USD, major
from apidouble.mockserver.domain.world import Here


def funds(here: Here) -> Reply:
    """Tell what the account can spend (Get Current Funds)."""
    return Reply({"funds": major(here.account.ledger.amount(USD))})


def services(here: Here) -> Reply:
    """List all services (Get Active Services)."""
    return Reply(list(here.rules.catalogs["services"].values()))


def service(here: Here, *, id_service: int) -> Reply:
    """Show one service."""
    # observed: see specs/readings.yaml#qq.extra
    return Reply(here.rules.catalogs["services"][id_service])
