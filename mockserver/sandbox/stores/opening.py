"""Turn the address of a store into the store."""

from pathlib import Path

from apidouble.mockserver.sandbox.stores.memory import MemoryStore
from apidouble.mockserver.sandbox.stores.store import Store, StoreError

FORMS = "sqlite:///FILE, postgresql://USER@HOST/DATABASE or memory:"


def open_store(url: str, secret: bytes | None = None, *, is_durable: bool = True) -> Store:
    """Open the store at an address; raises StoreError, which says what is wrong with the address or the store."""
    scheme, colon, rest = url.partition(":")
    if not colon:
        raise StoreError(f"{url!r} is no address of a store: write {FORMS}")
    if scheme == "memory":
        return MemoryStore()
    try:
        if scheme == "sqlite":
            from apidouble.mockserver.sandbox.stores.sqlite import SqliteStore

            if not rest.startswith("///") or len(rest) == len("///"):
                raise StoreError(
                    f"{url!r} names no file: write sqlite:///FILE, with a fourth slash for an absolute path"
                )
            return SqliteStore(Path(rest.removeprefix("///")), secret, is_durable=is_durable)
        if scheme in ("postgresql", "postgres"):
            from apidouble.mockserver.sandbox.stores.postgresql import PostgresqlStore

            return PostgresqlStore(url, secret, is_durable=is_durable)
    except ModuleNotFoundError as error:
        raise StoreError(f"this store needs the package {error.name}: pip install 'apidouble[sandbox]'") from error
    except OSError as error:
        raise StoreError(f"{url}: {error.strerror}") from error
    raise StoreError(f"{scheme} is no store: write {FORMS}")
