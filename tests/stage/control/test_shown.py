"""What the control plane, the log and capsules tell of a call: no key unless asked for, no sign that forges a line."""

import json
import logging
from typing import Any

import pytest

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.capsule import Capsule
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.story.transcript import write_entries

FORM = "application/x-www-form-urlencoded"
OWN, REAL = "5d41402abc4b2a76b9719d911017c592", "R3al/K3y of a customer"
SENT = {
    "form": Request("POST", "/api/balance", "", FORM, b"apicode=R3al%2FK3y+of+a+customer&currency=2"),
    "form, small letters": Request(
        "POST", "/api/balance", "", FORM, b"currency=2&apicode=R3al%2fK3y%20of%20a%20customer"
    ),
    "query": Request("POST", "/api/balance", "apicode=R3al%2FK3y%20of%20a%20customer"),
    "near": Request("POST", "/api/balance", "", FORM, f"apicode={OWN}&api_code=R3al%2FK3y+of+a+customer".encode()),
    "json": Request(
        "POST", "/v1-api", "", "application/json", json.dumps({"api_key": REAL, "action": "funds"}).encode()
    ),
    "qqtube": Request("GET", "/v1-api", "api_key=R3al%2FK3y%20of%20a%20customer&action=funds"),
    "multipart": Request(
        "POST",
        "/api/balance",
        "",
        "multipart/form-data; boundary=x",
        f'--x\r\nContent-Disposition: form-data; name="apicode"\r\n\r\n{REAL}\r\n--x--\r\n'.encode(),
    ),
}


def told(simulator: Simulator, path: str, query: str = "") -> str:
    return simulator.answer(Request("GET", f"/_apidouble/{path}", query)).body.decode()


@pytest.mark.parametrize("name", SENT)
def test_a_real_key_is_told_nowhere_and_the_capsule_replays(simulator: Simulator, name: str) -> None:
    """Journal, transcript and capsule hold no key that the world does not have; the capsule is told again alike."""
    simulator.answer(SENT[name])
    entries = list(simulator.world.journal.entries)
    capsule = Capsule.of(simulator)

    kept = json.dumps(capsule.document)
    texts = [told(simulator, "journal"), told(simulator, "capsule"), "".join(write_entries(entries)), kept]

    assert not [text for text in texts if "R3al" in text or "of a cust" in text]
    assert capsule.replay().first_difference is None


def test_the_worlds_own_key_stays_in_a_capsule(simulator: Simulator) -> None:
    """It opens the world again, and stands in the world's file anyway; journal and state tell it when asked to."""
    simulator.answer(Request("POST", "/api/balance", "", FORM, f"apicode={OWN}".encode()))

    assert OWN in told(simulator, "capsule")
    for path in ("journal", "state"):
        assert OWN not in told(simulator, path)
        assert OWN in told(simulator, path, "keys=clear")


def test_a_path_forges_no_line_of_the_log(simulator: Simulator, caplog: Any) -> None:
    """Line ends and escape sequences in what is sent are escaped, whoever handles the log."""
    with caplog.at_level(logging.INFO, "apidouble.calls"):
        simulator.answer(Request("GET", "/x\nFORGED\x1b]0;owned\x07"))
        simulator.answer(Request("POST", "/api/balance", "", FORM, f"apicode={OWN}&x%0a%1b[2J=1".encode()))

    assert len(caplog.messages) == 2
    assert all(line.isprintable() for line in caplog.messages)
    assert r"\x0aFORGED\x1b" in caplog.messages[0]


def test_a_transcript_is_a_line_a_call(simulator: Simulator) -> None:
    """Texts of a client stand in a transcript without what would steer a terminal."""
    simulator.answer(
        Request("POST", "/api/newproject", "", FORM, f"apicode={OWN}&title=%1b]0;x%07%0aFORGED&nam%0ae=1".encode())
    )

    assert all(line.isprintable() for line in write_entries(simulator.world.journal.entries))


def test_messages_are_bounded(simulator: Simulator) -> None:
    """A long value that is refused is not told back as a whole."""
    body = json.dumps({"by": "x" * 1_000_000}).encode()
    answer = simulator.answer(Request("POST", "/_apidouble/clock/advance", "", "application/json", body))

    assert answer.status == 400
    assert len(answer.body) < 5000


def test_state_is_told_in_pages(control: Any) -> None:
    """The newest of each kind are told, how many are not, and the others by `before`."""
    everything = control("GET", "/state?vendor=qcomment")[1]["vendors"]["qcomment"]["comments"]

    status, last = control("GET", "/state?vendor=qcomment&limit=1")
    newest = max(everything, key=int)

    assert status == 200
    assert list(last["vendors"]["qcomment"]["comments"]) == [newest]
    assert last["left_out"]["qcomment"]["comments"] == len(everything) - 1
    before = control("GET", f"/state?vendor=qcomment&before={newest}")[1]
    assert before["vendors"]["qcomment"]["comments"] == {k: v for k, v in everything.items() if k != newest}
