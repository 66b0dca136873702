"""QQTube v1: a shop for views, likes, shares and the like, delivered to an address."""

from apidouble.mockserver.domain.world import Vendor
from apidouble.mockserver.vendors.qqtube import auth, events, fate, mentions, opening, settling
from apidouble.mockserver.vendors.qqtube.behaviour import BEHAVIOURS
from apidouble.mockserver.vendors.qqtube.state import Account

VENDOR = Vendor(
    name="qqtube",
    key="api_key",
    envelope=("action",),
    first_error_only=False,
    admit=auth.admit,
    unreadable=auth.unreadable,
    unknown_action=auth.unknown_action,
    texts_about=mentions.texts_about,
    behaviours=BEHAVIOURS,
    effects=events.EFFECTS,
    states={},
    timers=events.TIMERS,
    open_account=opening.open_account,
    account=Account,
    revive=opening.revive,
    present=settling.present,
    check_life=fate.check,
)
