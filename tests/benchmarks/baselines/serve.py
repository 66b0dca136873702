"""Serve a module's WSGI `app` by apidouble's own server: `python -m tests.benchmarks.baselines.serve MODULE PORT`."""

import asyncio
import socket
import sys
from importlib import import_module

from apidouble.mockserver.serve.doors.wire import listen

if __name__ == "__main__":
    module, port = sys.argv[1:]
    application = import_module(module).app
    asyncio.run(listen(application, socket.create_server(("127.0.0.1", int(port))), asyncio.Event()))
