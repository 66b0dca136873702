"""The console in a real browser: a developer's journey, with a mouse and by keyboard, and what every page must be."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from apidouble.mockserver.stage.simulator import Simulator
from tests.console.worlds import KEY, busy
from tests.ways import served

CONSOLE = "/_apidouble/console"
AXE = (Path(__file__).parent / "axe" / "axe-4.14.1.min.js").read_text("utf-8")
SHOTS = Path("build/screenshots")
PAGES = (
    "",
    "calls",
    "calls/1",
    "calls?outcome=nothing",
    "connect?keys=shown",
    *(f"world/{kind}" for kind in ("projects", "works", "claims", "teams", "ready", "submissions")),
    "world/projects/2",
    "world/works/300000",
    "world/submissions/123456",
    "world/teams/1022",
    "faults",
    "coverage",
    "charts",
    "capsule",
    "nothing",
)
Open = Callable[..., Any]


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Open]:
    """What opens a page of a fresh browser at an address; anything that goes wrong in it fails the test."""
    contexts, wrong = [], []

    def enter(url: str, *, language: str = "en", scheme: str = "light", width: int = 1280) -> Any:
        context = chromium.new_context(
            locale=language, color_scheme=scheme, viewport={"width": width, "height": 900}, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        page.on(
            "request", lambda sent: wrong.append(sent.url) if not sent.url.startswith((url[:16], "data:")) else None
        )
        page.goto(url)
        return page

    yield enter
    for context in contexts:
        context.close()
    assert not wrong


@pytest.fixture
def server(simulator: Simulator) -> Iterator[str]:
    """The address of a server around the simulator."""
    with served(simulator) as url:
        yield url


def fits(page: Any) -> None:
    """See that nothing makes a page wider than the window."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@pytest.mark.parametrize("width", [1280, 390])
def test_a_developers_journey(open_page: Open, server: str, width: int) -> None:
    """A call appears by itself; three days pass and a work pays itself; a fault strikes; a capsule tells it again."""
    page = open_page(server, width=width)
    assert page.url == server + CONSOLE
    page.get_by_text("No call has come yet", exact=False).first.wait_for()
    fits(page)

    requests.post(f"{server}/api/payproject", data={"apicode": KEY, "project": "2", "pay": "1"}, timeout=30)
    page.get_by_text("did you mean project_id?").first.wait_for()
    assert KEY not in page.content()

    page.goto(f"{server}{CONSOLE}/world/projects/2")
    page.get_by_role("button", name="Submit a work").click()
    page.get_by_role("link", name="Work 300001").click()
    assert page.get_by_role("heading", name="comment: 0 on_review").is_visible()
    page.goto(server + CONSOLE)
    page.get_by_text("A work pays itself: 300001").wait_for()
    page.get_by_role("button", name="+3 days").click()
    page.goto(f"{server}{CONSOLE}/world/works/300001")
    assert page.get_by_role("heading", name="comment: 1 paid").is_visible()
    fits(page)

    page.get_by_role("link", name="Faults and readings").click()
    page.get_by_label("Operation").select_option("balance")
    page.get_by_role("button", name="Plant", exact=True).click()
    page.get_by_text("Done.").wait_for()
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{server}/api/balance", data={"apicode": KEY}, timeout=30)
    page.get_by_role("link", name="Calls", exact=True).click()
    page.get_by_text("reset after").first.wait_for()

    page.get_by_role("link", name="Capsule", exact=True).click()
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download").click()
    page.get_by_label("Capsule, up to 2 MB").set_input_files(loading.value.path())
    page.get_by_role("button", name="Open").click()
    page.get_by_text("Every call is answered as before, byte for byte.").wait_for()
    page.get_by_role("link", name="Forward").click()
    assert page.get_by_role("heading", name="payproject").is_visible()
    page.get_by_role("link", name="Last").click()
    assert page.get_by_role("heading", name="balance").first.is_visible()
    fits(page)


def test_the_journey_by_keyboard_alone(open_page: Open, server: str) -> None:
    """Tab, Enter and letters are enough: time passes, a call is found, opened and sent again."""
    page = open_page(server + CONSOLE, width=390)
    press = page.keyboard.press

    def reach(role: str, name: str) -> None:
        for _ in range(120):
            press("Tab")
            wanted = page.get_by_role(role, name=name).first
            if wanted.evaluate("element => element === document.activeElement"):
                return
        pytest.fail(f"{role} {name} is not reached by Tab")

    press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reach("button", "+1 day")
    press("Enter")
    page.get_by_text("2021-11-21 09:00:00").first.wait_for()
    requests.post(f"{server}/api/payproject", data={"apicode": KEY, "project_id": "99", "pay": "1"}, timeout=30)
    reach("link", "Calls")
    press("Enter")
    page.wait_for_url("**/calls")
    press("/")
    page.keyboard.type("payproject")
    press("Enter")
    page.wait_for_url("**text=payproject**")
    reach("link", "Call 2")
    press("Enter")
    page.wait_for_url("**/calls/2")
    reach("button", "Send again")
    press("Enter")
    page.wait_for_url("**/calls/3")
    press("ArrowLeft")
    page.wait_for_url("**/calls/2")


def test_news_disturbs_nobody(open_page: Open, server: str) -> None:
    """Whoever types or has the focus on something keeps both while calls come in."""
    page = open_page(f"{server}{CONSOLE}/calls")
    page.get_by_label("Text").fill("half a wo")
    requests.post(f"{server}/api/balance", data={"apicode": KEY}, timeout=30)
    link = page.get_by_role("link", name="Call 1")
    link.wait_for()
    assert page.get_by_label("Text").input_value() == "half a wo"
    link.focus()
    requests.post(f"{server}/api/balance", data={"apicode": KEY}, timeout=30)
    page.get_by_role("link", name="Call 2").wait_for()
    assert link.evaluate("element => element === document.activeElement")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_is_accessible_and_fits(open_page: Open, language: str) -> None:
    """axe finds nothing, light or dark, and no page is wider than a phone; each has its picture taken."""
    simulator = busy()
    with served(simulator) as url:
        page = open_page(url + CONSOLE, language=language)
        SHOTS.mkdir(parents=True, exist_ok=True)
        found = []
        for path in PAGES:
            name = path.replace("/", "-").replace("?", "-") or "overview"
            page.emulate_media(color_scheme="light")
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(f"{url}{CONSOLE}/{path}".rstrip("/"))
            assert page.locator("html").get_attribute("lang") == language
            page.evaluate(AXE)
            found += violations(page, path, "{resultTypes: ['violations']}")
            page.screenshot(path=SHOTS / f"{name}-{language}-light-1280.png")
            page.emulate_media(color_scheme="dark")
            page.set_viewport_size({"width": 390, "height": 844})
            fits(page)
            found += violations(page, path, "{runOnly: ['color-contrast'], resultTypes: ['violations']}")
            page.screenshot(path=SHOTS / f"{name}-{language}-dark-390.png")
    assert not found, json.dumps(found, indent=1)


def violations(page: Any, path: str, options: str) -> list[tuple[str, str, list[str]]]:
    """Return what axe finds on a page: where, which rule, and the first elements."""
    told = page.evaluate(f"axe.run({options})")
    return [(path, each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in told["violations"]]
