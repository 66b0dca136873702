"""Capsules: any story replays byte for byte, anywhere; a change is named; what is no capsule is refused in a line."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from apidouble.mockserver.commands.main import main
from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.capsule import Capsule, CapsuleError
from apidouble.mockserver.stage.pacer import Pace
from apidouble.mockserver.stage.recording import ForgottenError, dump
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.specs import ROOT
from tests.conftest import FORM
from tests.ways import served

APICODE, API_KEY = "5d41402abc4b2a76b9719d911017c592", "172a1c261d1d84916d9e7321153d0416acab98fc"
VIDEO = "https://www.youtube.com/watch?v=jofNR_WkoCE"
SESAME = "open-sesame"
Fields = dict[str, Any]
Step = Callable[["Teller"], None]


class Teller:
    """Lets a story happen to a simulator whose wall clock is ours."""

    def __init__(self, **chosen: Any) -> None:
        self.wall_s = 0.0
        self.simulator = Simulator.open(monotonic=lambda: self.wall_s, **chosen)

    def send(self, method: str, path: str, query: str = "", kind: str = "", body: bytes = b"") -> bytes:
        return self.simulator.answer(Request(method, path, query, kind, body, f"Bearer {SESAME}")).body

    def qcomment(self, operation: str, /, **fields: Any) -> bytes:
        return self.send("POST", f"/api/{operation}", "", FORM, urlencode({"apicode": APICODE} | fields).encode())

    def qqtube(self, method: str, action: str, /, **fields: Any) -> bytes:
        written = urlencode({"api_key": API_KEY, "action": action} | fields)
        return self.send(method, "/v1-api", *((written,) if method == "GET" else ("", FORM, written.encode())))

    def faulty(self, fault: str) -> bytes:
        body = urlencode({"apicode": APICODE, "project_id": 2, "pay": 1}).encode()
        return self.simulator.answer(Request("POST", "/api/payproject", "", FORM, body, fault=fault)).body

    def control(self, method: str, path: str, body: Any = None) -> bytes:
        return self.send(method, f"/_apidouble{path}", body=b"" if body is None else json.dumps(body).encode())

    def wait(self, seconds: float) -> None:
        self.wall_s += seconds


def some(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def fields(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[Fields]:
    return st.fixed_dictionaries({}, optional=values | {"result": some("xml", "json")})


def qcomment(operation: str, always: Fields, /, **values: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return fields(**values).map(lambda sent: lambda t: t.qcomment(operation, **always | sent))


def qqtube(method: str, action: str, always: Fields, /, **values: st.SearchStrategy[Any]) -> Any:
    return fields(**values).map(lambda sent: lambda t: t.qqtube(method, action, **always | sent))


def control(method: str, path: str, body: Any = None) -> st.SearchStrategy[Step]:
    return st.just(lambda t: t.control(method, path, body))


PROJECT = {"title": "Отзывы", "subjects": 2, "tarif_id": 2, "task": "Напишите отзыв.", "pay": 20}
ORDER = {"id_service": 3, "url": VIDEO, "quantity": 1000}
PROJECTS, WORKS = some(2, 4, 8911, 8912, 777), some(300000, 300001, 300002, 300005, 55555, 1)
VENDORS = st.one_of(
    qcomment("balance", {}),
    qcomment("newproject", PROJECT, limit_hour=some(1, 3), premoderation=some(1), pay=some(0, 5, "x", 10**6)),
    qcomment("payproject", {"pay": 2}, project_id=PROJECTS),
    qcomment("project", {}, project_id=PROJECTS),
    qcomment("projectedit", {"status": 1}, project_id=PROJECTS, screenshot=some(0, 1), status=some(1, 2)),
    qcomment("requests", {}, project_id=PROJECTS, status=some("all", 0, 1)),
    qcomment("requestsinfo", {}, requests=WORKS),
    qcomment("revision", {"operation": 0}, comment_id=WORKS, operation=some(0, 1, 2), reason=some("плохо")),
    qcomment("claim", {"reason": "Автор удалил комментарий"}, id=WORKS),
    qcomment("returnmoney", {}, project_id=PROJECTS),
    qqtube("POST", "add", ORDER, quantity=some(500, 5000, -1), url=some("x")),
    qqtube("GET", "stats", {}, id_service_submission=some(123456, 123457, 123458, 1)),
    qqtube("GET", "funds", {}),
    qqtube("POST", "nonsense", {}),
    st.binary(max_size=20).map(lambda raw: lambda t: t.send("POST", "/api/balance", "", FORM, b"apicode=\xff&" + raw)),
    some("api_key=%ff", "\udcff=\udcfe", "a=b").map(lambda query: lambda t: t.send("GET", "/v1-api", query)),
    st.just(lambda t: t.send("DELETE", "/v1-api")),
)
BEHIND_THEIR_BACKS = st.one_of(
    st.integers(0, 40 * 86400).map(lambda s: lambda t: t.control("POST", "/clock/advance", {"by": s})),
    some("1h", "P1D", "backwards").map(lambda by: lambda t: t.control("POST", "/clock/advance", {"by": by})),
    control("PUT", "/clock", {"now": "2021-12-01T00:00:00.123+03:00", "mode": "frozen"}),
    some(0.5, 3600, 90000.25).map(lambda r: lambda t: t.control("PUT", "/clock", {"mode": "running", "rate": r})),
    some("1s", "1h", "9d").map(lambda s: lambda t: t.control("PUT", "/clock", {"mode": "polling", "step": s})),
    st.floats(0, 50).map(lambda seconds: lambda t: t.wait(seconds)),
    some("qcomment", "qqtube").map(lambda v: lambda t: t.control("POST", f"/{v}/account/deposit", {"amount": "999"})),
    some("block", "unblock").map(lambda verb: lambda t: t.control("POST", f"/qcomment/account/{verb}")),
    st.booleans().map(lambda on: lambda t: t.control("PUT", "/qqtube/maintenance", {"on": on})),
    some(2, 4, 8911).map(lambda number: lambda t: t.control("POST", f"/qcomment/projects/{number}/comments")),
    some("reject", "pay").map(lambda e: lambda t: t.control("POST", f"/qcomment/comments/300000/events/{e}")),
    some(1, 5, 25).map(lambda s: lambda t: t.control("PUT", "/qqtube/submissions/123457/status", {"status": s})),
    some("reset", "latency; delay_ms=5", "html; when=before", "throttle", "nonsense").map(
        lambda f: lambda t: t.faulty(f)
    ),
    st.fixed_dictionaries(
        {"kind": some("reset", "truncated", "latency", "html", "maintenance", "unknown_status")},
        optional={"probability": some(0.5), "times": some(1, 3, None), "vendor": some("qqtube")},
    ).map(lambda rule: lambda t: t.control("POST", "/faults", rule)),
    control("DELETE", "/faults"),
    control("GET", "/state"),
    control("POST", "/coverage/reset"),
    control("DELETE", "/nowhere"),
)
STORIES = st.lists(st.one_of(VENDORS, VENDORS, BEHIND_THEIR_BACKS), max_size=25)
PACES = some(Pace(), Pace("running", 3600.0), Pace("polling", step_ms=90_000))


@given(
    story=STORIES,
    before=st.lists(VENDORS, max_size=2),
    scenario=some("documented", "instant", "realistic", "hostile"),
    pace=PACES,
    message_key=some("message", "messages"),
)
@settings(max_examples=50 if settings.get_current_profile_name() == "quick" else 1000)
def test_any_story_is_replayed_byte_for_byte(
    story: list[Step], before: list[Step], scenario: str, pace: Pace, message_key: str
) -> None:
    """The calls of a story that was saved have the same answers again, and leave the same world behind."""
    teller = Teller(scenario=scenario, clock=pace, readings={"qq.message_key": message_key}, token=SESAME)
    for step in before:
        step(teller)
    teller.control("POST", "/reset")
    for step in story:
        step(teller)

    text = dump(Capsule.of(teller.simulator).document)
    replay = Capsule.parse(text).replay()

    assert replay.first_difference is None, str(replay.first_difference)
    told = teller.simulator.world
    assert replay.calls == sum(entry.operation != "resetCoverage" for entry in told.journal.entries)
    if told.now_ms > replay.simulator.world.now_ms:
        replay.simulator.world.advance(told.now_ms)
    state = Request("GET", "/_apidouble/state", authorization=f"Bearer {SESAME}")
    assert replay.simulator.answer_now(state) == teller.simulator.answer_now(state)
    assert SESAME.encode() not in text


def test_what_is_due_at_once_happens_when_it_did() -> None:
    """What a control call set in motion waits for the end of the next call, in the replay too."""
    teller = Teller(scenario="instant")
    teller.qcomment("balance")
    teller.control("POST", "/qcomment/comments/300001/events/approve")
    assert teller.qcomment("requestsinfo", requests=300001) != teller.qcomment("requestsinfo", requests=300001)

    assert Capsule.of(teller.simulator).replay().first_difference is None


def test_clock_is_that_of_the_beginning() -> None:
    """A capsule says how time passed at the start, whatever a call has made of it since."""
    teller = Teller(clock=Pace("polling", step_ms=90_000))
    teller.control("PUT", "/clock", {"mode": "frozen"})

    capsule = Capsule.of(teller.simulator)

    assert capsule.document["clock"] == {"mode": "polling", "rate": 1, "step_ms": 90_000}
    assert capsule.replay().first_difference is None


@pytest.fixture(scope="module")
def story() -> Capsule:
    """A month of a marketplace in which all goes wrong that can, looked at now and then."""
    teller = Teller(scenario="hostile", clock=Pace("polling", step_ms=1_234))
    for vendor in ("qcomment", "qqtube"):
        teller.control("POST", f"/{vendor}/account/deposit", {"amount": "5000"})
    teller.qcomment("newproject", **PROJECT | {"language": "en"})
    teller.qqtube("POST", "add", id_service=3, url=VIDEO, quantity=5000)
    for _ in range(10):
        teller.control("POST", "/clock/advance", {"by": "3d"})
        teller.qcomment("requests", project_id=8911, result="xml")
        teller.qcomment("projects")
        teller.qqtube("GET", "stats", id_service_submission=123457)
    return Capsule.of(teller.simulator)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["capsule", *map(str, arguments)])


def changed(story: Capsule, **parts: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(dump(story.document))
    return document | parts


def written(path: Path, document: Any) -> Path:
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return path


@pytest.mark.parametrize(("zone", "hashes"), [("Pacific/Kiritimati", "0"), ("America/St_Johns", "4242")])
def test_replay_is_the_same_in_another_process(story: Capsule, tmp_path: Path, zone: str, hashes: str) -> None:
    """Neither the time zone nor the order of sets changes a byte."""
    story.write(tmp_path / "story.json")
    command = [str(Path(sys.executable).with_name("apidouble")), "capsule", "replay", str(tmp_path / "story.json")]
    elsewhere = os.environ | {"TZ": zone, "PYTHONHASHSEED": hashes, "LC_ALL": "C", "PYTHONUTF8": "0"}

    ended = subprocess.run(command, capture_output=True, env=elsewhere, check=False, timeout=60, text=True)

    assert (ended.returncode, ended.stdout, ended.stderr) == (
        0,
        f"{len(story.calls)} calls, each answered as before, byte for byte\n",
        "",
    )


def test_first_answer_that_differs_is_named(story: Capsule, tmp_path: Path) -> None:
    """Number, operation, time and what is different are told, and the command fails."""
    document = changed(story)
    call = next(c for c in document["calls"] if c["operation"] == "qqtube.stats")
    assert '"wanted_count":"5000"' in call["answer"]["body"]
    call["answer"]["body"] = call["answer"]["body"].replace('"wanted_count":"5000"', '"wanted_count":"5001"')
    document["calls"][-1]["answer"]["status"] = 500

    ended = run("replay", written(tmp_path / "story.json", document))

    assert ended.exit_code == 1
    assert f"Call {call['number']}, qqtube.stats at {call['at']}, is answered differently:" in ended.output
    assert '-  "wanted_count": "5001",' in ended.output
    assert '+  "wanted_count": "5000",' in ended.output
    assert "500" not in ended.output.replace("5001", "").replace("5000", "")


def test_difference_in_how_the_same_is_written_is_shown(story: Capsule) -> None:
    """Bytes count: a blank between them is a difference too, and so are status and content type."""
    document = changed(story)
    answer = document["calls"][0]["answer"]
    answer["body"] = answer["body"].replace(",", ", ", 1)
    assert "from byte " in str(Capsule(document).replay().first_difference)

    others = (("status", 502, "- status 502\n+ status 200"), ("content_type", "x/y", "- content type x/y\n+ content"))
    for name, other, said in others:
        document = changed(story)
        document["calls"][0]["answer"][name] = other
        assert said in str(Capsule(document).replay().first_difference)


def test_answer_that_a_fault_kept_back_counts_too() -> None:
    """An answer that nobody got is held against its replay as well; and so is how an answer was sent."""
    teller = Teller()
    teller.faulty("reset")
    teller.faulty("truncated; bytes=5; delay_ms=7")
    capsule = Capsule.of(teller.simulator)
    first, second = changed(capsule)["calls"]
    assert (first["request"]["fault"], first["answer"]["delivery"]["ending"]) == ("reset", "reset")
    assert second["answer"]["delivery"] == {"delay_ms": 7, "ending": "truncated", "bytes": 5}
    assert b"money" in first["kept"]["body"].encode()

    first["kept"]["body"] = first["kept"]["body"].replace("money", "honey")
    said = str(Capsule(changed(capsule, calls=[first, second])).replay().first_difference)
    assert '"honey"' in said and '"money"' in said and said.startswith("Call 1, qcomment.payproject")
    del first["kept"]
    assert Capsule(changed(capsule, calls=[first])).replay().first_difference is not None
    second["answer"]["delivery"]["bytes"] = 6
    said = str(Capsule(changed(capsule, calls=[changed(capsule)["calls"][0], second])).replay().first_difference)
    assert said.startswith("Call 2") and "bytes=6" in said and "bytes=5" in said
    closed = Capsule(changed(capsule, faults={"header": False, "reserved_inputs": False}))
    assert closed.replay().first_difference is not None


def test_specs_and_words_that_changed_are_told_first(story: Capsule, tmp_path: Path) -> None:
    """Both hashes and both versions of Faker are shown, Python's are not; equal answers are a success all the same."""
    hashed, faker = "sha256:" + "0" * 64, version("faker")
    document = changed(story, specs=hashed, libraries={"python": "3.99.0", "faker": "0.1"})

    ended = run("replay", written(tmp_path / "story.json", document))

    assert ended.exit_code == 0
    told = ended.stderr.splitlines()
    assert told[1:3] + told[4:] == [f"  then {hashed}", f"  now  {story.specs}", "  then 0.1", f"  now  {faker}"]
    assert "specs" in told[0] and "faker" in told[3]


ANSWER = {"status": 200, "content_type": "", "body": ""}
CALL = {
    "number": 1,
    "at": "2021-11-20T09:00:00Z",
    "operation": "qcomment.balance",
    "request": {"method": "POST", "path": "/api/balance", "query": "", "content_type": "", "body": ""},
    "answer": ANSWER,
}
MALFORMED: dict[str, tuple[Any, str]] = {
    "no JSON": (b"{", "not JSON"),
    "no text": (b"\xff\xfe{", "not JSON"),
    "deep": (b"[" * 100_000, "not JSON"),
    "something else": ([], "key 'capsule'"),
    "another kind": ({"version": 1}, "key 'capsule'"),
    "another version": ({"capsule": 2, "apidouble": "9.1"}, "apidouble 9.1 replays it"),
    "half of it": ({"capsule": 1}, "is a required property"),
    "unknown key": ({"extra": 1}, "extra"),
    "calls": ({"calls": [1]}, "calls.0"),
    "answer": ({"calls": [CALL | {"answer": ANSWER | {"status": "200"}}]}, "calls.0.answer.status"),
    "two bodies": ({"calls": [CALL | {"answer": ANSWER | {"body_base64": ""}}]}, "calls.0.answer"),
    "base64": ({"calls": [CALL | {"answer": {"status": 200, "content_type": "", "body_base64": "!"}}]}, "base64"),
    "time": ({"calls": [CALL | {"at": "2021-13-20T09:00:00Z"}]}, "month"),
    "end of time": ({"calls": [CALL | {"at": "9021-12-20T09:00:00Z"}]}, "after the end of virtual time"),
    "order": ({"calls": [CALL, CALL]}, "call 1 stands behind call 1"),
    "reading": ({"readings": {"qc.colour": "red"}}, "qc.colour is not a reading"),
    "value": ({"readings": {"qc.legacy": "red"}}, "qc.legacy is one of"),
    "world": ({"world": {"name": "mine", "yaml": "name: [\n"}}, "bad.json, world:2"),
    "scenario": ({"scenario": {"name": "mine", "yaml": "description: x\nqqtube: {}\n"}}, "bad.json, scenario:2"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_no_capsule_is_refused_in_one_line(story: Capsule, tmp_path: Path, case: str) -> None:
    """The line names the file and what is wrong in it; the exit code is not that of a difference."""
    content, said = MALFORMED[case]
    if isinstance(content, dict) and not content.keys() & {"capsule", "version"}:
        content = changed(story, **content)

    ended = run("replay", written(tmp_path / "bad.json", content))

    assert ended.exit_code == 2, ended.output
    assert ended.output.count("\n") == 1
    assert "bad.json" in ended.output
    assert said in ended.output


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Neither a missing file nor a folder is replayed."""
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(CapsuleError, match=str(path)):
            Capsule.read(path)
        assert run("replay", path).exit_code == 2


def test_own_world_and_scenario_travel_along(tmp_path: Path) -> None:
    """What was read from files of one's own is in the capsule; they are not needed for the replay."""
    own = tmp_path / "own"
    shutil.copytree(ROOT / "worlds", own)
    world = (own / "documented.yaml").read_text("utf-8").replace("'122.5'", "'77.25'").replace('"122.5"', '"77.25"')
    (own / "mine.yaml").write_text(world, "utf-8")
    scenario = (ROOT / "scenarios" / "hostile.yaml").read_text("utf-8")
    (own / "life.yaml").write_text(scenario.replace("world: documented", "world: mine.yaml\nseed: 77"), "utf-8")
    teller = Teller(scenario=own / "life.yaml")
    assert b"77.25" in teller.qcomment("balance")
    teller.control("POST", "/clock/advance", {"by": "30d"})
    teller.qcomment("projects")

    capsule = Capsule.of(teller.simulator)
    shutil.rmtree(own)

    replay = capsule.replay()
    assert replay.first_difference is None
    assert (replay.simulator.world.tenant, replay.simulator.world.seed) == ("mine", 77)


def test_saving_asks_the_server_and_replaying_needs_none(tmp_path: Path) -> None:
    """The file of a server that asks for a token replays without it, and does not hold it."""
    teller, path = Teller(token=SESAME), tmp_path / "story.json"
    teller.qcomment("balance")
    teller.control("POST", "/clock/advance", {"by": "3d"})
    with served(teller.simulator) as url:
        refused = run("save", path, "--url", url)
        ended = run("save", path, "--url", url, "--token", SESAME)

    assert (refused.exit_code, ended.exit_code, ended.output) == (1, 0, f"{path}: 2 calls\n")
    assert "asks for a token" in refused.output
    assert SESAME not in path.read_text("utf-8")
    assert run("replay", path).exit_code == 0


def test_story_whose_beginning_is_forgotten_is_not_kept(tmp_path: Path) -> None:
    """Saving says which calls are missing and what to do; a reset begins a new story."""
    teller = Teller(remember=3)
    for _ in range(5):
        teller.qcomment("balance")
    with served(teller.simulator) as url:
        ended = run("save", tmp_path / "story.json", "--url", url)
    assert ended.exit_code == 1
    assert "Calls 1 to 2 are no longer in the journal, which keeps 3" in ended.output
    assert "--journal" in ended.output
    with pytest.raises(ForgottenError):
        Capsule.of(teller.simulator)

    teller.simulator.reset()
    teller.qcomment("balance")

    assert len(Capsule.of(teller.simulator).calls) == 1
