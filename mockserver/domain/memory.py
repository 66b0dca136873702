"""A memory of what takes time to work out, as long as there is not too much of it, and what it can hold."""

from collections.abc import Hashable
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Memory(dict[Key, Value]):
    """Keeps what it is given; all of it is forgotten when there would be more than `limit`."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def __setitem__(self, key: Key, value: Value) -> None:
        """Keep one thing more."""
        if len(self) >= self.limit:
            self.clear()
        super().__setitem__(key, value)


class Fixed(dict[Key, Value]):
    """A mapping that nobody changes, so that a memory can know it again: by what it is, not by what it holds."""

    __hash__ = object.__hash__  # type: ignore[assignment]
