"""Turn a WSGI application into a server at a free port of this machine, in a thread of this process."""

import atexit
import threading
from collections.abc import Callable, Iterable
from typing import Any, Self

from werkzeug.serving import WSGIRequestHandler, make_server

from apidouble.mockserver.doors.flask_door import create_app
from apidouble.mockserver.simulator import Simulator

POLL_S = 0.01

Wsgi = Callable[..., Iterable[bytes]]


class Server:
    """Serves at `url` from the start, until it is closed or the process ends. Use it in a `with`."""

    def __init__(self, application: Wsgi) -> None:
        self._server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL_S,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.port}"
        self._thread.start()
        atexit.register(self.close)

    def close(self) -> None:
        """Stop; connections that are open end with their answer."""
        atexit.unregister(self.close)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve_threaded(simulator: Simulator | None = None) -> Server:
    """Serve a simulator, a fresh documented world where none is given, for whatever needs a real address."""
    return Server(create_app(simulator).wsgi_app)


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.0"  # a connection for each call, so that one that is dropped ends at once

    def log(self, *_: Any) -> None:
        """Write nothing."""
