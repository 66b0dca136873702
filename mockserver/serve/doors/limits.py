"""What the connections of a server may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How many seconds each part of a request or answer may take, and how many connections there may be.

    `idle_s` runs between requests, `head_s` and `body_s` from the first byte to the last, `write_s` from when an
    answer is not taken at once until it is.
    """

    head_s: float = 30
    body_s: float = 60
    idle_s: float = 75
    write_s: float = 60
    connections: int = 4096

    @property
    def shortest_s(self) -> float:
        """The shortest time that any part may take."""
        return min(self.head_s, self.body_s, self.idle_s, self.write_s)


DEFAULT = Limits()
