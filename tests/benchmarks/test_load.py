"""The bundled generator, which makes the load where there is no wrk."""

import shutil
from urllib.parse import urlsplit

import pytest

from apidouble.mockserver.domain.call import Request
from tests.benchmarks import load
from tests.benchmarks.operations import Call, calls


def test_bundled_generator_needs_no_connection_that_lasts(server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that hangs up after each answer is called over and over; what it refuses does not count."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    port, call = urlsplit(server_url).port or 0, calls()[0]

    found = load.burst(port, call, 3, 0.5)

    assert "bundled" in load.generator()
    assert (found.per_second > 4, found.errors) == (True, 0)
    assert 0 < found.p50_ms <= found.p99_ms
    with pytest.raises(RuntimeError, match="no call of nowhere was answered"):
        load.burst(port, Call("nowhere", Request("GET", "/nowhere"), b""), 1, 0.2)
