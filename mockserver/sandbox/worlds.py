"""Which tenants' worlds are in memory: those called last, as they stand after their tenants' last entries."""

import logging
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from apidouble.mockserver.sandbox.living import REMEMBERED, DivergedError, Living
from apidouble.mockserver.sandbox.stores.store import Turn
from apidouble.mockserver.sandbox.tenant import Tenant
from apidouble.mockserver.stage.snapshot import SnapshotError

SNAPSHOT_EVERY = 500  # entries; so many at most are told again to wake a world

CALLS = logging.getLogger("apidouble.calls")
log = logging.getLogger("apidouble.sandbox")


class Worlds:
    """The worlds in memory, `most` of them; the one that was not called for longest leaves first."""

    def __init__(self, version: str, most: int, snapshot_every: int = SNAPSHOT_EVERY) -> None:
        self.version, self.most, self._snapshot_every = version, most, snapshot_every
        self._living: OrderedDict[str, Living] = OrderedDict()

    def __len__(self) -> int:
        return len(self._living)

    def caught_up(self, turn: Turn, tenant: Tenant, *, remembers_all: bool = False) -> Living:
        """Return the world of a tenant that the turn has locked, after its last entry; raises DivergedError.

        With `remembers_all` its journal in memory reaches as far back as one can, whenever the world was woken.
        """
        living = self._living.pop(tenant.id, None)
        if living is None or living.head > tenant.head:  # ahead of the store is what was never kept
            living = self._woken(turn, tenant, tenant.head)
        self._catch_up(turn, tenant, living)
        if remembers_all and not living.remembers_all:
            living = self._woken(turn, tenant, max(tenant.head - REMEMBERED, 0))
            self._catch_up(turn, tenant, living)
        self._living[tenant.id] = living
        while len(self._living) > self.most:
            self._living.popitem(last=False)
        return living

    def keep(self, turn: Turn, tenant: Tenant, living: Living) -> None:
        """Keep a snapshot of a world from time to time, and forget the entries that a tenant may not have so many of.

        Its last entries are kept whole as far as its journal in memory would show them.
        """
        if living.head - living.snapshot_at < self._snapshot_every:
            return
        turn.keep(tenant.id, living.snapshot(self.version))
        most = tenant.limits.journal
        oldest = turn.snapshot(tenant.id, max(living.head - max(most or 0, REMEMBERED), 0))
        if oldest is not None:
            turn.thin(tenant.id, oldest.sequence)
            if most is not None and oldest.sequence >= tenant.first:
                turn.forget(tenant.id, oldest.sequence + 1)

    def drop(self, tenant: str) -> None:
        """Let a world go, because it is ahead of the store, or the tenant is no more."""
        self._living.pop(tenant, None)

    def _woken(self, turn: Turn, tenant: Tenant, to: int) -> Living:
        """Return a world as it stood at its latest snapshot that is not after an entry, or at its beginning."""
        beginning, kept = turn.beginning(tenant.id), turn.snapshot(tenant.id, to)
        if kept is None and tenant.first > 1:
            kept = turn.snapshot(tenant.id, tenant.first - 1)
        if kept is None:
            return Living(beginning)
        try:
            return Living.of(beginning, kept)
        except SnapshotError as error:
            if tenant.first > 1:
                raise DivergedError(
                    f"Its entries before {tenant.first} are forgotten, and left was {error}."
                ) from error
            log.warning("tenant    %s: %s", tenant.id, error)
            return Living(beginning)

    def _catch_up(self, turn: Turn, tenant: Tenant, living: Living) -> None:
        if living.head < tenant.head:
            strictly = tenant.accepts != self.version
            with _silence():
                for entry in turn.entries(tenant.id, living.head):
                    living.replay(entry, strictly=strictly)


@contextmanager
def _silence() -> Iterator[None]:
    """Log no calls meanwhile: those that are told again were logged when they came."""
    CALLS.disabled = True
    try:
        yield
    finally:
        CALLS.disabled = False
