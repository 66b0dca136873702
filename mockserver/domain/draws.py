"""Random draws that are keyed, not streamed: the same key gives the same draw, whatever else happens."""

from collections.abc import Callable
from hashlib import blake2b
from struct import Struct

MANY = Struct("<16I")
BELOW = 1 << 32


def draw(seed: int, entity: str, purpose: str, index: int = 0, *, below: int) -> int:
    """Return a whole number from 0 to below - 1 that depends on nothing but its key."""
    key = f"{seed}\x1f{entity}\x1f{purpose}\x1f{index}".encode()
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "big") % below


def drawer(seed: int, entity: str, purpose: str) -> Callable[[int], tuple[int, ...]]:
    """Return what gives, for each index, sixteen independent numbers from 0 to BELOW - 1 out of one digest."""
    keyed = blake2b(f"{seed}\x1f{entity}\x1f{purpose}\x1f".encode(), digest_size=MANY.size)

    def draws(index: int) -> tuple[int, ...]:
        digest = keyed.copy()
        digest.update(b"%d" % index)
        return MANY.unpack(digest.digest())

    return draws


def between(number: int, least: int, most: int) -> int:
    """Return where a drawn number lies between two bounds, both possible."""
    return least + (number * (most - least + 1) >> 32)
