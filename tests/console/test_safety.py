"""Who may use the console, and what a page lets in from what others wrote."""

import re
from html.parser import HTMLParser

import pytest
from werkzeug.test import Client, TestResponse

from apidouble.mockserver.console.app import create_console
from apidouble.mockserver.console.guard import TRIES, TRIES_IN_S, Guard
from apidouble.mockserver.console.seats import Alone
from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.stage.simulator import Simulator
from tests.console.worlds import KEY, MARKUP, QQTUBE_KEY, busy, post

CONSOLE = "/_apidouble/console"
TOKEN = "a token of some length"  # noqa: S105 (a test's own)
PAGES = (
    *("", "/calls", *(f"/calls/{n}" for n in range(1, 15)), "/connect", "/faults", "/coverage", "/charts", "/capsule"),
    *(f"/world/{kind}" for kind in ("projects", "works", "claims", "teams", "ready", "submissions")),
    *("/world/projects/2", "/world/works/300000", "/world/works/300001", "/world/submissions/123456"),
)


class _Page(HTMLParser):
    """Collects what an attacker wants of a page: scripts, handlers, addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if (tag == "script" and "src" not in given) or tag in ("style", "iframe", "img", "b", "object", "embed"):
            self.found.append(tag)
        for name, value in attrs:
            is_address = name in ("href", "src", "action", "hx-get")
            if name.startswith("on") or name == "style" or (is_address and not str(value).startswith(("/_", "?", "#"))):
                self.found.append(f"{tag} {name}={value}")


@pytest.fixture(scope="module")
def read_only() -> Client:
    """What opens pages of a world in which much has happened, some of it in markup, for tests that only read."""
    return Client(create_app(busy()).wsgi_app)


@pytest.fixture
def world() -> Simulator:
    """A simulator in a fresh world with a call in its journal."""
    simulator = Simulator.open()
    post(simulator, "balance")
    return simulator


@pytest.fixture
def client(world: Simulator) -> Client:
    """What opens pages of it."""
    return Client(create_app(world).wsgi_app)


def text_of(client: Client, path: str) -> str:
    return client.get(CONSOLE + path).get_data(as_text=True)


def secret(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def send(client: Client, path: str, **fields: str) -> TestResponse:
    """Send a form as its page does."""
    page = client.get(f"{CONSOLE}/sign-in", follow_redirects=True).get_data(as_text=True)
    return client.post(CONSOLE + path, data={"csrf": secret(page), **fields})


@pytest.mark.parametrize("path", PAGES)
def test_markup_in_titles_comments_addresses_and_logins_stays_text(read_only: Client, path: str) -> None:
    """No page has an element, a handler or an address that came from outside."""
    assert _Page(text_of(read_only, path)).found == []


def test_the_markup_is_there_to_be_seen(read_only: Client) -> None:
    """It is shown, as text: the pages above had something to get wrong."""
    project = text_of(read_only, "/world/projects")
    assert "&lt;img src=x onerror=alert(1)&gt;" in project
    assert "{{7*7}}" in project
    assert MARKUP not in project


@pytest.mark.parametrize("path", [*PAGES, "/static/console.js", "/nothing", "/charts.json"])
def test_every_answer_forbids_what_is_not_ours(read_only: Client, path: str) -> None:
    """The policy allows no inline script or style, no other host, no frame around it."""
    with read_only.get(CONSOLE + path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", PAGES)
def test_keys_are_masked_until_they_are_asked_for(read_only: Client, path: str) -> None:
    """Neither this world's keys nor those that a client sent by mistake are on a page."""
    page = text_of(read_only, path)
    for key in (KEY, QQTUBE_KEY, "a-key-of-somebody-else"):
        assert key not in page


def test_keys_are_shown_when_they_are_asked_for(read_only: Client) -> None:
    """Keys are there for who wants them."""
    assert KEY in text_of(read_only, "/connect?keys=shown")
    assert KEY in text_of(read_only, "/calls/1?keys=shown")


def test_a_form_needs_the_secret_of_its_session(client: Client, world: Simulator) -> None:
    """Without it, or with that of another session, nothing happens."""
    before = world.world.now_ms
    other = secret(Client(create_app(world).wsgi_app).get(CONSOLE).get_data(as_text=True))
    for sent in ({}, {"csrf": ""}, {"csrf": other}, {"csrf": "é"}):
        assert client.post(f"{CONSOLE}/do/advanceClock", data={"by": "1d", **sent}).status_code == 400
    assert world.world.now_ms == before
    assert send(client, "/do/advanceClock", by="1d").status_code == 303
    assert world.world.now_ms == before + 86_400_000


def test_a_page_of_another_site_does_nothing(client: Client, world: Simulator) -> None:
    """Even one that knows the secret: its origin tells."""
    known = secret(text_of(client, ""))
    answer = client.post(f"{CONSOLE}/do/reset", data={"csrf": known}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert world.world.journal.entries


def test_another_name_for_this_machine_opens_nothing(client: Client) -> None:
    """A host's name that leads here by a trick (DNS rebinding) is refused where nobody signs in."""
    for host, status in (("evil.example", 421), ("qcomment.ru", 200), ("localhost:8080", 200), ("[::1]:8080", 200)):
        assert client.get(CONSOLE, headers={"Host": host}).status_code == status


def test_nobody_is_sent_elsewhere(client: Client) -> None:
    """Where a form says to go back to is a page of the console, or the first one."""
    for back in (
        "https://evil.example",
        "//evil.example",
        f"{CONSOLE}\\..\\x",
        f"{CONSOLE}evil",
        f"{CONSOLE}//evil.example",
    ):
        assert send(client, "/do/advanceClock", by="1s", back=back).headers["Location"] == CONSOLE
    there = f"{CONSOLE}/world/works?sort=1"
    assert send(client, "/do/advanceClock", by="1s", back=there).headers["Location"] == there


def test_only_what_the_control_plane_does_is_done(client: Client, world: Simulator) -> None:
    """An operation that reads, or that there is not, is no button."""
    assert send(client, "/do/getState").status_code == 404
    assert send(client, "/do/__init__").status_code == 404
    assert send(client, "/do/blockProject", project_id="../../reset").status_code == 303
    assert "project_id:" in text_of(client, "")
    assert world.world.journal.entries, "the world began anew"


class _Clock:
    """Counts seconds when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    """The guard's clock."""
    return _Clock()


@pytest.fixture
def guarded(clock: _Clock) -> Client:
    """What opens pages of a console that asks for a token."""
    guests = Alone(Simulator.open(token=TOKEN))
    return Client(create_console(guests, Guard(guests, clock)).wsgi_app)


def test_without_the_token_there_is_only_the_door(guarded: Client) -> None:
    """Every page leads to the sign-in, and no form does anything."""
    for path in PAGES:
        answer = guarded.get(CONSOLE + path)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{CONSOLE}/sign-in")
    assert send(guarded, "/do/advanceClock", by="1d").headers["Location"] == f"{CONSOLE}/sign-in"
    assert guarded.get(f"{CONSOLE}/capsule.json").status_code == 303


def test_the_token_opens_a_session_that_scripts_cannot_read(guarded: Client) -> None:
    """The cookie is HttpOnly and SameSite=Strict, and holds no token; signing out ends it."""
    answer = send(guarded, "/sign-in", token=TOKEN)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie
    page = text_of(guarded, "")
    assert guarded.get(CONSOLE).status_code == 200
    kept = guarded.get_cookie("apidouble", path=CONSOLE)
    assert kept is not None
    assert guarded.post(f"{CONSOLE}/sign-out", data={"csrf": secret(page)}).status_code == 303
    assert guarded.get(CONSOLE).status_code == 303
    guarded.set_cookie("apidouble", kept.value, path=CONSOLE)
    assert guarded.get(CONSOLE).status_code == 303, "the old cookie still opens"


def test_the_cookie_is_secure_where_the_server_speaks_https(guarded: Client) -> None:
    """Over https the cookie never travels by http."""
    answer = guarded.get(f"{CONSOLE}/sign-in", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_session_ends_by_itself(guarded: Client, clock: _Clock) -> None:
    """Half a day is enough."""
    send(guarded, "/sign-in", token=TOKEN)
    assert guarded.get(CONSOLE).status_code == 200
    clock.now += 12 * 3600 + 1
    assert guarded.get(CONSOLE).status_code == 303


def test_tokens_cannot_be_tried_quickly(guarded: Client, clock: _Clock) -> None:
    """After a few wrong ones even the right one has to wait."""
    for _ in range(TRIES):
        assert send(guarded, "/sign-in", token=TOKEN[:-1]).status_code == 401
    answer = send(guarded, "/sign-in", token=TOKEN)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= TRIES_IN_S + 1
    assert guarded.get(CONSOLE).status_code == 303
    clock.now += TRIES_IN_S + 1
    assert send(guarded, "/sign-in", token=TOKEN).status_code == 303
    assert guarded.get(CONSOLE).status_code == 200
