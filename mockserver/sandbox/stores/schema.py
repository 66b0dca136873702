"""The tables of a store, and the steps that lead from an older version of them to this one.

Each step runs once, in one transaction with the note that it has: a list in order is all that takes, so there is no
tool for it. To change the tables append a step; never change one that was released.
"""

from collections.abc import Callable

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

METADATA = MetaData()

SETTINGS = Table(
    "settings", METADATA, Column("name", String(40), primary_key=True), Column("value", Text, nullable=False)
)

TENANTS = Table(
    "tenants",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger),
    Column("is_frozen", Boolean, nullable=False),
    Column("head", BigInteger, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("accepts", Text, nullable=False),
    Column("limits", Text, nullable=False),
)

# Apart from the tenant's row, which each call reads and writes.
BEGINNINGS = Table(
    "beginnings",
    METADATA,
    Column("tenant", ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True),
    Column("wall_us", BigInteger, nullable=False),
    Column("story", Text, nullable=False),
)

CREDENTIALS = Table(
    "credentials",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("tenant", ForeignKey("tenants.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(40), nullable=False),
)

ENTRIES = Table(
    "entries",
    METADATA,
    Column("tenant", ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("wall_us", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("operation", Text, nullable=False),
    Column("data", Text, nullable=False),
)

SNAPSHOTS = Table(
    "snapshots",
    METADATA,
    Column("tenant", ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("wall_us", BigInteger, nullable=False),
    Column("apidouble", Text, nullable=False),
    Column("data", Text, nullable=False),
)


def _first(connection: Connection) -> None:
    METADATA.create_all(connection)


STEPS: tuple[Callable[[Connection], None], ...] = (_first,)
