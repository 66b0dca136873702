"""How both services read what a form holds: numbers, blanks, and names that come twice, in either kind of body."""

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from urllib3.filepost import encode_multipart_formdata

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.simulator import Simulator

FORM = "application/x-www-form-urlencoded"
KEYS = {"/api": ("apicode", "5d41402abc4b2a76b9719d911017c592")}
KEYS["/v1-api"] = ("api_key", "172a1c261d1d84916d9e7321153d0416acab98fc")
NEW = [("title", "Отзывы"), ("subjects", "2"), ("tarif_id", "2"), ("task", "Напишите.")]
BLANKS = st.text(" \t\n\r\v", max_size=2)
KINDS = ("urlencoded", "multipart")


class Client:
    """Sends pairs in a fresh documented world."""

    def __init__(self) -> None:
        self.simulator = Simulator.open()

    def __call__(self, path: str, pairs: list[tuple[str, Any]], kind: str = "urlencoded") -> Any:
        key = KEYS["/v1-api" if path == "/v1-api" else "/api"]
        pairs = [key, *((name, str(value)) for name, value in pairs)]
        body, content_type = (
            (urlencode(pairs).encode(), FORM) if kind == "urlencoded" else encode_multipart_formdata(pairs)
        )
        return orjson.loads(self.simulator.answer(Request("POST", path, "", content_type, body)).body)

    @property
    def notes(self) -> str:
        return " | ".join(self.simulator.world.journal.entries[-1].diagnostics)


def spellings(number: int) -> st.SearchStrategy[str]:
    """Return texts that are a number to PHP."""
    written = st.sampled_from(
        [f"{number}", f"+{number}", f"{number}.0", f"{number}.", f"0{number}", f"{number}e0", f"{number}00E-2"]
    )
    return st.builds(lambda before, text, after: before + text + after, BLANKS, written, BLANKS)


@settings(max_examples=30, deadline=None, phases=[Phase.generate])
@given(st.data())
def test_a_number_may_be_written_as_php_reads_it(data: st.DataObject) -> None:
    """Ids, counts, money, choices, and the numbers of an order: each is the number that it is."""
    client = Client()

    def say(number: int) -> str:
        return data.draw(spellings(number))

    assert client("/api/project", [("project_id", say(2))])["project_id"] == "2"
    assert client("/api/payproject", [("project_id", say(4)), ("pay", say(2))])["money"] == 24.5
    assert client("/api/comments", [("project_id", say(2)), ("status", say(0)), ("limit", say(1))]).keys() == {
        "comment_300000"
    }
    assert client("/api/requestsinfo", [("requests[]", say(300000))]).keys() == {"comment_300000"}
    assert client("/api/newproject", [*NEW, ("price", say(7)), ("pay", say(1))])["money"] == 7
    order = [("action", "add"), ("url", "https://youtu.be/x"), ("id_service", say(55)), ("quantity", say(1000))]
    assert client("/v1-api", [*order, ("watch_minutes", say(5))])["wanted_count"] == 1000
    stats = client("/v1-api", [("action", "stats"), ("id_service_submission", say(123456))])
    assert stats["id_service_submission"] == "123456"


@pytest.mark.parametrize("text", ["2abc", "2,0", "2.5", "0x2", "٢", "--2", "2 2", "e2", "-2", "9" * 30, "2e99"])
def test_any_other_text_is_no_number(text: str) -> None:
    """Although a cast in PHP would read the digits that it begins with."""
    client = Client()
    assert client("/api/project", [("project_id", text)])["error_code"] == 702
    assert client("/api/payproject", [("project_id", 4), ("pay", text)])["error_code"] == 302 or text == "9" * 30
    answer = client("/v1-api", [("action", "stats"), ("id_service_submission", text)])
    assert answer["message"][0]["message"] == "Submission does not exist."


def test_the_journal_says_what_a_number_was_read_as() -> None:
    """Where it was not written plainly, and only there."""
    client = Client()
    client("/api/project", [("project_id", " 2.0")])
    assert client.notes == "project_id: ' 2.0' is read as 2"
    client("/api/project", [("project_id", "2")])
    assert client.notes == ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("path", "pairs", "shown"),
    [
        ("/api/newproject", [("title", "a"), *NEW[1:], ("title", "Б")], {"status": "ok", "project_id": "8911"}),
        ("/api/payproject", [("project_id", 2), ("pay", 1), ("project_id", 4)], {"status": "ok", "money": 12.25}),
        ("/api/balance", [("currency", "RUB"), ("currency", "USD")], {"balance": 50}),
        (
            "/api/team",
            [("team_id", 1022), ("action", "get"), ("action", "set"), ("login", "user1"), ("login", "User")],
            {"status": "ok", "success_logins": "1"},
        ),
        ("/v1-api", [("action", "stats"), ("action", "funds")], {"funds": "508.60"}),
    ],
)
def test_of_a_name_that_comes_twice_the_last_counts(path: str, pairs: Any, shown: Any, kind: str) -> None:
    """As in PHP's $_POST, and the journal says so."""
    client = Client()
    assert client(path, pairs, kind) == shown
    assert "sent 2 times, the last one counts" in client.notes


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_title_is_kept(kind: str) -> None:
    """Not the first, nor both."""
    client = Client()
    client("/api/newproject", [("title", "a"), *NEW[1:], ("title", "Б")], kind)
    assert client("/api/project", [("project_id", 8911)])["title"] == "Б"


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_key_counts(kind: str) -> None:
    """The key is a plain name like others."""
    client = Client()
    assert client("/api/balance", [("apicode", "wrong")], kind)["error_code"] == 102
    assert client("/v1-api", [("action", "funds"), ("api_key", "wrong")], kind)["status"] == "error"


@pytest.mark.parametrize("kind", KINDS)
def test_a_parameter_that_is_an_array_gathers(kind: str) -> None:
    """The document asks for an array of ids in requests alone."""
    client = Client()
    found = client("/api/requestsinfo", [("requests", 300000), ("requests", 55555)], kind)
    assert found.keys() == {"comment_300000", "comment_55555"}


@pytest.mark.parametrize("blank", ["", " ", "\t \n", "\x00"])
def test_nothing_but_blanks_is_nothing(blank: str) -> None:
    """It is missing where it is required, and as if not sent elsewhere."""
    client = Client()
    missing = {"status": "no", "reason": "Необходимо заполнить поле Название."}
    assert client("/api/newproject", [("title", blank), *NEW[1:]]) == missing
    assert client("/api/project", [("project_id", blank)])["error_code"] == 701
    assert client("/api/newproject", [*NEW, ("pay", blank)]) == {"status": "ok", "project_id": "8911"}
    answer = client("/v1-api", [("action", "add"), ("url", blank), ("id_service", 3), ("quantity", 1000)])
    assert answer["message"] == [{"id": 9007, "message": "URL not provided!"}]
