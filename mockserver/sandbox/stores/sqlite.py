"""A store in one SQLite file: write-ahead log, and a commit that survives a power cut."""

import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, StaticPool, create_engine, event

from apidouble.mockserver.sandbox.stores.sql import SqlStore

BUSY_S = 5


class SqliteStore(SqlStore):
    """Tenants in a SQLite file. Another process on the same file is waited for, and its entries are seen."""

    is_local = True

    def __init__(self, path: Path, secret: bytes | None = None, *, is_durable: bool = True) -> None:
        """Open the file, or make it. Without `is_durable` a power cut may take the last commits, but break nothing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        arguments = {"check_same_thread": False, "timeout": BUSY_S}
        engine = create_engine(f"sqlite:///{path}", connect_args=arguments, poolclass=StaticPool)

        @event.listens_for(engine, "connect")
        def set_up(connection: Any, _: object) -> None:
            connection.isolation_level = None  # the driver begins no transactions of its own
            for pragma in (
                "journal_mode=WAL",
                f"synchronous={'FULL' if is_durable else 'NORMAL'}",
                "foreign_keys=ON",
            ):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        super().__init__(engine, secret)
        path.chmod(0o600)

    def now_us(self, _: Connection) -> int:
        """Return the present of this machine's clock."""
        return time.time_ns() // 1000
