"""What orders do: charge, number and count; and what the journal remarks on them."""

from collections.abc import Callable
from typing import Any

import pytest

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.spec.source import SpecError

VIDEO = "https://www.youtube.com/watch?v=jofNR_WkoCE"


@pytest.mark.parametrize(
    ("id_service", "quantity", "parameters", "cost_minor"),
    [
        (3, 900, {}, 810),
        (3, 1000, {}, 750),
        (5, 20000, {"geo-countries": "US"}, 6400),
        (55, 1500, {"watch_minutes": 10}, 1125),
        (58, 2000, {}, 450),
        (58, 2000, {"delivery_speed": 150}, 650),
        (60, 100, {}, 720),
        (84, 200, {"geo-countries": "DE", "watch_seconds": 60}, 230),
        (70, 150, {"posts": 3, "url": "https://www.instagram.com/apidouble/"}, 375),
        (80, 2000, {"geotarget": 21}, 500),
    ],
)
def test_funds_fall_by_the_exact_cost(
    id_service: int, quantity: int, parameters: dict[str, Any], cost_minor: int, qqtube: Any
) -> None:
    """An order takes its cost out of the funds, to the cent."""
    qqtube.order(id_service, quantity, **parameters)
    assert 50860 - qqtube.funds_minor == cost_minor


def test_the_last_cent_can_be_spent(another: Callable[..., Any]) -> None:
    """An order that costs all the funds is accepted, and the next one is not."""
    qqtube = another(funds="7.50")
    qqtube.order(3, 1000)
    assert qqtube("funds") == {"funds": "0.00"}
    assert qqtube("add", url=VIDEO, quantity=100, id_service=3)["message"][0]["id"] == 9014


def test_a_cent_too_little_is_too_little(another: Callable[..., Any]) -> None:
    """The order is refused and nothing is taken, not even a number."""
    qqtube = another(funds="7.49")
    assert qqtube("add", url=VIDEO, quantity=1000, id_service=3)["message"][0]["id"] == 9014
    assert qqtube("funds") == {"funds": "7.49"}
    assert qqtube.order(3, 800).id == 123457


def test_an_order_can_be_followed(qqtube: Any) -> None:
    """The number that add gives finds the order in stats, as it was ordered."""
    added = qqtube("add", url=VIDEO, quantity=20000, id_service=54)
    told = qqtube("stats", id_service_submission=added["id_service_submission"])
    same = ("id_service_submission", "short_url", "long_url")
    assert {name: told[name] for name in same} == {name: added[name] for name in same}
    counts = [told[name] for name in ("start_count", "wanted_count", "current_count", "sent_count")]
    assert counts == ["500000", "20000", "500000", "0"]
    assert told["status"]["id_status"] == "2"


def test_orders_are_numbered_on(qqtube: Any) -> None:
    """Each order gets the next number."""
    assert [qqtube.order().id for _ in range(3)] == [123457, 123458, 123459]


def test_sent_count_is_null_but_for_two_services(qqtube: Any) -> None:
    """Only services 54 and 55 count what they send."""
    told = {
        service: qqtube("stats", id_service_submission=qqtube.order(service, 1000, **more).id)["sent_count"]
        for service, more in ((54, {}), (55, {"watch_minutes": 5}), (3, {}), (46, {}))
    }
    assert told == {54: "0", 55: "0", 3: None, 46: None}


def test_the_count_of_unknown_content_depends_on_the_seed_alone(another: Callable[..., Any]) -> None:
    """The same video has the same count in worlds of one seed, whatever was ordered before, by any address of it."""
    url, short = "https://www.youtube.com/watch?v=abcdefghijk", "https://youtu.be/abcdefghijk"
    first, second, other = another(), another(), another(seed=2)
    second.order(3, 500)
    counts = [first.order(url=url).start_count, second.order(url=short).start_count]
    assert counts[0] == counts[1]
    assert other.order(url=url).start_count != counts[0]


@pytest.mark.parametrize(
    ("url", "short"),
    [
        ("https://www.youtube.com/watch?v=jofNR_WkoCE", "jofNR_WkoCE"),
        ("https://m.youtube.com/watch?list=x&v=jofNR_WkoCE&t=10", "jofNR_WkoCE"),
        ("https://youtu.be/jofNR_WkoCE?t=10", "jofNR_WkoCE"),
        ("http://youtube.com/shorts/jofNR_WkoCE", "jofNR_WkoCE"),
        ("https://www.youtube.com/embed/jofNR_WkoCE", "jofNR_WkoCE"),
        ("https://www.youtube.com/channel/UCabcdef/videos", "UCabcdef"),
        ("https://www.youtube.com/@handle", "@handle"),
        ("https://www.youtube.com/user/name", "name"),
        ("https://www.youtube.com/playlist?list=x", "https://www.youtube.com/playlist?list=x"),
        ("https://www.youtube.com/watch", "https://www.youtube.com/watch"),
    ],
)
def test_youtube_addresses_are_shortened(url: str, short: str, qqtube: Any) -> None:
    """A YouTube address is told as its video or channel, and in full where it has neither."""
    answer = qqtube("add", url=url, quantity=100, id_service=3)
    assert (answer["short_url"], answer["long_url"]) == (short, url)


def test_other_addresses_stay_whole(qqtube: Any) -> None:
    """An address of another site is its own short form."""
    url = "https://soundcloud.com/a/b"
    assert qqtube("add", url=url, quantity=1000, id_service=90)["short_url"] == url


@pytest.mark.parametrize("url", ["https://notyoutube.com/watch?v=1", "https://youtube.com.example/watch?v=1"])
def test_a_site_is_not_taken_for_another(url: str, qqtube: Any) -> None:
    """A host that only looks like the service's is refused."""
    assert qqtube("add", url=url, quantity=100, id_service=3)["message"][0]["id"] == 9008


@pytest.mark.parametrize(
    ("parameters", "note"),
    [
        ({"share_type": 2}, "share_type: service 3 does not take it"),
        ({"share_type": 99}, "share_type is one of"),
        ({"geo-countries": "US"}, "geo-countries: service 3 is not geo-targeted"),
        ({"link": VIDEO}, "link: not a parameter of this operation, ignored; did you mean url?"),
        (
            {"nothing_like_it": 1},
            "nothing_like_it: not a parameter of this operation, ignored; it takes, and was not sent",
        ),
    ],
)
def test_what_a_service_does_not_take_is_remarked_upon(parameters: dict[str, Any], note: str, qqtube: Any) -> None:
    """What an order carries in vain is ignored, and the journal says so."""
    qqtube.order(3, 1000, **parameters)
    assert note in qqtube.notes


def test_a_near_miss_of_a_services_own_parameter_is_named(qqtube: Any) -> None:
    """A misspelt parameter of the service is missing, and the journal says which one was meant."""
    answer = qqtube("add", url=VIDEO, quantity=1000, id_service=55, watch_minute=5)
    assert answer["message"][0]["id"] == 9018
    assert "watch_minute: not a parameter of this service, ignored; did you mean watch_minutes?" in qqtube.notes


def test_an_array_for_a_services_own_parameter_is_not_read(qqtube: Any) -> None:
    """A parameter of the service sent as an array counts as missing."""
    answer = qqtube("add", url=VIDEO, quantity=1000, id_service=55, **{"watch_minutes[]": 5})
    assert answer["message"][0]["id"] == 9018
    assert "watch_minutes: is text, not an array" in qqtube.notes


def test_an_order_without_remarks_has_none(qqtube: Any) -> None:
    """Nothing is remarked on an order that has what its service takes."""
    qqtube.order(46, 1000, share_type=13)
    assert qqtube.notes == ""


def test_blanks_around_the_key_do_not_count(qqtube: Any) -> None:
    """The sample's own key, which has a leading blank, opens the account."""
    assert "funds" in qqtube("funds", api_key=f" {qqtube.account.key} ")


def test_services_are_told_as_the_catalogue_has_them(qqtube: Any, spec: Any) -> None:
    """The answer of services is the catalogue: same items, keys, order and types."""
    assert qqtube("services") == list(spec.rules.catalogs["services"].values())


def test_undocumented_actions_and_fields_come_with_their_reading(another: Callable[..., Any]) -> None:
    """With qq.extra on there are submissions, service, total_cost and refund_total; otherwise none of them."""
    plain, extra = another(), another({"qq.extra": "on"})
    assert plain("submissions")["message"][0]["id"] == 9006
    told = extra("stats", id_service_submission=123456)
    assert (told["total_cost"], told["refund_total"]) == ("140.00", "0.00")
    assert told.keys() - plain("stats", id_service_submission=123456).keys() == {"total_cost", "refund_total"}
    assert extra("submissions") == [told]
    assert extra("service", id_service=80) == next(s for s in plain("services") if s["id_service"] == "80")
    assert [message["id"] for message in extra("service")["message"]] == [30, 32]


@pytest.mark.parametrize("reading", ["error", "info"])
def test_reading_decides_the_type_of_status_3(reading: str, another: Callable[..., Any]) -> None:
    """A slow submission is an error by the document's letter, and none by its name."""
    qqtube = another({"qq.status_3": reading})
    assert qqtube.fire("slow_down", qqtube.account.submissions[123456])
    status = qqtube("stats", id_service_submission=123456)["status"]
    assert (status["id_status"], status["name"], status["type"]) == ("3", "In Progress", reading)


def test_excessive_retrievals_are_remarked_upon(qqtube: Any) -> None:
    """The three habits that the document calls excessive get a remark each, and an answer all the same."""
    ids = [qqtube.order(90, 1000, url="https://soundcloud.com/a/b").id for _ in range(201)]
    notes = []
    for number in ids:
        qqtube.world.advance(qqtube.world.now_ms + 1)
        assert qqtube("stats", id_service_submission=number)["id_service_submission"] == str(number)
        notes.append(qqtube.notes)
    assert notes[:200] == [""] * 200
    assert "hundreds" in notes[200]
    qqtube.world.advance(qqtube.world.now_ms + 61_000)
    qqtube("stats", id_service_submission=ids[0])
    assert qqtube.notes == ""
    qqtube.world.advance(qqtube.world.now_ms + 1)
    qqtube("stats", id_service_submission=ids[0])
    assert "same submission" in qqtube.notes
    qqtube.fire("complete", qqtube.account.submissions[ids[1]])
    for note in ("", "completed before"):
        qqtube.world.advance(qqtube.world.now_ms + 61_000)
        qqtube("stats", id_service_submission=ids[1])
        assert note in qqtube.notes and bool(note) == bool(qqtube.notes)


def test_a_clock_that_stands_still_makes_no_retrieval_excessive(qqtube: Any) -> None:
    """While no time passes nothing happens every minute; only what was seen completed need not be asked for again."""
    for _ in range(250):
        qqtube("stats", id_service_submission=123456)
        assert qqtube.notes == ""
    qqtube.fire("complete", qqtube.account.submissions[123456])
    for note in ("", "completed before"):
        qqtube("stats", id_service_submission=123456)
        assert note in qqtube.notes and bool(note) == bool(qqtube.notes)


def test_the_samples_multipart_body_is_read(qqtube: Any) -> None:
    """The form that PHP's curl sends for the document's sample orders 2000 views from the United States."""
    fields = {
        "api_key": f" {qqtube.account.key}",
        "action": "add",
        "url": VIDEO,
        "quantity": "2000",
        "id_service": "5",
        "geo-countries": "US",
    }
    parts = [f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    body = "".join([*parts, "--b--\r\n"]).encode()
    qqtube.gateway.answer(Request("POST", "/v1-api", "", "multipart/form-data; boundary=b", body))
    ordered = qqtube.account.submissions[123457]
    assert (ordered.wanted_count, ordered.country, ordered.cost_minor) == (2000, "US", 640)


@pytest.mark.parametrize(
    "section",
    [
        {"fund": "1"},
        {"next_ids": {"submission": 123456}},
        {"submissions": [{"id_service_submission": 1, "id_service": 4, "url": VIDEO, "wanted_count": 1}]},
        {"submissions": [{"id_service_submission": 1, "id_service": 3, "url": VIDEO, "wanted_count": 1, "sent": 0}]},
    ],
)
def test_a_world_that_makes_no_sense_is_refused(section: dict[str, Any], another: Callable[..., Any]) -> None:
    """Unknown keys, numbers already taken and services that are none stop the world from opening."""
    with pytest.raises(SpecError, match="qqtube"):
        another(**section)
