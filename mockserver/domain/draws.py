"""Random draws that are keyed, not streamed: the same key gives the same draw, whatever else happens."""

from hashlib import blake2b
from struct import unpack


def draw(seed: int, entity: str, purpose: str, index: int = 0, *, below: int) -> int:
    """Return a whole number from 0 to below - 1 that depends on nothing but its key."""
    key = f"{seed}\x1f{entity}\x1f{purpose}\x1f{index}".encode()
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "big") % below


def draws(seed: int, entity: str, purpose: str, index: int = 0) -> tuple[int, ...]:
    """Return eight numbers below 2 ** 64 that depend on nothing but their key, from one digest."""
    key = f"{seed}\x1f{entity}\x1f{purpose}\x1f{index}".encode()
    return unpack(">8Q", blake2b(key).digest())
