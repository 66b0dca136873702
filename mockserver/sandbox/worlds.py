"""Which tenants' worlds are in memory: those called last, as they stand after their tenants' last entries."""

import logging
from collections import OrderedDict

from apidouble.mockserver.sandbox.living import Living
from apidouble.mockserver.sandbox.stores.store import Turn
from apidouble.mockserver.sandbox.tenant import Tenant

log = logging.getLogger("apidouble.sandbox")


class Worlds:
    """The worlds in memory, `most` of them; the one that was not called for longest leaves first."""

    def __init__(self, version: str, most: int) -> None:
        self.version, self.most = version, most
        self._living: OrderedDict[str, Living] = OrderedDict()

    def __len__(self) -> int:
        return len(self._living)

    def caught_up(self, turn: Turn, tenant: Tenant) -> Living:
        """Return the world of a tenant that the turn has locked, after its last entry; raises DivergedError."""
        living = self._living.pop(tenant.id, None)
        if living is None or living.head > tenant.head:  # ahead of the store is what was never kept
            living = Living(turn.beginning(tenant.id))
        if living.head < tenant.head:
            strictly = tenant.accepts != self.version
            for entry in turn.entries(tenant.id, living.head):
                living.replay(entry, strictly=strictly)
        self._living[tenant.id] = living
        while len(self._living) > self.most:
            self._living.popitem(last=False)
        return living

    def drop(self, tenant: str) -> None:
        """Let a world go, because it is ahead of the store, or the tenant is no more."""
        self._living.pop(tenant, None)
