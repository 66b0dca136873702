"""The three operations that every contender serves, and the answers that it gives to them: apidouble's own."""

from dataclasses import dataclass

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.simulator import Simulator

FORM = "application/x-www-form-urlencoded"
QC_KEY = "5d41402abc4b2a76b9719d911017c592"
QQ_KEY = "172a1c261d1d84916d9e7321153d0416acab98fc"


@dataclass(frozen=True, slots=True)
class Call:
    """One operation's request, and the body that answers it."""

    name: str
    request: Request
    answer: bytes

    @property
    def target(self) -> str:
        """The path, with the query if there is one."""
        return self.request.path + (f"?{self.request.query}" if self.request.query else "")

    @property
    def raw(self) -> bytes:
        """The bytes of the request as HTTP/1.1 on a connection that stays open."""
        head = f"{self.request.method} {self.target} HTTP/1.1\r\nHost: localhost\r\n"
        if self.request.body:
            head += f"Content-Type: {FORM}\r\nContent-Length: {len(self.request.body)}\r\n"
        return head.encode() + b"\r\n" + self.request.body


def calls() -> tuple[Call, ...]:
    """Return the calls: balance, project and stats."""
    simulator = Simulator.open()
    requests = {
        "balance": Request("POST", "/api/balance", "", FORM, f"apicode={QC_KEY}".encode()),
        "project": Request("POST", "/api/project", "", FORM, f"apicode={QC_KEY}&project_id=2".encode()),
        "stats": Request("GET", "/v1-api", f"api_key={QQ_KEY}&action=stats&id_service_submission=123456"),
    }
    return tuple(Call(name, request, simulator.answer(request).body) for name, request in requests.items())
