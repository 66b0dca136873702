"""Turn a WSGI application into a server at a free port of this machine, in a thread of this process."""

import asyncio
import atexit
import socket
import threading
from typing import Self

from apidouble.mockserver.serve.doors.delivery import Application
from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.serve.doors.wire import listen
from apidouble.mockserver.stage.simulator import Simulator


class Server:
    """Serves at `url` from the start, until it is closed or the process ends. Use it in a `with`."""

    def __init__(self, application: Application) -> None:
        at = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{at.getsockname()[1]}"
        self._until, self._loop = asyncio.Event(), asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, args=(application, at), daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def close(self) -> None:
        """Stop, and close the connections that are open."""
        atexit.unregister(self.close)
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._until.set)
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self, application: Application, at: socket.socket) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(listen(application, at, self._until))


def serve_threaded(simulator: Simulator | None = None) -> Server:
    """Serve a simulator, a fresh documented world where none is given, for whatever needs a real address."""
    return Server(create_app(simulator).wsgi_app)
