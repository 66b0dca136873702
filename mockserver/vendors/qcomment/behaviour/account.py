"""Money in the account, and VIP (sections 9 and 20)."""

from apidouble.mockserver.domain.call import FailedError, RefusedError, Reply
from apidouble.mockserver.domain.money import NotEnoughMoneyError, major, minor
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.qcomment.events import DAY_MS
from apidouble.mockserver.vendors.qcomment.market import notice
from apidouble.mockserver.vendors.qcomment.pricing import CURRENCIES
from apidouble.mockserver.vendors.qcomment.state import Account


def balance(here: Here, currency: str) -> Reply:
    """Tell what the customer can spend in a currency (section 9)."""
    return Reply({"balance": major(here.account.ledger.amount(currency))})


def vipproject(here: Here, project_id: int, tarif_type: int, currency: int) -> Reply:
    """Put a project above the others for some days (section 20)."""
    account: Account = here.account
    project = account.projects.get(project_id)
    if project is None:
        raise FailedError("project_not_found")
    if project.vip_until_ms > here.now_ms:
        raise RefusedError(2001)
    term, paid_in = here.rules.catalogs["vip"][tarif_type], CURRENCIES[currency]
    try:
        account.ledger.move(paid_in, minor(term[paid_in]), "balance", "spent")
    except NotEnoughMoneyError:
        raise FailedError("not_enough_funds") from None
    project.vip_until_ms = here.now_ms + term["days"] * DAY_MS
    notice.change(here, project)
    return Reply({})
