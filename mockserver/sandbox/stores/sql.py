"""A store in a database: what SQLite and PostgreSQL do alike, by SQLAlchemy Core."""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Row, delete, insert, inspect, literal, select, update
from sqlalchemy.exc import SQLAlchemyError

from apidouble.mockserver.sandbox.keys import SECRET_BYTES
from apidouble.mockserver.sandbox.stores.schema import (
    BEGINNINGS,
    CREDENTIALS,
    ENTRIES,
    SETTINGS,
    SNAPSHOTS,
    STEPS,
    TENANTS,
)
from apidouble.mockserver.sandbox.stores.store import InDoubtError, StoreError
from apidouble.mockserver.sandbox.tenant import Beginning, Entry, Limits, Snapshot, Tenant


class SqlStore:
    """Tenants in a database's tables; a subclass says how its engine is made and what it does in its own way."""

    is_local = is_shared = False

    def __init__(self, engine: Engine, secret: bytes | None = None) -> None:
        self.engine = engine
        try:
            with engine.begin() as connection:
                self._migrate(connection)
                self.secret = secret or self._own_secret(connection)
        except SQLAlchemyError as error:
            raise StoreError(said(error)) from error

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def turn(self) -> Iterator["SqlTurn"]:
        """Begin a transaction."""
        try:
            connection = self.engine.connect()
        except SQLAlchemyError as error:
            raise StoreError(said(error)) from error
        is_whole = False
        try:
            try:
                yield SqlTurn(connection, self)
                is_whole = True
                connection.commit()
            except SQLAlchemyError as error:
                # Only a commit whose outcome was not told is in doubt; what fails before it is rolled back.
                is_lost = is_whole and getattr(error, "connection_invalidated", False)
                raise (InDoubtError if is_lost else StoreError)(said(error)) from error
        finally:
            self._leave(connection)

    def now_us(self, connection: Connection) -> int:
        """Return the present of the store's clock."""
        raise NotImplementedError

    def hold_migrations(self, connection: Connection) -> None:
        """Let one process at a time go on."""

    def _leave(self, connection: Connection) -> None:
        try:
            connection.close()
        except SQLAlchemyError:
            connection.invalidate()

    def _migrate(self, connection: Connection) -> None:
        self.hold_migrations(connection)
        done = 0
        if inspect(connection).has_table(SETTINGS.name):
            written = connection.scalar(select(SETTINGS.c.value).where(SETTINGS.c.name == "schema"))
            done = int(written or 0)
        if done > len(STEPS):
            raise StoreError(
                f"the store is of a newer apidouble: its tables have version {done}, known is {len(STEPS)}"
            )
        for number in range(done, len(STEPS)):
            STEPS[number](connection)
        if done < len(STEPS):
            connection.execute(delete(SETTINGS).where(SETTINGS.c.name == "schema"))
            connection.execute(insert(SETTINGS).values(name="schema", value=str(len(STEPS))))

    def _own_secret(self, connection: Connection) -> bytes:
        written = connection.scalar(select(SETTINGS.c.value).where(SETTINGS.c.name == "secret"))
        if written is None:
            written = secrets.token_hex(SECRET_BYTES)
            connection.execute(insert(SETTINGS).values(name="secret", value=written))
        return bytes.fromhex(written)


class SqlTurn:
    """One transaction of a database."""

    def __init__(self, connection: Connection, store: SqlStore) -> None:
        self._connection, self._store = connection, store
        self._now_us: int | None = None

    @property
    def now_us(self) -> int:
        """When the turn began to hold what it has locked."""
        if self._now_us is None:
            self._now_us = self._store.now_us(self._connection)
        return self._now_us

    def find(self, digests: Collection[bytes]) -> dict[bytes, str]:
        """Return which tenant each credential is of."""
        asked = select(CREDENTIALS.c.digest, CREDENTIALS.c.tenant).where(CREDENTIALS.c.digest.in_(digests))
        return {bytes(row.digest): row.tenant for row in self._connection.execute(asked)}

    def tenants(self) -> list[Tenant]:
        """Return all tenants, the oldest first."""
        asked = select(TENANTS).order_by(TENANTS.c.created_us, TENANTS.c.id)
        return [_tenant(row) for row in self._connection.execute(asked)]

    def lock(self, ids: Iterable[str]) -> dict[str, Tenant]:
        """Return the tenants of these ids that there are; in the order of their ids, so that nobody waits in a ring."""
        asked = select(TENANTS).where(TENANTS.c.id.in_(sorted(ids))).order_by(TENANTS.c.id).with_for_update()
        return {row.id: _tenant(row) for row in self._connection.execute(asked)}

    def beginning(self, tenant: str) -> Beginning:
        """Return how a tenant's world began."""
        asked = select(BEGINNINGS.c.wall_us, BEGINNINGS.c.story).where(BEGINNINGS.c.tenant == tenant)
        return Beginning(*self._connection.execute(asked).one())

    def entries(self, tenant: str, after: int, to: int | None = None) -> Iterator[Entry]:
        """Return a tenant's entries after one, to another."""
        asked = select(ENTRIES).where(ENTRIES.c.tenant == tenant, ENTRIES.c.sequence > after)
        if to is not None:
            asked = asked.where(ENTRIES.c.sequence <= to)
        for _, *values in self._connection.execute(asked.order_by(ENTRIES.c.sequence)):
            yield Entry.read(*values)

    def append(self, tenant: str, entries: Sequence[Entry]) -> None:
        """Keep entries."""
        rows = [
            {
                "tenant": tenant,
                "sequence": entry.sequence,
                "wall_us": entry.wall_us,
                "at_ms": entry.at_ms,
                "operation": entry.operation,
                "data": entry.data(),
            }
            for entry in entries
        ]
        self._connection.execute(insert(ENTRIES), rows)
        moved = update(TENANTS).where(TENANTS.c.id == tenant, TENANTS.c.head == entries[0].sequence - 1)
        if self._connection.execute(moved.values(head=entries[-1].sequence)).rowcount != 1:
            raise StoreError(f"entry {entries[0].sequence} does not follow the tenant's head")

    def snapshot(self, tenant: str, to: int | None = None) -> Snapshot | None:
        """Return the latest snapshot, or the latest that is not after an entry."""
        asked = select(SNAPSHOTS).where(SNAPSHOTS.c.tenant == tenant).order_by(SNAPSHOTS.c.sequence.desc()).limit(1)
        if to is not None:
            asked = asked.where(SNAPSHOTS.c.sequence <= to)
        row = self._connection.execute(asked).first()
        return None if row is None else Snapshot(*tuple(row)[1:])

    def keep(self, tenant: str, snapshot: Snapshot) -> None:
        """Keep a snapshot."""
        same = (SNAPSHOTS.c.tenant == tenant) & (SNAPSHOTS.c.sequence == snapshot.sequence)
        self._connection.execute(delete(SNAPSHOTS).where(same))
        values = {"wall_us": snapshot.wall_us, "apidouble": snapshot.apidouble, "data": snapshot.data}
        self._connection.execute(insert(SNAPSHOTS).values(tenant=tenant, sequence=snapshot.sequence, **values))

    def forget(self, tenant: str, before: int) -> None:
        """Drop the entries before an entry."""
        self._connection.execute(delete(ENTRIES).where(ENTRIES.c.tenant == tenant, ENTRIES.c.sequence < before))
        self.change(tenant, first=before)

    def thin(self, tenant: str, before: int) -> None:
        """Drop the snapshots of what was before an entry."""
        old = (SNAPSHOTS.c.tenant == tenant) & (SNAPSHOTS.c.sequence < before)
        self._connection.execute(delete(SNAPSHOTS).where(old))

    def add(self, tenant: Tenant, beginning: Beginning, digests: Mapping[str, bytes]) -> None:
        """Keep a new tenant."""
        values = {name: getattr(tenant, name) for name in TENANTS.c.keys()}  # noqa: SIM118 (columns, no mapping)
        self._connection.execute(insert(TENANTS).values({**values, "limits": _limits(tenant.limits)}))
        self._connection.execute(insert(BEGINNINGS).values(tenant=tenant.id, **beginning._asdict()))
        self._put(tenant.id, digests)

    def change(self, tenant: str, **values: Any) -> None:
        """Change fields of a tenant."""
        if "limits" in values:
            values["limits"] = _limits(values["limits"])
        self._connection.execute(update(TENANTS).where(TENANTS.c.id == tenant).values(**values))

    def rotate(self, tenant: str, digests: Mapping[str, bytes]) -> None:
        """Put credentials in the place of those of the same kinds."""
        old = (CREDENTIALS.c.tenant == tenant) & CREDENTIALS.c.kind.in_(digests)
        self._connection.execute(delete(CREDENTIALS).where(old))
        self._put(tenant, digests)
        self._connection.execute(update(TENANTS).where(TENANTS.c.id == tenant).values(version=TENANTS.c.version + 1))

    def copy(self, source: str, target: str, to: int) -> None:
        """Give one tenant what another has as far as an entry."""
        for table in (ENTRIES, SNAPSHOTS):
            rest = [column for column in table.c if column is not table.c.tenant]
            taken = select(literal(target), *rest).where(table.c.tenant == source, table.c.sequence <= to)
            self._connection.execute(insert(table).from_select([table.c.tenant, *rest], taken))
        first = select(TENANTS.c.first).where(TENANTS.c.id == source)
        self.change(target, head=to, first=self._connection.scalar(first))

    def delete(self, tenant: str) -> None:
        """Forget a tenant."""
        self._connection.execute(delete(TENANTS).where(TENANTS.c.id == tenant))

    def _put(self, tenant: str, digests: Mapping[str, bytes]) -> None:
        rows = [{"digest": value, "tenant": tenant, "kind": kind} for kind, value in digests.items()]
        self._connection.execute(insert(CREDENTIALS), rows)


def said(error: Exception) -> str:
    """Return in one line what went wrong, without the statement and its values."""
    first, *_ = str(getattr(error, "orig", None) or error).strip().splitlines() or ["no reason given"]
    return first


def _limits(limits: Limits) -> str:
    return orjson.dumps(limits.plain()).decode()


def _tenant(row: Row[Any]) -> Tenant:
    values = {**row._mapping, "limits": Limits.read(orjson.loads(row.limits))}  # noqa: SLF001 (a public name of a row's)
    return Tenant(**values)
