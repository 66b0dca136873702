"""An answer of the control plane that is written already."""

from typing import NamedTuple


class Page(NamedTuple):
    """The body and its type."""

    body: bytes
    content_type: str
