"""A store that forgets all with its process: for tests and for trying the sandbox out."""

import copy
import secrets
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from apidouble.mockserver.sandbox.keys import SECRET_BYTES
from apidouble.mockserver.sandbox.stores.store import StoreError
from apidouble.mockserver.sandbox.tenant import Beginning, Entry, Snapshot, Tenant


@dataclass(slots=True)
class _Kept:
    tenant: Tenant
    beginning: Beginning
    digests: dict[str, bytes]
    entries: list[Entry] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)


class MemoryStore:
    """Tenants in this process's memory; one turn at a time."""

    is_local, is_shared = True, False

    def __init__(self) -> None:
        self.secret = secrets.token_bytes(SECRET_BYTES)
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator["MemoryTurn"]:
        """Begin a transaction."""
        with self._lock:
            turn = MemoryTurn(self._kept)
            yield turn
            turn.commit()

    def close(self) -> None:
        """Forget all."""
        self._kept = {}


class MemoryTurn:
    """What a turn changes is done at its end."""

    def __init__(self, kept: dict[str, _Kept]) -> None:
        self.now_us = time.time_ns() // 1000
        self._kept, self._changed = kept, dict[str, _Kept | None]()
        self._appended: list[tuple[list[Entry], Sequence[Entry]]] = []
        self._forgotten: list[tuple[list[Entry], int]] = []

    def commit(self) -> None:
        """Do what the turn has changed."""
        for entries, more in self._appended:
            entries.extend(more)
        for entries, before in self._forgotten:
            del entries[: bisect_left(entries, before, key=lambda entry: entry.sequence)]
        for name, kept in self._changed.items():
            if kept is None:
                self._kept.pop(name, None)
            else:
                self._kept[name] = kept

    def _of(self, tenant: str) -> _Kept:
        kept = self._changed[tenant] if tenant in self._changed else self._kept.get(tenant)
        if kept is None:
            raise StoreError(f"there is no tenant {tenant}")
        return kept

    def _changing(self, tenant: str) -> _Kept:
        if self._changed.get(tenant) is None:
            kept = copy.copy(self._of(tenant))
            kept.digests = dict(kept.digests)
            self._changed[tenant] = kept
        return self._of(tenant)

    def find(self, digests: Collection[bytes]) -> dict[bytes, str]:
        """Return which tenant each credential is of."""
        return {value: name for name, kept in self._kept.items() for value in kept.digests.values() if value in digests}

    def tenants(self) -> list[Tenant]:
        """Return all tenants, the oldest first."""
        return sorted((kept.tenant for kept in self._kept.values()), key=lambda t: (t.created_us, t.id))

    def lock(self, ids: Iterable[str]) -> dict[str, Tenant]:
        """Return the tenants of these ids that there are."""
        known = {**self._kept, **self._changed}
        return {name: kept.tenant for name in ids if (kept := known.get(name)) is not None}

    def beginning(self, tenant: str) -> Beginning:
        """Return how a tenant's world began."""
        return self._of(tenant).beginning

    def entries(self, tenant: str, after: int, to: int | None = None) -> list[Entry]:
        """Return a tenant's entries after one, to another."""
        entries = self._of(tenant).entries
        start = bisect_right(entries, after, key=lambda entry: entry.sequence)
        end = len(entries) if to is None else bisect_right(entries, to, key=lambda entry: entry.sequence)
        return entries[start:end]

    def append(self, tenant: str, entries: Sequence[Entry]) -> None:
        """Keep entries."""
        kept = self._changing(tenant)
        if entries[0].sequence != kept.tenant.head + 1:
            raise StoreError(f"entry {entries[0].sequence} does not follow {kept.tenant.head}")
        self._appended.append((kept.entries, entries))
        kept.tenant = replace(kept.tenant, head=entries[-1].sequence)

    def snapshot(self, tenant: str, to: int | None = None) -> Snapshot | None:
        """Return the latest snapshot, or the latest that is not after an entry."""
        found = [s for s in self._of(tenant).snapshots if to is None or s.sequence <= to]
        return max(found, key=lambda s: s.sequence, default=None)

    def keep(self, tenant: str, snapshot: Snapshot) -> None:
        """Keep a snapshot."""
        kept = self._changing(tenant)
        kept.snapshots = [*(s for s in kept.snapshots if s.sequence != snapshot.sequence), snapshot]

    def forget(self, tenant: str, before: int) -> None:
        """Drop the entries before an entry."""
        kept = self._changing(tenant)
        self._forgotten.append((kept.entries, before))
        kept.tenant = replace(kept.tenant, first=before)

    def thin(self, tenant: str, before: int) -> None:
        """Drop the snapshots of what was before an entry."""
        kept = self._changing(tenant)
        kept.snapshots = [s for s in kept.snapshots if s.sequence >= before]

    def add(self, tenant: Tenant, beginning: Beginning, digests: Mapping[str, bytes]) -> None:
        """Keep a new tenant."""
        self._changed[tenant.id] = _Kept(tenant, beginning, dict(digests))

    def change(self, tenant: str, **values: Any) -> None:
        """Change fields of a tenant."""
        kept = self._changing(tenant)
        kept.tenant = replace(kept.tenant, **values)

    def rotate(self, tenant: str, digests: Mapping[str, bytes]) -> None:
        """Put credentials in the place of those of the same kinds."""
        kept = self._changing(tenant)
        kept.digests |= digests
        kept.tenant = replace(kept.tenant, version=kept.tenant.version + 1)

    def copy(self, source: str, target: str, to: int) -> None:
        """Give one tenant what another has as far as an entry."""
        kept, first = self._changing(target), self._of(source)
        kept.entries = self.entries(source, 0, to)
        kept.snapshots = [s for s in first.snapshots if s.sequence <= to]
        kept.tenant = replace(kept.tenant, head=to, first=first.tenant.first)

    def delete(self, tenant: str) -> None:
        """Forget a tenant."""
        self._of(tenant)
        self._changed[tenant] = None
