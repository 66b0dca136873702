"""The same tests run over every store: in memory, in a SQLite file, in PostgreSQL where there is one."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from apidouble.mockserver.sandbox.app import App
from apidouble.mockserver.sandbox.stores.memory import MemoryStore
from apidouble.mockserver.sandbox.stores.opening import open_store
from apidouble.mockserver.sandbox.stores.store import Store
from tests.sandbox.partners import opened

DATABASE = os.environ.get("APIDOUBLE_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/test")
Reopen = Callable[[], Store]


@pytest.fixture(scope="session")
def _database() -> str:
    """The address of a PostgreSQL database, or a skip with its reason."""
    try:
        engine = create_engine(
            make_url(DATABASE).set(drivername="postgresql+psycopg"), connect_args={"connect_timeout": 2}
        )
        engine.connect().close()
        engine.dispose()
    except OperationalError as error:
        if "postgresql" in os.environ.get("APIDOUBLE_REQUIRE", "").split(","):
            pytest.fail(f"APIDOUBLE_REQUIRE names postgresql: {error}")
        pytest.skip(f"no PostgreSQL at {DATABASE}; APIDOUBLE_TEST_POSTGRESQL can name one")
    return DATABASE


@pytest.fixture
def postgresql_url(_database: str) -> Iterator[str]:
    """The address of a schema of the test's own."""
    engine = create_engine(make_url(_database).set(drivername="postgresql+psycopg"))
    schema = f"test_{secrets.token_hex(8)}"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield f"{_database}?options={quote(f'-csearch_path={schema}')}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reopen]:
    """What opens the test's store, as often as it is called; in memory it is the same one."""
    if request.param == "memory":
        store = MemoryStore()
        yield lambda: store
        return
    url = f"sqlite:///{tmp_path}/store.sqlite"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    with ExitStack() as stack:

        def open_anew() -> Store:
            store = open_store(url)
            stack.callback(store.close)
            return store

        yield open_anew


@pytest.fixture
def store(reopen: Reopen) -> Store:
    """A store."""
    return reopen()


@pytest.fixture
def app(store: Store) -> App:
    """A sandbox without tenants."""
    return opened(store)
