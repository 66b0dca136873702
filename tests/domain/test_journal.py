"""A journal keeps the newest entries, within its bounds."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.domain.journal import Entry, Journal
from apidouble.mockserver.stage.simulator import Simulator

FORM = "application/x-www-form-urlencoded"
SIZES = st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))


@given(st.lists(SIZES, min_size=1, max_size=20), st.integers(1, 10), st.integers(0, 1000))
def test_journal_keeps_as_many_of_the_newest_as_fit(
    sizes: list[tuple[int, int, int]], limit: int, limit_bytes: int
) -> None:
    """Neither more entries nor more bytes than allowed, and no entry less than that; the latest in any case."""
    journal = Journal(limit=limit, limit_bytes=limit_bytes)
    seen: list[int] = []
    journal.observers.append(lambda entry: seen.append(entry.sequence))

    for query, body, answer in sizes:
        request = Request("POST", "/api/balance", "q" * query, body=b"b" * body)
        response = Response(200, "", b"a" * answer)
        journal.write(Entry(journal.sequence + 1, 0, "qcomment", "balance", request, {}, response, ()))
        kept = list(journal.entries)
        fitting = [
            count
            for count in range(1, min(limit, len(seen)) + 1)
            if count == 1 or sum(map(sum, sizes[len(seen) - count : len(seen)])) <= limit_bytes
        ]
        assert [entry.sequence for entry in kept] == seen[-max(fitting) :]

    assert seen == list(range(1, len(sizes) + 1))


def test_memory_of_a_journal_is_that_of_what_it_keeps(simulator: Simulator) -> None:
    """An entry takes no more than a few times the bytes of its request and its answer."""
    request = Request("POST", "/api/project", "", FORM, b"apicode=5d41402abc4b2a76b9719d911017c592&project_id=2")
    simulator.answer(request)
    tracemalloc.start()
    try:
        for _ in range(100):
            simulator.answer(request)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 100 * 5 * simulator.world.journal.entries[-1].size_bytes
