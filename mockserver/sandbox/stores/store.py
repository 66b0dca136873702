"""What a store of tenants can do, whatever it keeps them in."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from apidouble.mockserver.sandbox.tenant import Beginning, Entry, Snapshot, Tenant


class StoreError(Exception):
    """The store does not answer, or has not kept what it was told. Nothing of the turn is kept."""


class InDoubtError(StoreError):
    """Nobody knows whether what a turn was to keep is kept: the store was lost between the question and its answer."""


class Turn(Protocol):
    """One transaction. What it reads of a tenant that it has locked is so until its end; it is kept whole or not.

    `now_us` is the store's own clock, in microseconds since the Unix epoch: the only wall clock that worlds know.
    """

    @property
    def now_us(self) -> int:
        """When the turn began to hold what it has locked."""

    def find(self, digests: Collection[bytes]) -> dict[bytes, str]:
        """Return which tenant each credential is of, by its digest; nobody's are left out."""

    def tenants(self) -> list[Tenant]:
        """Return all tenants, the oldest first."""

    def lock(self, ids: Iterable[str]) -> dict[str, Tenant]:
        """Return the tenants of these ids that there are, and let nobody else lock or change them until the end."""

    def beginning(self, tenant: str) -> Beginning:
        """Return how a tenant's world began."""

    def entries(self, tenant: str, after: int, to: int | None = None) -> Iterable[Entry]:
        """Return a tenant's entries with a higher sequence than `after`, to `to` or the last, in their order."""

    def append(self, tenant: str, entries: Sequence[Entry]) -> None:
        """Keep entries that follow the tenant's head, and move its head."""

    def snapshot(self, tenant: str, to: int | None = None) -> Snapshot | None:
        """Return the latest snapshot of a tenant, or the latest that is not after an entry."""

    def keep(self, tenant: str, snapshot: Snapshot) -> None:
        """Keep a snapshot."""

    def forget(self, tenant: str, before: int) -> None:
        """Drop the entries before an entry, which is the tenant's first from now on; a snapshot has what they did."""

    def thin(self, tenant: str, before: int) -> None:
        """Drop the snapshots of what was before an entry."""

    def add(self, tenant: Tenant, beginning: Beginning, digests: Mapping[str, bytes]) -> None:
        """Keep a new tenant with its credentials, by their kinds."""

    def change(self, tenant: str, **values: Any) -> None:
        """Change fields of a tenant."""

    def rotate(self, tenant: str, digests: Mapping[str, bytes]) -> None:
        """Put credentials in the place of those of the same kinds."""

    def copy(self, source: str, target: str, to: int) -> None:
        """Give one tenant the entries and snapshots of another as far as an entry, and that as its head."""

    def delete(self, tenant: str) -> None:
        """Forget a tenant and all that is kept of it."""


class Store(Protocol):
    """Keeps tenants and their entries.

    `is_local` tells that turns are short and need no thread of their own. `is_shared` tells that several processes can
    use it at once. `secret` is what credentials are digested under.
    """

    is_local: bool
    is_shared: bool
    secret: bytes

    def turn(self) -> AbstractContextManager[Turn]:
        """Begin a transaction, and commit it at the end of the `with`; raises StoreError, then nothing is kept."""

    def close(self) -> None:
        """Let go of the store."""
