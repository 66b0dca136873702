"""A client as they are written in a hurry: each planted bug has a name and is there only when it is asked for."""

import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import requests

QCOMMENT_KEY = "5d41402abc4b2a76b9719d911017c592"
QQTUBE_KEY = "172a1c261d1d84916d9e7321153d0416acab98fc"
COMPLETED, IN_PROGRESS = 1, (2, 3)


class ServiceError(Exception):
    """The service has refused a call."""


class SloppyClient:
    """Both APIs over requests; without a bug it is right."""

    def __init__(self, base_url: str, bugs: Collection[str] = ()) -> None:
        self.base_url, self.bugs = base_url, bugs
        self.open_orders: set[int] = set()

    def qcomment(self, call: str, /, **fields: Any) -> Any:
        """Call an operation of QComment and return its answer, or raise ServiceError."""
        url, tries = f"{self.base_url}/api/{call}", 3 if "retries_refusals" in self.bugs else 1
        for attempt in range(1, tries + 1):
            answer = self._post(url, {"apicode": QCOMMENT_KEY, **fields})
            if not isinstance(answer, dict) or not self._refused(answer):
                return answer
            if attempt == tries:
                raise ServiceError(answer["reason"])
        return None

    def _refused(self, answer: Mapping[str, Any]) -> bool:
        if "error_code" in answer:
            return "error_body_is_success" not in self.bugs
        return answer.get("status") == "no" and "failure_envelope_is_success" not in self.bugs

    def _post(self, url: str, fields: Mapping[str, Any]) -> Any:
        filled = {name: value for name, value in fields.items() if value is not None}
        where: Any = {"params": filled} if "key_in_url" in self.bugs else {"data": filled}
        try:
            reply = requests.post(url, timeout=10, **where)
        except requests.ConnectionError:
            if "retries_lost_answers" not in self.bugs:
                raise
            reply = requests.post(url, timeout=10, **where)
        return json.loads(reply.text, parse_float=float if "float_money" in self.bugs else Decimal)

    def newproject(self, premoderation: bool, **fields: Any) -> int:
        """Create a project."""
        tariff = "tariff_id" if "tariff_id" in self.bugs else "tarif_id"
        fields = {tariff if name == "tarif_id" else name: value for name, value in fields.items()}
        answer = self.qcomment("newproject", premoderation=int(premoderation), **fields)
        if "failure_envelope_is_success" in self.bugs and "project_id" not in answer:
            return answer.get("status")  # type: ignore[no-any-return]
        return int(answer.get("project_id", 0))

    def revision(self, comment_id: int, operation: int, reason: str) -> int:
        """Decide about a work."""
        answer = self.qcomment("revision", comment_id=comment_id, operation=operation, reason=reason)
        return 1 if operation == 0 and "paid_is_assumed" in self.bugs else int(answer["status"])

    def comments(self, project_id: int) -> dict[int, int]:
        """Return the status of each of a project's comments."""
        try:
            found = self.qcomment("comments", project_id=project_id, status="all").values()
        except ServiceError as error:
            if str(error) != "Комментарии не найдены.":
                raise
            return {}
        known = range(4 if "no_status_4" in self.bugs else 5)
        return {int(c["id"]): int(c["status"]) for c in found if int(c["status"]) in known}

    def waiting(self) -> list[int]:
        """Return the ids of the works on review."""
        answer = self.qcomment("requests")
        found = answer.values() if answer or "empty_list" in self.bugs else ()
        return [int(comment["id"]) for comment in found]

    def qqtube(self, method: str, action: str, /, **fields: Any) -> Any:
        """Call an action of QQTube and return its answer, or raise ServiceError."""
        sent = {"api_key": QQTUBE_KEY, "action": action, **fields}
        if method == "POST" and "url_unquoted" not in self.bugs:
            answer = self._post(f"{self.base_url}/v1-api", sent)
        elif method == "POST":
            body = "&".join(f"{name}={value}" for name, value in sent.items())
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = requests.post(f"{self.base_url}/v1-api", body.encode(), headers=headers, timeout=10).json()
        else:
            answer = requests.get(f"{self.base_url}/v1-api?{urlencode(sent)}", timeout=10).json()
        careless = action == "add" and "missing_success_is_ok" in self.bugs
        if isinstance(answer, dict) and answer.get("status") == "error" and not careless:
            raise ServiceError(answer["message"][0]["message"])
        return answer

    def add(self, **fields: Any) -> int:
        """Place an order."""
        order = int(self.qqtube("POST", "add", **fields).get("id_service_submission", 0))
        self.open_orders.add(order)
        return order

    def stats(self, order_id: int) -> tuple[int, Any]:
        """Return status and count of an order."""
        answer = self.qqtube("GET", "stats", id_service_submission=order_id)
        status, count = int(answer["status"]["id_status"]), answer["current_count"]
        if status not in IN_PROGRESS and "polls_what_is_over" not in self.bugs:
            self.open_orders.discard(order_id)
        return status, count if "text_numbers" in self.bugs else int(count)
