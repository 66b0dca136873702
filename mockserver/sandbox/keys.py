"""Turn a tenant's credentials into what is kept of them, and a request by his key into one by his world's own.

A key is drawn from 128 or more random bits, so nobody finds it by trying, and a slow hash would only make every call
slow. It is looked up by HMAC-SHA256 under a secret of the server: an index can be searched by it, how long that takes
says nothing about the key, and a list of digests without the secret cannot even be held against keys that somebody
has already.
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from functools import lru_cache

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.gateway.meaning import Reader
from apidouble.mockserver.sandbox.tenant import TOKEN

TOKEN_PREFIX = "apidouble_"  # noqa: S105 (so that scanners for leaked credentials can know one)
SECRET_BYTES = 32


def new_credentials(own: Mapping[str, str]) -> dict[str, str]:
    """Draw a key for each vendor, in the shape of the world's own key, and a token."""
    keys = {vendor: secrets.token_hex(max(len(key) // 2, 16)) for vendor, key in own.items()}
    return {**keys, TOKEN: TOKEN_PREFIX + secrets.token_urlsafe(24)}


def new_id() -> str:
    """Draw the name that a tenant has in addresses."""
    return secrets.token_hex(6)


def digest(secret: bytes, kind: str, credential: str) -> bytes:
    """Return what is kept of a credential, and found again by it."""
    return hmac.digest(secret, f"{kind}:{credential}".encode("utf-8", "surrogatepass"), "sha256")


def rekeyed(reader: Reader, request: Request, key: str, own: str) -> Request | None:
    """Return the request with the world's own key in the place of the tenant's, however that is spelt.

    So what is stored of a call holds no key, and means the same in a fork. None where that cannot be done.
    """
    written, raw = key.encode(), own.encode()
    plain = request._replace(query=request.query.replace(key, own), body=request.body.replace(written, raw))
    if reader.read(plain).key == own:
        return plain
    spelt = _spellings(key)
    query = spelt.sub(raw, request.query.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")
    odd = request._replace(query=query, body=spelt.sub(raw, request.body))
    return odd if reader.read(odd).key == own else None


@lru_cache(256)
def _spellings(key: str) -> re.Pattern[bytes]:
    """Return what matches a key whose characters are written as themselves, percent-encoded or as JSON's escapes."""
    letters = (rf"(?:{re.escape(c)}|%{ord(c):02x}|\\u00{ord(c):02x})" for c in key)
    return re.compile("".join(letters).encode(), re.IGNORECASE)
