"""Operations and parameters into requests to anything that answers - simulator, line, cassette - and judged answers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.domain.world import Vendor
from apidouble.mockserver.live.judging.judgement import Judged, judge
from apidouble.mockserver.live.permit import read_call
from apidouble.mockserver.spec.model import FORM, Contract, VendorSpec

Send = Callable[[Request], Response]
EXAMPLE_IDS = {"id_service_submission": "123456", "team_id": "1022"}  # the documents' own: no call tells


class UnknownError(Exception):
    """Nothing can be said here: there is no answer, or the account has nothing to ask about. The text says which."""


@dataclass(frozen=True)
class Answer:
    """An answer and what it was understood to be."""

    response: Response
    judged: Judged

    @property
    def kind(self) -> str:
        """The kind of reply, or nothing."""
        return self.judged.kind.name if self.judged.kind else ""

    @property
    def values(self) -> Any:
        """What it says."""
        return self.judged.values


@dataclass
class Asker:
    """Asks one vendor's service, or its double. The same question is put once; its answer is remembered."""

    contract: Contract
    spec: VendorSpec
    vendor: Vendor
    readings: Mapping[str, str]
    key: str
    send: Send
    known: Mapping[str, str] = field(default_factory=dict)
    most: int = 3
    _remembered: dict[Request, Answer] = field(default_factory=dict)

    def __call__(self, operation: str, /, *, method: str = "", **parameters: Any) -> Answer:
        """Return the answer to a call; the key is added, unless it is given. None leaves a parameter out."""
        request = self.request(operation, method, parameters)
        if request not in self._remembered:
            call = read_call(self.spec, self.vendor, request)
            response = self.send(request)
            judged = judge(self.contract, self.spec, self.readings, call, response)
            self._remembered[request] = Answer(response, judged)
        return self._remembered[request]

    def request(self, operation: str, method: str, parameters: Mapping[str, Any]) -> Request:
        """Return the request of a call, by the method that the specs have unless another is given."""
        found = self.spec.operations[operation]
        fields: dict[str, Any] = {self.vendor.key: self.key}
        if "const" in found.request.properties.get("action", {}):
            fields["action"] = operation
        fields |= parameters
        written = urlencode([pair for name, value in fields.items() for pair in _pairs(name, value)])
        if (method or ("GET" if "GET" in found.methods else "POST")) == "GET":
            return Request("GET", found.path, written)
        return Request("POST", found.path, content_type=FORM, body=written.encode())

    def told(self, name: str) -> str:
        """Return an id that no call tells; raise UnknownError where nobody told it."""
        if name not in self.known:
            raise UnknownError(f"no {name} is known: --known {name}=…")
        return self.known[name]


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        yield from ((f"{name}[{index}]", str(each)) for index, each in enumerate(value))
    elif value is not None:
        yield name, str(value)
