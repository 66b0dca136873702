"""What of the marketplace's life is carried out when a timer falls due."""

from collections.abc import Callable, Mapping

from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.qcomment.market import arrivals, work

TIMERS: Mapping[str, Callable[[Here, int], None]] = {
    "wake": arrivals.wake_due,
    "take": arrivals.take_due,
    "submit": arrivals.submit_due,
    "check": work.check_due,
    "look": work.look_due,
    "vanish": work.vanish_due,
    "rework": work.rework_due,
    "publish": work.publish_due,
    "review": work.review_due,
    "verdict": work.verdict_due,
    "block": work.block_due,
}
