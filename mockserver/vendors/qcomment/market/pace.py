"""Turn a drawn number into the time until the next author comes: exponential, slower at night."""

from math import log

from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.qcomment.market.limits import DAY_MS, HOUR_MS, offset_ms
from apidouble.mockserver.vendors.qcomment.market.state import Stream

# Quantiles of the exponential distribution with mean 1024.
QUANTILES = tuple(round(-1024 * log(1 - (2 * step + 1) / 2048)) for step in range(1024))
VENDOR = "qcomment"
VIP_BASE = 100


def spend(here: Here, stream: Stream, at_ms: int, number: int) -> int:
    """Return when the next author is through with his work, counted from an instant."""
    gap_ms = stream.mean_ms * QUANTILES[number >> 22] >> 10
    if not gap_ms:
        return at_ms
    arrivals = here.world.life[VENDOR]["arrivals"]
    if stream.project.vip_until_ms > here.world.now_ms:
        gap_ms = gap_ms * VIP_BASE // arrivals["vip_percent"]
    weights: list[int] = arrivals["hours"]
    units, whole = gap_ms * stream.day_weight // 24, HOUR_MS * stream.day_weight
    if units >= whole:
        at_ms += units // whole * DAY_MS
        units %= whole
    zone = here.rules.zone
    while True:
        local_ms = at_ms + offset_ms(zone, at_ms // HOUR_MS)
        weight = weights[local_ms // HOUR_MS % 24]
        left_ms = HOUR_MS - local_ms % HOUR_MS
        if units < left_ms * weight:
            return at_ms + units // weight
        units -= left_ms * weight
        at_ms += left_ms
