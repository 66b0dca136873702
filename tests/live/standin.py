"""A stand-in for a live service: our simulator behind real sockets and TLS, which deviates on purpose."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import trustme
from werkzeug.serving import WSGIRequestHandler, make_server

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.stage.simulator import Simulator

Change = Callable[[Response], Response]


@dataclass(frozen=True)
class Deviation:
    """A change of the answers of one operation in one format, and the finding that it must give."""

    operation: str
    format: str
    change: Change = field(compare=False)
    kind: str
    path: str
    reply: str = "ok"

    @property
    def finding(self) -> tuple[str, str, str, str]:
        """What drift is to say."""
        return self.operation, self.format, self.kind, self.path


class StandIn(Simulator):
    """A simulator that deviates; `seen` holds what reached it."""

    deviations: Sequence[Deviation] = ()
    busy: list[Response]
    before: Callable[[Request], object] = staticmethod(lambda _: None)
    seen: list[Request]

    @classmethod
    def like(cls, *deviations: Deviation, **options: Any) -> "StandIn":
        """Open a stand-in in a world that has something to read of everything."""
        made = cls.open(**options)
        assert isinstance(made, StandIn)
        made.deviations, made.busy, made.seen = deviations, [], []
        return made

    def answer(self, request: Request) -> Response:
        """Answer as the simulator does, and then otherwise."""
        response = super().answer(request)
        if request.path not in self.gateway.routes:
            return response
        self.seen.append(request)
        self.before(request)
        if self.busy:
            return self.busy.pop()
        entry = self.world.journal.entries[-1]
        for deviation in self.deviations:
            if (deviation.operation, deviation.format) == (entry.operation, entry.format) and (
                deviation.reply in (entry.kind, "any") or (deviation.reply == "ok" and entry.outcome == "ok")
            ):
                response = deviation.change(response)
        return response


def of_json(change: Callable[[Any], Any]) -> Change:
    """Change the values of a JSON answer."""

    def changed(response: Response) -> Response:
        return response._replace(body=json.dumps(change(json.loads(response.body)), ensure_ascii=False).encode())

    return changed


def of_xml(change: Callable[[ET.Element], None]) -> Change:
    """Change the elements of an XML answer."""

    def changed(response: Response) -> Response:
        root = ET.fromstring(response.body)
        change(root)
        return response._replace(body=ET.tostring(root, "utf-8"))

    return changed


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        """Write nothing."""


@contextmanager
def served_with_tls(simulator: Simulator, folder: Path) -> Iterator[tuple[str, str]]:
    """Serve on a port of loopback with TLS; yield the address and the file of the authority that vouches for it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    cafile = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(cafile))
    server = make_server(
        "127.0.0.1", 0, create_app(simulator), threaded=True, request_handler=_Quiet, ssl_context=context
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.port}", str(cafile)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
