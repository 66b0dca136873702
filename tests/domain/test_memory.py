"""What is remembered, and how much of it."""

from hypothesis import given
from hypothesis import strategies as st

from apidouble.mockserver.domain.memory import Memory


@given(st.lists(st.integers(0, 20)), st.integers(1, 5))
def test_memory_holds_no_more_than_it_may_and_nothing_wrong(keys: list[int], limit: int) -> None:
    """Whatever it is given: the last thing is there, and all that is there is as it was given."""
    memory: Memory[int, str] = Memory(limit)

    for key in keys:
        memory[key] = str(key)
        assert memory[key] == str(key)
        assert len(memory) <= limit
        assert all(value == str(kept) for kept, value in memory.items())
