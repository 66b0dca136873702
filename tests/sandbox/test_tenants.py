"""Each partner has a world of its own: what it does, nobody else sees, and nobody's keys reach no world."""

from typing import Any
from urllib.parse import quote

import pytest

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.sandbox.app import App
from apidouble.mockserver.stage.simulator import Simulator
from tests.conftest import FORM
from tests.sandbox.partners import OPERATOR, control, heard, opened, partner, vendor

PROJECT = {"title": "Отзывы", "subjects": 2, "tarif_id": 2, "task": "Напишите отзыв.", "pay": 1}
STRANGE = "0123456789abcdef0123456789abcdef"


def test_a_key_opens_its_own_world(app: App) -> None:
    """Two partners, one address: purchases, time and faults of one are not the other's."""
    acme, zeta = partner(app), partner(app, "Zeta")

    bought = acme.qcomment("newproject", **PROJECT)
    acme.control("POST", "/clock/advance", {"by": "3d"})
    acme.control("POST", "/faults", {"kind": "server_error", "operation": "balance"})

    assert bought["project_id"]
    assert zeta.qcomment("balance") == {"balance": 122.5}
    assert zeta.control("GET", "/clock")[1]["now"] == "2021-11-20T09:00:00Z"
    assert zeta.control("GET", "/faults")[1] == {"faults": []}
    assert [e["operation"] for e in zeta.control("GET", "/journal")[1]["entries"]] == ["balance"]
    assert vendor(app, acme.keys["qcomment"], "balance").status == 502
    assert acme.qcomment("balance") == {"balance": 116.5}


def test_both_vendors_keys_open_one_world(app: App) -> None:
    acme = partner(app)

    acme.qcomment("balance")
    acme.qqtube("funds")

    assert [e["vendor"] for e in acme.control("GET", "/journal")[1]["entries"]] == ["qcomment", "qqtube"]


def test_a_key_that_nobody_has_is_refused_as_the_vendor_refuses_it(app: App) -> None:
    """In nobody's world: no tenant's journal tells of it, and the key of a world's file opens nothing either."""
    acme = partner(app)
    own = Simulator.open().world.accounts["qcomment"].key
    expected = Simulator.open().answer(Request("POST", "/api/balance", "", FORM, f"apicode={STRANGE}".encode()))

    assert vendor(app, STRANGE, "balance") == vendor(app, own, "balance") == expected
    assert vendor(app, acme.keys["qqtube"], "balance").body == expected.body
    assert b'"error_code":101' in heard(app, Request("POST", "/api/balance", "", FORM, b"")).body
    assert acme.control("GET", "/journal")[1] == {"entries": []}


def test_a_token_acts_on_its_tenant_alone(app: App) -> None:
    acme, zeta = partner(app), partner(app, "Zeta")
    zeta.qcomment("balance")

    acme.control("POST", "/reset")

    assert len(zeta.control("GET", "/journal")[1]["entries"]) == 1
    assert control(app, "GET", f"/journal?limit=5&tenant={zeta.id}")[1] == zeta.control("GET", "/journal")[1]
    assert acme.control("GET", f"/journal?tenant={zeta.id}")[0] == 400
    for path in ("/tenants", f"/tenants/{zeta.id}"):
        assert acme.control("GET", path)[0] == 401


@pytest.mark.parametrize("token", ["", "wrong", "apidouble_wrong", f"{OPERATOR}x"])
def test_no_token_opens_nothing(app: App, token: str) -> None:
    acme = partner(app)
    for path in ("/clock", "/state", "/journal", "/capsule", "/coverage", "/tenants", f"/tenants/{acme.id}"):
        assert control(app, "GET", path, token=token)[0] == 401


def test_credentials_are_told_once_and_kept_nowhere(app: App) -> None:
    """Neither what the operator reads nor what is stored of calls holds them; capsules of two partners are alike."""
    acme, zeta = partner(app), partner(app, "Zeta")
    for each in (acme, zeta):
        each.qcomment("balance")
        each.qqtube("funds")

    with app.desk.store.turn() as turn:
        stored = [entry.data() for entry in turn.entries(acme.id, 0)]
    told = str(
        [control(app, "GET", "/tenants"), acme.control("GET", "/capsule"), acme.control("GET", "/journal"), stored]
    )

    assert len(stored) == 2
    for secret in (*acme.keys.values(), acme.token):
        assert secret not in told
    assert acme.control("GET", "/capsule")[1] == zeta.control("GET", "/capsule")[1]


@pytest.mark.parametrize("spelt", ["percent", "spaces", "multipart"])
def test_a_key_is_known_however_it_is_spelt(app: App, spelt: str) -> None:
    """What the decoder would read as the key, is one; and none of it is stored."""
    acme = partner(app)
    key, kind = acme.keys["qcomment"], FORM
    body = f"apicode={key}"
    if spelt == "percent":
        body = "apicode=" + "".join(f"%{ord(c):02X}" for c in key[:9]) + key[9:]
    elif spelt == "spaces":
        body = f"apicode=+{quote(key)}%20"
    else:
        kind = "multipart/form-data; boundary=b"
        body = f'--b\r\nContent-Disposition: form-data; name="apicode"\r\n\r\n{key}\r\n--b--\r\n'

    assert heard(app, Request("POST", "/api/balance", "", kind, body.encode())).body == b'{"balance":122.5}'

    with app.desk.store.turn() as turn:
        (entry,) = turn.entries(acme.id, 0)
    assert entry.request is not None and key[9:].encode() not in entry.request.body


@pytest.mark.parametrize("end", ["frozen", "expired", "deleted"])
def test_who_may_not_call_any_more_is_nobody(app: App, end: str) -> None:
    acme = partner(app)
    acme.qcomment("balance")
    if end == "deleted":
        assert control(app, "DELETE", f"/tenants/{acme.id}")[0] == 200
    else:
        change: dict[str, Any] = {"frozen": True} if end == "frozen" else {"expires": "2020-01-01T00:00:00Z"}
        assert control(app, "PATCH", f"/tenants/{acme.id}", change)[0] == 200

    assert acme.qcomment("balance")["error_code"] == 102
    assert acme.control("GET", "/clock")[0] == 401
    assert control(app, "GET", f"/clock?tenant={acme.id}")[0] == (404 if end == "deleted" else 200)


def test_a_thawed_tenant_goes_on(app: App) -> None:
    acme = partner(app)
    acme.qcomment("newproject", **PROJECT)
    for frozen in (True, False):
        control(app, "PATCH", f"/tenants/{acme.id}", {"frozen": frozen})

    assert acme.qcomment("balance") == {"balance": 116.5}


def test_rotated_keys_are_nobodys(app: App) -> None:
    """The world stays; another process that knew the old keys lets nobody in by them either."""
    other = opened(app.desk.store)
    acme = partner(app)
    acme.qcomment("newproject", **PROJECT)
    assert vendor(other, acme.keys["qcomment"], "balance").body == b'{"balance":116.5}'

    status, told = control(app, "POST", f"/tenants/{acme.id}/rotate", {"kinds": ["qcomment"]})

    assert status == 200 and list(told["keys"]) == ["qcomment"] and "token" not in told
    for each in (app, other):
        assert b'"error_code":102' in vendor(each, acme.keys["qcomment"], "balance").body
        assert vendor(each, told["keys"]["qcomment"], "balance").body == b'{"balance":116.5}'
    assert acme.qqtube("funds") == {"funds": "508.60"}


def test_limits_hold(app: App) -> None:
    """Calls a minute, bodies and steps of the clock beyond them are refused, by what is no vendor's answer."""
    acme = partner(app, limits={"calls_a_minute": 3, "body_bytes": 1000, "clock_step_s": 3600})

    assert acme.control("POST", "/clock/advance", {"by": "2h"})[0] == 400
    assert acme.control("POST", "/clock/advance", {"by": "1h"})[0] == 200
    assert vendor(app, acme.keys["qcomment"], "balance", x="x" * 1000).status == 413
    assert vendor(app, acme.keys["qcomment"], "balance").status == 200
    refused = vendor(app, acme.keys["qcomment"], "balance")
    assert refused.status == 429 and refused.retry_after == "60"
    assert partner(app, "Zeta").qcomment("balance") == {"balance": 122.5}


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"scenario": "../../etc/passwd"}, "scenario: there is no scenario"),
        ({"world": "/etc/passwd"}, "world: there is no world"),
        ({"readings": {"qc.nothing": "x"}}, "readings:"),
        ({"expires": "soon"}, "expires:"),
        ({"limits": {"calls_a_minute": 0}}, "limits.calls_a_minute"),
        ({"from": "abc"}, "There is no tenant abc"),
        ({"at": 3}, "at: there is no tenant to fork"),
        ({"capsule": {"capsule": 99}}, "a capsule of version 99"),
        ({"from": "abc", "scenario": "instant"}, "one beginning"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_tenant_that_makes_no_sense_is_refused(app: App, wanted: dict[str, Any], said: str) -> None:
    """With what is wrong; nothing is made."""
    status, told = control(app, "POST", "/tenants", {"name": "Acme"} | wanted)

    assert status in (400, 404) and said in told["detail"]
    assert control(app, "GET", "/tenants")[1] == {"tenants": []}


def test_nobody_signs_up_unless_it_is_allowed(app: App) -> None:
    assert control(app, "POST", "/signup", {"name": "Acme"}, token="")[0] == 404
