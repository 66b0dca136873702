"""A store in PostgreSQL, for any number of processes on any number of machines: a tenant's row is its lock."""

from typing import Any

from sqlalchemy import Connection, create_engine, event, make_url, text

from apidouble.mockserver.sandbox.stores.sql import SqlStore

CONNECT_S = 3
LOCK_MS = 3000  # how long a turn waits for a tenant that another process has locked
STATEMENT_MS = 5000
IDLE_MS = 4000  # how long a process may hold a lock without a word, before the database takes it from it
MIGRATIONS = 4_711_018  # the advisory lock of those who bring the tables up to date


class PostgresqlStore(SqlStore):
    """Tenants in a PostgreSQL database. Its clock is the clock of all worlds."""

    is_shared = True

    def __init__(self, url: str, secret: bytes | None = None, *, is_durable: bool = True) -> None:
        """Connect. Without `is_durable` a crash of the database may take the last commits, but break nothing."""
        arguments: dict[str, Any] = {
            "connect_timeout": CONNECT_S,
            "tcp_user_timeout": STATEMENT_MS,
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            "keepalives_count": 2,
            "application_name": "apidouble sandbox",
        }
        engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"), connect_args=arguments, pool_size=2, max_overflow=2,
            pool_timeout=CONNECT_S, isolation_level="READ COMMITTED",
        )  # fmt: skip

        @event.listens_for(engine, "connect")
        def set_up(connection: Any, _: object) -> None:
            settings = {
                "lock_timeout": LOCK_MS,
                "statement_timeout": STATEMENT_MS,
                "idle_in_transaction_session_timeout": IDLE_MS,
                "synchronous_commit": "on" if is_durable else "off",
            }
            with connection.cursor() as cursor:
                for name, value in settings.items():
                    cursor.execute("SELECT set_config(%s, %s, false)", (name, str(value)))
            connection.commit()

        super().__init__(engine, secret)

    def now_us(self, connection: Connection) -> int:
        """Return the present of the database's clock."""
        return int(connection.scalar(text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")) or 0)

    def hold_migrations(self, connection: Connection) -> None:
        """Let one process at a time bring the tables up to date."""
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATIONS})
