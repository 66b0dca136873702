"""Answers of the control plane beside plain values: those that are written already, and those that take long to."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from apidouble.mockserver.domain.call import Response


class Page(NamedTuple):
    """The body and its type."""

    body: bytes
    content_type: str


class Unwritten(NamedTuple):
    """An answer that takes long to write. `pieces` does so from what nothing changes any more, in whatever thread."""

    content_type: str
    pieces: Callable[[], Iterator[bytes]]

    def written(self) -> Response:
        """Return the answer as a whole."""
        return Response(200, self.content_type, b"".join(self.pieces()))
