"""Keys of strangers, which may be real ones, into stand-ins: what is kept of a call is answered as the call was.

A world's own keys are play money's, stand in its file, and open it again: they stay. Any other key opens nothing,
whatever it is; so another text of the same length takes its place, the same one wherever it comes again.
"""

import re
from collections.abc import Container, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

from apidouble.mockserver.domain.shown import SHORTEST_KEY, is_key

SENT = re.compile(rb"(?:^|[&?;])(?:apicode|api_?key)=([^&;\s]+)", re.IGNORECASE)
SENT_AS_JSON = re.compile(rb'"(?:apicode|api_?key)"\s*:\s*"([^"]+)"', re.IGNORECASE)


class Veil:
    """Covers the keys that are not among the world's `own`."""

    def __init__(self, own: Container[str]) -> None:
        self._own = own
        self._covers: dict[bytes, bytes] = {}

    def cover(self, raw: bytes, parameters: Mapping[str, Any]) -> bytes:
        """Return a query or a body, which was read as these parameters, without strangers' keys."""
        found = {key for name, value in parameters.items() if is_key(name) for key in _texts(value)}
        written = {
            form.encode("utf-8", "surrogateescape")
            for key in found
            if key.strip() not in self._own
            for form in (key, quote(key, ""), quote_plus(key))
        }
        sent = (*SENT.findall(raw), *SENT_AS_JSON.findall(raw))  # as it was escaped, or not read as parameters at all
        written |= {key for key in sent if unquote_plus(key.decode("latin-1")).strip() not in self._own}
        for key in sorted(written, key=len, reverse=True):
            if len(key) >= SHORTEST_KEY:
                raw = raw.replace(key, self._cover(key))
        return raw

    def _cover(self, key: bytes) -> bytes:
        if key not in self._covers:
            self._covers[key] = b"%d" % (len(self._covers) + 1)
        return self._covers[key].rjust(len(key), b"x")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for below in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(below)
