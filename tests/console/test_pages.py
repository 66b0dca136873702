"""What the pages tell: the calls as they were, copies that work, tables in order, a story stepped through."""

import io
import re
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from apidouble.mockserver.console.views.copies import curl
from apidouble.mockserver.console.views.masks import DOTS, Mask
from apidouble.mockserver.console.views.soon import EVENTS
from apidouble.mockserver.console.views.tables import PER_PAGE, TABLES, part
from apidouble.mockserver.console.views.travel import Journey
from apidouble.mockserver.console.words import speaker
from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.domain.world import World
from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.spec.source import Source
from apidouble.mockserver.stage.capsule import Capsule
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.stage.stage import VENDORS
from apidouble.mockserver.vendors.qcomment.state import Comment
from tests.console.worlds import FORM, KEY, busy, control, post
from tests.ways import served

CONSOLE = "/_apidouble/console"
ROOT = Path(sys.modules["apidouble.mockserver.console"].__file__ or "").parent
SAID = re.compile(r"""\bt\((?:"([^"]+)"|'([^']+)')""")
TOLD = re.compile(r'\bsay\(\s*"([^"]+)"')
Program = Callable[[str], str]


@pytest.fixture
def client(simulator: Simulator) -> Client:
    """What opens pages of a fresh world."""
    return Client(create_app(simulator).wsgi_app)


def text_of(client: Client, path: str) -> str:
    return client.get(CONSOLE + path).get_data(as_text=True)


def test_everything_is_said_in_russian_too() -> None:
    """No English text of a page, of a table or of a timer lacks its Russian, and the Russian keeps its places."""
    russian = Source.read(ROOT / "ru.yaml").content
    said = {one or other for page in ROOT.rglob("*.html") for one, other in SAID.findall(page.read_text("utf-8"))}
    said |= {one for module in ROOT.rglob("*.py") for one in TOLD.findall(module.read_text("utf-8"))}
    said |= {column.heading for table in TABLES.values() for column in table.columns}
    said |= {text for table in TABLES.values() for text in (table.heading, table.empty)}
    said |= {text for text, _ in EVENTS.values()}
    assert said - russian.keys() == set()
    places = re.compile(r"{(\w+)}")
    assert [each for each, told in russian.items() if set(places.findall(each)) != set(places.findall(told))] == []


def test_every_timer_has_words() -> None:
    """Whatever falls due is said in words."""
    timers = {(vendor.name, event) for vendor in VENDORS for event in vendor.timers}
    assert timers - EVENTS.keys() == {("qcomment", "auto_pay")}


def test_the_console_is_not_loaded_before_it_is_opened() -> None:
    """A server that has answered a vendor's call and one of the control plane knows nothing of the console."""
    script = (
        "import sys\n"
        "from werkzeug.test import Client\n"
        "from apidouble.mockserver.serve.doors.flask_door import create_app\n"
        "client = Client(create_app().wsgi_app)\n"
        "client.post('/api/balance'), client.get('/_apidouble/clock')\n"
        "assert not [name for name in sys.modules if 'mockserver.console' in name]\n"
        f"assert client.get('{CONSOLE}').status_code == 200\n"
        "assert 'apidouble.mockserver.console.app' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_nothing_is_sent_where_nothing_has_happened(client: Client, simulator: Simulator) -> None:
    """A page that asks for news gets none, until there is a call, or time has passed."""
    for path in ("", "/calls", "/world/works", "/faults"):
        again = re.search(r"since=([0-9a-f]+)", text_of(client, path))
        assert again is not None
        ask = f"{CONSOLE}{path}?since={again[1]}"
        assert client.get(ask, headers={"HX-Request": "true"}).status_code == 204
        assert client.get(ask).status_code == 200, "somebody who loads the page anew sees it"
        post(simulator, "balance")
        assert client.get(ask, headers={"HX-Request": "true"}).status_code == 200


def test_calls_are_narrowed_by_all_that_is_asked() -> None:
    """Vendor, operation, outcome and text each leave what fits."""
    client = Client(create_app(busy()).wsgi_app)

    def numbers(query: str) -> list[int]:
        return [int(n) for n in re.findall(r'id="call-(\d+)"', text_of(client, f"/calls?{query}"))]

    assert numbers("")[0] > numbers("")[-1] == 1
    assert numbers("outcome=301") == [1]
    assert 1 in numbers("outcome=refused&operation=payproject")
    assert numbers("vendor=qqtube&operation=payproject") == []
    assert numbers("text=DID+YOU+MEAN+PROJECT_ID") == [1]
    assert numbers("text=" + KEY) == [], "keys cannot be found out by looking for them"
    assert numbers("outcome=fault") != []
    assert numbers("page=99") == []


names = st.sampled_from(["apicode", "title", "a[0][b]", "x y"])
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)


@given(st.lists(st.tuples(names, texts), max_size=5), st.sampled_from(["secret-key-1", "k'e\"y $(x)", KEY]))
def test_no_key_passes_the_mask_however_it_is_written(pairs: list[tuple[str, str]], key: str) -> None:
    """In a form the key is hidden, percent-encoded too, and the rest is there as before."""
    simulator = Simulator.open()
    encoded = "".join(f"%{byte:02x}" for byte in key.encode())
    body = f"apicode={encoded}&title=kept"
    simulator.answer(Request("POST", "/api/balance", "", FORM, body.encode()))
    mask = Mask(simulator.world, simulator.world.journal.entries[-1])
    assert mask.form(f"api%63ode={encoded}&title=kept") == f"api%63ode={DOTS}&title=kept"
    assert mask.tree({"apicode": key, "list": [{"title": f"my {key}"}]}) == {
        "apicode": DOTS,
        "list": [{"title": f"my {DOTS}"}],
    }
    part_of_form = f'--x\r\nContent-Disposition: form-data; name="apicode"\r\n\r\n{key}\r\n--x--'
    assert key not in mask.text(part_of_form)
    assert key not in mask.text(f'{{"api_key" : {orjson.dumps(key).decode()}}}')
    rest = "&".join(
        f"{name}={text}" for name, text in pairs if name != "apicode" and "&" not in text and "=" not in text
    )
    assert mask.form(rest).count("&") == rest.count("&")


@pytest.mark.parametrize("shown", [True, False])
def test_the_curl_line_makes_the_same_call(simulator: Simulator, program: Program, shown: bool) -> None:
    """Whatever is in it, a shell and curl send what was sent; the key comes from the environment unless it is shown."""
    bodies = (
        f"apicode={KEY}&title=it%27s+%22%24HOME%22+%60x%60&a%5B0%5D=%D0%9E",
        f'apicode={KEY}&title=it\'s $HOME `id` "q" \\ !&x=@/etc/passwd',
    )
    path = program("curl")
    with served(simulator) as url:
        for body in bodies:
            simulator.answer(Request("POST", "/api/newproject", "", FORM, body.encode()))
            entry = simulator.world.journal.entries[-1]
            line = curl(entry, simulator.world, url, shown=shown)
            assert (KEY in line) == shown
            environment = {"QCOMMENT_APICODE": KEY, "PATH": str(Path(path).parent), "HOME": "/nowhere"}
            subprocess.run(
                ["/bin/sh", "-c", f"{line} -s --noproxy '*'"], env=environment, check=True, capture_output=True
            )
            again = simulator.world.journal.entries[-1]
            assert again.sequence == entry.sequence + 1
            assert again.request[:5] == entry.request[:5]


def test_the_tests_it_writes_pass(pytester: pytest.Pytester) -> None:
    """For a call that stands alone, one that needs what came before, one of the control plane, and one with a fault."""
    simulator = busy()
    client = Client(create_app(simulator).wsgi_app)
    count = simulator.world.journal.sequence
    for number in range(1, count + 1):
        found = re.search(r'<pre id="pytest"[^>]*>(.*?)</pre>', text_of(client, f"/calls/{number}"), re.S)
        assert found is not None
        pytester.path.joinpath(f"test_call_{number}.py").write_text(unescape(found[1]), "utf-8")
    assert simulator.world.journal.sequence == count, "looking has made calls"
    # A foreign key is masked in what is copied, so that test is no longer the call.
    result = pytester.runpytest("-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-W", "ignore")
    result.assert_outcomes(passed=count)


def test_a_call_is_sent_again_as_it_was(client: Client, simulator: Simulator) -> None:
    """The new call is the old one with a number of its own."""
    post(simulator, "payproject", project_id="99", pay="1")
    csrf = re.search(r'name="csrf" value="(\w+)"', text_of(client, "/calls/1"))
    assert csrf is not None
    answer = client.post(f"{CONSOLE}/calls/1/again", data={"csrf": csrf[1]})
    first, second = simulator.world.journal.entries
    assert answer.headers["Location"] == f"{CONSOLE}/calls/2"
    assert second.request == first.request


@given(
    st.integers(1, 5),
    st.integers(0, 7),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 4), st.text(max_size=3)), max_size=150),
)
def test_a_table_is_the_whole_of_its_rows_in_order(
    page: int, order: int, descending: bool, rows: list[tuple[int, str]]
) -> None:
    """All pages together hold each row once; a page is a slice of the sorted rows."""
    world, table = _world(rows), TABLES["works"]
    pages = part(world, table, 1, order, descending=descending).pages
    shown = [row for n in range(1, pages + 1) for row, _ in part(world, table, n, order, descending=descending).rows]
    assert sorted(number for _, number in shown) == sorted(world.accounts["qcomment"].comments)
    value = table.columns[order].value
    values = [value(world, world.accounts["qcomment"].comments[number]) for _, number in shown]
    assert values == sorted(values, reverse=descending)
    asked = part(world, table, page, order, descending=descending)
    assert len(asked.rows) == min(PER_PAGE, max(len(rows) - (asked.page - 1) * PER_PAGE, 0))


def _world(rows: list[tuple[int, str]]) -> World:
    world = Simulator.open().world
    works = {n: Comment(n, 2, author, None, status) for n, (status, author) in enumerate(rows)}
    world.accounts["qcomment"].comments = works
    return world


def test_a_hundred_thousand_rows_are_a_page_of_fifty(client: Client, simulator: Simulator) -> None:
    """The page says how many there are and shows its share."""
    works = simulator.world.accounts["qcomment"].comments
    works.update({n: Comment(n, 2, f"author{n % 977}", None) for n in range(400_000, 500_000)})
    page = text_of(client, "/world/works?sort=2&order=up&page=2000")
    assert page.count("<tr>") == PER_PAGE + 1
    assert "Page 2000 of 2001" in page


def test_only_what_the_state_allows_is_a_button(client: Client, simulator: Simulator) -> None:
    """Every button of a work does what it says; there is one for each event, and only for those."""
    machine = simulator.world.rules["qcomment"].machines["comment"]
    page = text_of(client, "/world/works/300000")
    offered = set(re.findall(r'name="event" value="([a-z_]+)"', page))
    assert offered == {event.name for event in machine.events.values() if 0 in event.moves}
    csrf = re.search(r'name="csrf" value="(\w+)"', page)
    assert csrf is not None
    sent = {"csrf": csrf[1], "comment_id": "300000", "event": "reject"}
    assert client.post(f"{CONSOLE}/do/fireCommentEvent", data=sent).status_code == 303
    assert simulator.world.accounts["qcomment"].comments[300000].status == 2
    assert simulator.world.journal.entries[-1].operation == "fireCommentEvent"


def test_a_capsule_is_stepped_through_and_tells_where_it_differs(client: Client, simulator: Simulator) -> None:
    """One answer was changed: that call is named, its lines are shown, and the world of this server stays as it is."""
    for count in ("1", "2"):
        post(simulator, "payproject", project_id="2", pay=count)
    control(simulator, "POST", "/clock/advance", b'{"by": "1d"}')
    document = orjson.loads(client.get(f"{CONSOLE}/capsule.json").data)
    told = document["calls"][1]["answer"]
    told["body"] = told["body"].replace("{", '{"strange":1,', 1)
    csrf = re.search(r'name="csrf" value="(\w+)"', text_of(client, "/capsule"))
    assert csrf is not None
    sent = {"csrf": csrf[1], "file": (io.BytesIO(orjson.dumps(document)), "run.json")}
    answer = client.post(f"{CONSOLE}/capsule/open", data=sent)
    assert answer.headers["Location"] == f"{CONSOLE}/capsule/2"
    page = text_of(client, "/capsule/2")
    assert "- &#34;strange&#34;: 1" in page or "strange" in page
    assert "Step 2 of 3" in page
    assert simulator.world.journal.sequence == 3
    sent = {"csrf": csrf[1], "file": (io.BytesIO(b"{]"), "run.json")}
    refused = client.post(f"{CONSOLE}/capsule/open", data=sent, follow_redirects=True).get_data(as_text=True)
    assert "not JSON" in refused


def test_steps_may_be_taken_in_any_order() -> None:
    """After so many calls the world is the same, from wherever one came."""
    simulator = busy()
    journey = Journey(Capsule.of(simulator), "x")
    journey.check()
    assert journey.differing == {}
    count = len(journey.capsule.calls)
    onward = [(journey.at(n).after, journey.at(n).counts) for n in range(count + 1)]
    for n in (count, 0, 3, 2, count - 1, 3):
        step = journey.at(n)
        assert (step.after, step.counts) == onward[n]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_language_is_the_browsers_or_the_chosen_one(client: Client, language: str) -> None:
    """Accept-Language decides until somebody chooses."""
    heading = speaker(language)("Overview")
    page = client.get(CONSOLE, headers={"Accept-Language": f"{language}-XX,fr;q=0.5"}).get_data(as_text=True)
    assert f"<h1>{heading}</h1>" in page
    assert f'<html lang="{language}">' in page
    csrf = re.search(r'name="csrf" value="(\w+)"', page)
    other = {"en": "ru", "ru": "en"}[language]
    assert csrf is not None
    client.post(f"{CONSOLE}/language", data={"csrf": csrf[1], "language": other})
    page = client.get(CONSOLE, headers={"Accept-Language": language}).get_data(as_text=True)
    assert f'<html lang="{other}">' in page
