"""Partners of a sandbox, each with its keys and token, and the operator: what they send, and what they are answered."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.sandbox.app import App
from apidouble.mockserver.sandbox.server import create_app
from apidouble.mockserver.sandbox.stores.store import Store
from tests.conftest import FORM

OPERATOR = "operator-of-the-tests"


@dataclass
class Partner:
    """A tenant as its holder sees it, at a sandbox that can be another one than it was made at."""

    app: App
    id: str
    keys: dict[str, str]
    token: str

    def qcomment(self, operation: str, **fields: Any) -> Any:
        """Call QComment, and return what its JSON says."""
        return json.loads(vendor(self.app, self.keys["qcomment"], operation, **fields).body)

    def qqtube(self, action: str, **fields: Any) -> Any:
        """Call QQTube, and return what its JSON says."""
        query = urlencode({"api_key": self.keys["qqtube"], "action": action} | fields)
        return json.loads(heard(self.app, Request("GET", "/v1-api", query)).body)

    def control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Call the control plane."""
        return control(self.app, method, path, body, self.token)


def heard(app: App, request: Request) -> Response:
    """Return the answer to a request."""
    given = app.hear(request)
    return given if isinstance(given, Response) else given.wait()


def vendor(app: App, key: str, operation: str, **fields: Any) -> Response:
    """Call QComment by any key."""
    body = urlencode({"apicode": key} | fields).encode()
    return heard(app, Request("POST", f"/api/{operation}", "", FORM, body))


def control(app: App, method: str, path: str, body: Any = None, token: str = OPERATOR) -> tuple[int, Any]:
    """Call the control plane by any token; "" sends none."""
    path, _, query = f"/_apidouble{path}".partition("?")
    raw = b"" if body is None else json.dumps(body).encode()
    response = heard(app, Request(method, path, query, "application/json", raw, f"Bearer {token}" if token else ""))
    return response.status, json.loads(response.body)


def opened(store: Store, **chosen: Any) -> App:
    """Return a sandbox over a store, as another process would have it."""
    return create_app(store, OPERATOR, **chosen)


def partner(app: App, name: str = "Acme", **wanted: Any) -> Partner:
    """Make a tenant."""
    status, told = control(app, "POST", "/tenants", {"name": name} | wanted)
    assert status == 201, told
    return Partner(app, told["id"], told["keys"], told["token"])
