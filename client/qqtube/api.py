"""Turn method calls into QQTube's actions, one for each, named as the document names them (its parameters too)."""

import time as wall
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal

import requests as http

from apidouble.client.arguments import encode
from apidouble.client.fields import items, load, load_all, unreadable
from apidouble.client.qqtube import results, schemas
from apidouble.client.qqtube.answers import read
from apidouble.client.transport import Answer, Call, Connected, Policy, Transport
from apidouble.client.waiting import Pace, wait_for

BASE_URL = "https://www.qqtube.com"
# The document calls "retrieving the same submission every minute" excessive.
LEAST_EVERY_S = 120
USUAL_PACE = Pace(every_s=600, timeout_s=7 * 24 * 60 * 60)


class QQTube(Connected):
    """A customer of QQTube. Threads may share one; `close` it, or use it in a `with`.

    Every action but `add` is a GET, as documented, so the key stands in the address: the errors of this client mask it,
    the debug log of urllib3 does not.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str = BASE_URL,
        *,
        policy: Policy | None = None,
        session: http.Session | None = None,
        sleep: Callable[[float], None] = wall.sleep,
    ) -> None:
        self._api_key = api_key.strip()  # the document's sample has a leading blank
        self._transport = Transport(base_url, self._api_key, policy=policy, session=session, sleep=sleep)

    def __repr__(self) -> str:
        return f"QQTube({self._transport.base_url!r})"

    def add(
        self,
        url: str,
        quantity: int,
        id_service: int,
        *,
        share_type: results.ShareType | int | None = None,
        geo_countries: str | None = None,
        params: Mapping[str, str | int | Decimal] | None = None,
    ) -> results.Added:
        """Order (section "Documentación API y añadiendo un envío"); `params` are the service's own, by field_name.

        Only the status success is one. After a lost answer the order cannot be asked for, for stats want its number:
        `spent_since(funds before)` tells whether money has gone; the rest is on the site.
        """
        own = {"url": url, "quantity": quantity, "id_service": id_service}
        clash = (params or {}).keys() & {*own, "api_key", "action", "share_type", "geo-countries"}
        if clash:
            raise ValueError(f"not a service's own parameter: {', '.join(sorted(clash))}")
        answer = self._send(
            "add",
            "POST",
            {**own, "share_type": share_type, "geo-countries": geo_countries, **(params or {})},
            how_to_find_out="ask spent_since(funds before the call); an order cannot be found by its url",
        )
        tree = read(answer)
        if not isinstance(tree, Mapping) or tree.get("status") != "success":
            raise unreadable(answer, "no status success")
        return load(schemas.Added, tree, answer)

    def stats(self, id_service_submission: int) -> results.Submission:
        """Read the progress of an order (section "Retrieving stats")."""
        answer = self._send("stats", "GET", {"id_service_submission": id_service_submission})
        return load(schemas.Submission, read(answer), answer)

    def funds(self) -> Decimal:
        """Read the funds of the account (section "Get Current Funds")."""
        answer = self._send("funds", "GET", {})
        funds: Decimal = load(schemas.Funds, read(answer), answer)["funds"]
        return funds

    def services(self) -> tuple[results.Service, ...]:
        """List the active services with their prices and parameters (section "Get Active Services")."""
        answer = self._send("services", "GET", {})
        tree = read(answer)
        if not tree or not isinstance(tree, list | Mapping):
            raise unreadable(answer, "no services")
        one = isinstance(tree, Mapping) and "id_service" in tree
        return load_all(schemas.Service, [tree] if one else items(tree), answer)

    def raw(self, action: str, method: Literal["GET", "POST"], parameters: Mapping[str, object]) -> Any:
        """Call any action by its name and return the tree of its answer, for what these methods do not know."""
        return read(self._send(action, method, parameters, how_to_find_out="see the document"))

    def spent_since(self, funds_before: Decimal) -> Decimal:
        """Return how much has gone from the funds: about the price of an order, if a lost `add` was charged.

        Other orders, refunds and payments in between count too: compare with Service.price, one order at a time.
        """
        return funds_before - self.funds()

    def wait_for_submission(
        self,
        id_service_submission: int,
        *,
        pace: Pace = USUAL_PACE,
        on_progress: Callable[[results.Submission], None] | None = None,
    ) -> results.Submission:
        """Read an order's progress until it is finished, and then no more; every 2 minutes at the fastest."""
        return wait_for(
            lambda: self.stats(id_service_submission),
            lambda submission: submission.finished,
            what=f"submission {id_service_submission}",
            pace=pace,
            least_every_s=LEAST_EVERY_S,
            on_progress=on_progress,
        )

    def _send(
        self,
        action: str,
        method: Literal["GET", "POST"],
        sent: Mapping[str, object],
        *,
        how_to_find_out: str = "",
    ) -> Answer:
        pairs = encode({"api_key": self._api_key, "action": action, **sent})
        return self._transport.send(
            Call(action, method, "/v1-api", tuple(pairs), changes=method == "POST", how_to_find_out=how_to_find_out)
        )
