"""Worlds to look at: with calls of all kinds, long texts, and what an attacker would write."""

from urllib.parse import urlencode

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.simulator import Simulator

KEY = "5d41402abc4b2a76b9719d911017c592"
QQTUBE_KEY = "172a1c261d1d84916d9e7321153d0416acab98fc"
FORM = "application/x-www-form-urlencoded"
MARKUP = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>{{7*7}}"
LONG = "Отзывы о товарах интернет-магазина " * 12 + "слово" * 60


def post(simulator: Simulator, operation: str, /, **parameters: str) -> bytes:
    """Call an operation of QComment and return its answer."""
    body = urlencode({"apicode": KEY, **parameters}).encode()
    return simulator.answer(Request("POST", f"/api/{operation}", "", FORM, body)).body


def control(simulator: Simulator, method: str, path: str, body: bytes = b"") -> bytes:
    """Call the control plane and return its answer."""
    return simulator.answer(Request(method, f"/_apidouble{path}", "", "application/json", body)).body


def busy() -> Simulator:
    """Return a simulator in whose world much has happened, and of which much is to be shown."""
    simulator = Simulator.open()
    post(simulator, "payproject", project="2", pay="1")
    post(
        simulator, "newproject", title=LONG, subjects="2", tarif_id="2", task=MARKUP, pay="3", url="javascript:alert(3)"
    )
    post(simulator, "newproject", title=MARKUP, subjects="2", tarif_id="2", task="x")
    control(simulator, "POST", "/qcomment/projects/2/comments", b'{"message": "<b>bold</b>"}')
    control(simulator, "POST", "/faults", b'{"kind": "latency", "delay_ms": 1, "operation": "balance"}')
    control(simulator, "POST", "/faults", b'{"kind": "reset", "operation": "claim", "times": null}')
    post(simulator, "balance")
    post(simulator, "balance", apicode="a-key-of-somebody-else")
    add = {"api_key": QQTUBE_KEY, "action": "add", "id_service": "3", "url": "https://example.com/?a=" + "x" * 300}
    simulator.answer(Request("POST", "/v1-api", "", FORM, urlencode(add).encode()))
    control(simulator, "POST", "/clock/advance", b'{"by": "3d"}')
    post(simulator, "revision", comment_id="300000", operation="0")
    post(simulator, "comments", project_id="2")
    return simulator
