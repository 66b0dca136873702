"""QQTube's actions against the simulator: results, prices, waiting, and what can be known after a lost answer."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import orjson
import pytest
import requests

from apidouble import client
from apidouble.client import Pace, ShareType, SubmissionStatus
from apidouble.mockserver.vendors.qqtube import events

VIDEO = "https://www.youtube.com/watch?v=jofNR_WkoCE"


def test_every_action_gives_its_dataclass(place: Any) -> None:
    """add, stats, funds and services, in real types."""
    qqtube = place({}).qqtube
    assert qqtube.funds() == Decimal("508.60")
    added = qqtube.add(VIDEO, 2000, 5, geo_countries="US")
    assert (added.short_url, added.start_count, added.wanted_count) == ("jofNR_WkoCE", 500000, 2000)
    submission = qqtube.stats(added.id_service_submission)
    assert (submission.long_url, submission.sent_count) == (VIDEO, None)
    documented = qqtube.stats(123456)
    assert (documented.status.id_status, documented.sent_count) == (SubmissionStatus.IN_PROGRESS, 4000)
    assert not documented.finished
    services = {service.id_service: service for service in qqtube.services()}
    assert services[80].params[0].field_name == "geotarget"
    assert services[80].params[0].required
    assert services[5].countries[0] == "US"
    assert services[80].countries == ()


ORDERS: list[tuple[int, int, dict[str, Any], dict[str, Any]]] = [
    (3, 100, {}, {}),
    (3, 1000, {}, {}),
    (3, 20000, {}, {}),
    (5, 21000, {"geo_countries": "DE"}, {}),
    (46, 1050, {"share_type": ShareType.REDDIT}, {}),
    (54, 10000, {}, {}),
    (55, 1500, {}, {"watch_minutes": 15}),
    (58, 2000, {}, {"delivery_speed": 150}),
    (58, 2000, {}, {}),
    (60, 1000, {}, {}),
    (70, 150, {"url": "https://www.instagram.com/abcdef/"}, {"posts": 3}),
    (80, 3000, {}, {"geotarget": 21}),
]


@pytest.mark.parametrize(("id_service", "quantity", "settings", "params"), ORDERS)
def test_the_estimate_is_what_is_charged(
    id_service: int, quantity: int, settings: dict[str, Any], params: dict[str, Any], place: Any
) -> None:
    """Tiers, multipliers and drip feed, to the cent; the funds fall by as much."""
    qqtube = place({}).qqtube
    service = next(s for s in qqtube.services() if s.id_service == id_service)
    before = qqtube.funds()
    order = {"url": VIDEO, "quantity": quantity, "id_service": id_service, "params": params}
    qqtube.add(**order | settings)
    estimate = service.price(quantity, **params)
    assert qqtube.spent_since(before) == estimate.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_an_order_that_cannot_be_made_has_no_price(place: Any) -> None:
    """Too few, too many, between the steps, without what is required, with what is unknown."""
    services = {service.id_service: service for service in place({}).qqtube.services()}
    for quantity in (0, 99, 150, 20100):
        with pytest.raises(ValueError, match=str(quantity)):
            services[3].price(quantity)
    with pytest.raises(ValueError, match="requires watch_minutes"):
        services[55].price(1000)
    with pytest.raises(ValueError, match="no parameter colour"):
        services[3].price(100, colour="red")


def test_one_service_without_a_list_is_read_too(script: Any, place: Any) -> None:
    """The document prints it so."""
    tree = place({}).qqtube.raw("services", "GET", {})
    assert len(script((200, "", orjson.dumps(tree[0]))).qqtube.services()) == 1
    with pytest.raises(client.UnreadableAnswerError):
        script((200, "", b"[]")).qqtube.services()


def test_unknown_statuses_are_kept(script: Any) -> None:
    """A number beyond the document is a number still, and the end of an order."""
    body = (
        b'{"id_service_submission":"1","long_url":"u","start_count":"1","wanted_count":"1","current_count":"1",'
        b'"sent_count":null,"status":{"id_status":"99","name":"New","type":"error","description":""}}'
    )
    submission = script((200, "", body)).qqtube.stats(1)
    assert submission.status.id_status == 99
    assert submission.status.id_status.name == "UNKNOWN_99"
    assert not submission.status.id_status.known
    assert submission.finished


class Clock:
    """Time that passes by sleeping, for the test and for the simulator."""

    def __init__(self, simulator: Any) -> None:
        self.simulator, self.now_s = simulator, 0.0

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        if self.simulator is not None:
            world = self.simulator.world
            world.advance(world.now_ms + int(seconds * 1000))

    def pace(self, every_s: float, timeout_s: float) -> Pace:
        return Pace(every_s, timeout_s, self.sleep, lambda: self.now_s)


def test_waiting_ends_with_the_order(place: Any) -> None:
    """Progress is told at every reading, and no reading follows the last."""
    here = place({})
    seen: list[Any] = []
    clock = Clock(here.simulator)

    def tell(submission: Any) -> None:
        seen.append(submission.completed)
        if len(seen) == 3:
            account = here.world.accounts["qqtube"]
            events.complete(here.world.here("qqtube"), account.submissions[order])

    order = here.qqtube.add(VIDEO, 1000, 3).id_service_submission
    last = here.qqtube.wait_for_submission(order, pace=clock.pace(6 * 3600, 365 * 24 * 3600), on_progress=tell)
    assert last.finished
    assert seen == [False, False, False, True]
    assert clock.now_s == 3 * 6 * 3600


def test_waiting_is_no_faster_than_allowed(script: Any) -> None:
    """Every minute is excessive by the document; not one request leaves."""
    service = script((200, "", b"{}"))
    with pytest.raises(ValueError, match="120"):
        service.qqtube.wait_for_submission(1, pace=Pace(every_s=60))
    assert not service.calls


def test_waiting_outlasts_what_passes_and_ends_in_time(script: Any) -> None:
    """Maintenance and lost answers are waited out; a time that is over says what was seen last."""
    clock = Clock(None)
    maintenance = (200, "", '{"error_code":104,"reason":"Ведутся технические работы."}'.encode())
    service = script(maintenance, requests.ReadTimeout("slow"), (200, "", b"[]"))
    with pytest.raises(client.WaitTimeoutError) as caught:
        service.qcomment.wait_for_requests(pace=clock.pace(10, 100))
    assert caught.value.last == ()
    assert clock.now_s <= 100
    with pytest.raises(client.AccountBlockedError):
        script((200, "", b'{"error_code":103}')).qcomment.wait_for_requests(pace=clock.pace(10, 100))


def test_a_lost_project_is_found_again(place: Any) -> None:
    """By its title, as far as a title tells."""
    qcomment = place({}).qcomment
    started = qcomment.project(2).date_last_comment
    assert qcomment.find_project(title="Пропавший", since=started) == ()
    created = qcomment.newproject(title="Пропавший", subjects=2, tarif_id=2, task="Т")
    assert [project.id for project in qcomment.find_project(title="Пропавший", since=started)] == [created.project_id]


def test_a_lost_payment_is_found_again(place: Any) -> None:
    """By the works that the project has been paid for, although one was accepted in between."""
    qcomment = place({}).qcomment
    before = qcomment.project(2)
    assert not qcomment.payment_arrived(before, pay=3)
    qcomment.payproject(2, 3)
    qcomment.revision(300000)
    assert qcomment.payment_arrived(before, pay=3)
