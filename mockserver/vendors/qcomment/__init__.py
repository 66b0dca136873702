"""QComment 1.5: a marketplace where customers buy comments for their pages."""

from apidouble.mockserver.domain.world import Vendor
from apidouble.mockserver.vendors.qcomment import auth, events, mentions, opening, states
from apidouble.mockserver.vendors.qcomment.behaviour import BEHAVIOURS
from apidouble.mockserver.vendors.qcomment.market import timers as market
from apidouble.mockserver.vendors.qcomment.market.state import Market
from apidouble.mockserver.vendors.qcomment.state import Account

VENDOR = Vendor(
    name="qcomment",
    key="apicode",
    envelope=("result",),
    first_error_only=True,
    admit=auth.admit,
    unreadable=auth.unreadable,
    unknown_action=auth.unknown_action,
    texts_about=mentions.texts_about,
    behaviours=BEHAVIOURS,
    effects=events.EFFECTS,
    states=states.STATES,
    timers={**events.TIMERS, **market.TIMERS},
    open_account=opening.open_account,
    account=Account,
    memory=Market,
    revive=opening.revive,
)
