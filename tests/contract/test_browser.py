"""A page in a real browser, at another address, tries to drive a server by all that pages can do: nothing happens."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.serve.doors.threaded import serve_threaded
from apidouble.mockserver.spec.source import Source, resolve
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.specs import ROOT

DOCUMENT = Source.read(ROOT / "control" / "openapi.yaml").content
KEY = "5d41402abc4b2a76b9719d911017c592"
EVIL = "evil.example"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {EVIL} 127.0.0.1",
)
PLACES = {
    "vendor": "qcomment",
    "holder": "qcomment",
    "project_id": "2",
    "comment_id": "300000",
    "id_service_submission": "123456",
    "event": "block",
    "fault_id": "1",
}

# What the page does: each way to call each operation; it returns whatever it could read.
ATTACK = """
async ({base, operations, ways}) => {
  const read = [];
  const wait = (start, ends) => new Promise(done => {
    for (const end of ends) start[end] = () => done();
    setTimeout(done, 1000);
  });
  const tries = {
    fetch: async ({method, path, body}) => {
      const get = method === 'GET';
      const told = await fetch(base + path, {
        method, body: get ? undefined : body, headers: get ? {} : {'Content-Type': 'application/json'},
      });
      read.push([told.status, await told.text()]);
    },
    opaque: async ({method, path, body}) => {
      const told = await fetch(base + path, {
        method, mode: 'no-cors', credentials: 'include', body: method === 'GET' ? undefined : body,
        headers: method === 'GET' ? {} : {'Content-Type': 'text/plain'},
      });
      read.push([told.status, await told.text()]);
    },
    beacon: async ({path, body}) => { navigator.sendBeacon(base + path, body); },
    image: async ({path}) => {
      const image = new Image();
      const over = wait(image, ['onload', 'onerror']);
      image.src = base + path;
      await over;
    },
    form: async ({method, path, body}) => {
      for (const enctype of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
        const frame = document.createElement('iframe');
        frame.name = 'f' + Math.random();
        document.body.append(frame);
        const form = document.createElement('form');
        const how = method === 'GET' ? 'GET' : 'POST';
        Object.assign(form, {method: how, action: base + path, enctype, target: frame.name});
        const field = document.createElement('input');
        field.name = body.slice(0, -1) + ',"x":"';
        field.value = '"}';
        if (body.length > 2) form.append(field);
        document.body.append(form);
        const over = wait(frame, ['onload']);
        form.submit();
        await over;
        try { read.push([0, frame.contentDocument.body.textContent]); } catch { /* another origin's */ }
        frame.remove();
      }
    },
  };
  for (const way of ways) {
    await Promise.all(operations.map(one => tries[way](one).catch(() => { /* the browser forbids it */ })));
  }
  return read;
}
"""


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Serve a page that holds nothing."""
        body = b"<!doctype html><title>evil</title><body></body>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Write nothing."""


@pytest.fixture
def page_url() -> Iterator[str]:
    """The address of a page on this machine, by a name of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://{EVIL}:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(program: Callable[[str], str]) -> Iterator[Any]:
    """A page in Chromium."""
    path = program("chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser.new_page()
        browser.close()


def operations() -> list[dict[str, str]]:
    """Return every operation of the control plane with a body that would do something."""
    found = []
    for path, item in DOCUMENT["paths"].items():
        for method in ("get", "put", "post", "delete"):
            if method not in item:
                continue
            body = "{}"
            if "requestBody" in item[method]:
                examples = item[method]["requestBody"]["content"]["application/json"]["examples"]
                body = json.dumps(resolve(DOCUMENT, next(iter(examples.values())))["value"])
            found.append({"method": method.upper(), "path": path.format_map(PLACES), "body": body})
    return found


def test_every_operation_is_tried() -> None:
    """The page knows all of the document, and has a place for each parameter."""
    named = [item[method] for item in DOCUMENT["paths"].values() for method in item if method != "parameters"]
    assert len(operations()) == len(named)


def test_a_page_at_another_address_does_and_reads_nothing(page: Any, page_url: str) -> None:
    """By fetch, form, beacon and image, to the address and to localhost, and under the page's own name (rebinding)."""
    simulator = Simulator.open()
    world = simulator.world
    untouched = simulator.answer(Request("GET", "/_apidouble/state")).body
    with serve_threaded(simulator) as server:
        port = server.url.rpartition(":")[2]
        page.goto(page_url)
        ways = ["fetch", "opaque", "beacon", "image", "form"]
        told = {"operations": operations(), "ways": ways}
        read = [
            *page.evaluate(ATTACK, {**told, "base": server.url}),
            *page.evaluate(ATTACK, {**told, "base": f"http://localhost:{port}", "ways": ["opaque"]}),
        ]
        page.goto(f"http://{EVIL}:{port}/")
        rebound = page.evaluate(ATTACK, {**told, "base": "", "ways": ["fetch", "form"]})

    assert all(text == "" for _, text in read), "a page of another origin read an answer"
    assert rebound, "the rebound page got no answer at all, so it tried nothing"
    assert {status for status, _ in rebound} <= {0, 403}
    assert all(KEY not in text and "2021" not in text for _, text in rebound), "a rebound page read the world"
    assert simulator.world is world, "a page reset the world"
    assert not world.journal.entries
    assert simulator.answer(Request("GET", "/_apidouble/state")).body == untouched
    assert not world.faults.rules
