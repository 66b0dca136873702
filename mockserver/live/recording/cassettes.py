"""Exchanges into cassettes of vcrpy and back. What is handed to vcrpy, its log included, is redacted already."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.domain.world import Vendor
from apidouble.mockserver.live.permit import Call, NotPermittedError, read_call, read_tree
from apidouble.mockserver.live.recording.redaction import Redactor
from apidouble.mockserver.spec.model import VendorSpec

FOLDER = Path("fixtures") / "cassettes"
FORMAT = 1
MAX_AGE_DAYS = 90


class CassetteError(Exception):
    """A cassette that cannot be written, read or played; the text says why."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call and its answer, both redacted, their number in the cassette, and how long the answer took."""

    number: int
    call: Call
    request: Request
    response: Response
    seconds: float


@dataclass(frozen=True)
class Cassette:
    """What was recorded of one vendor: where, when, the pseudonym of its key, what else the calls needed to know."""

    path: Path
    vendor: str
    host: str
    recorded_at: datetime
    key: str
    known: Mapping[str, str]
    exchanges: tuple[Exchange, ...]

    def age(self, now: datetime) -> timedelta:
        """Return how old the recording is."""
        return now - self.recorded_at

    def expired(self, now: datetime, max_age_days: int = MAX_AGE_DAYS) -> bool:
        """Tell whether the recording is too old to say anything, or from a future that nobody knows."""
        return not timedelta(0) <= self.age(now) <= timedelta(days=max_age_days)


@dataclass
class Recorder:
    """Collects exchanges of one vendor, redacted as they come; `save` writes them as one cassette."""

    path: Path
    redactor: Redactor
    host: str
    recorded_at: datetime
    key: str = ""
    known: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._vcr = _vcr()
        self._heard: list[tuple[Any, dict[str, Any]]] = []
        self._lock = Lock()

    def hear(self, call: Call, request: Request, response: Response, seconds: float = 0) -> None:
        """Take an exchange down. Nothing of it as it was is kept."""
        request, response = self.redactor.request(call, request), self.redactor.response(call, response)
        uri = f"https://{self.host}{request.path}" + (f"?{request.query}" if request.query else "")
        headers = {"Content-Type": [request.content_type]} if request.content_type else {}
        written = {
            "status": {"code": response.status, "message": ""},
            "headers": {"Content-Type": [response.content_type]},
            "body": {"string": response.body},
            "seconds": round(seconds, 1),
        }
        with self._lock:
            self._heard.append((self._vcr.Request(request.method, uri, request.body, headers), written))

    def save(self) -> int:
        """Write the cassette, if anything was heard; return of how many exchanges."""
        if self._heard:
            about = {
                "format": FORMAT,
                "vendor": self.redactor.spec.name,
                "host": self.host,
                "recorded_at": self.recorded_at.astimezone(UTC).isoformat(timespec="seconds"),
                "key": self.redactor.pseudonyms.text(self.key),
                "known": {name: self.redactor.pseudonyms.text(value) for name, value in self.known.items()},
            }
            requests, responses = zip(*self._heard, strict=True)
            written = {"requests": requests, "responses": responses, "metadata": {"apidouble": about}}
            try:
                self._vcr.persister.save_cassette(self.path, written, self._vcr.serializer)
            except OSError as error:
                raise CassetteError(f"{self.path}: {error.strerror}") from error
        return len(self._heard)


class Player:
    """Plays a cassette: each call gets the next answer that was recorded for it."""

    def __init__(self, cassette: Cassette) -> None:
        self.cassette = cassette
        self._left = list(cassette.exchanges)
        self._lock = Lock()

    def send(self, request: Request) -> Response:
        """Return the recorded answer; raise CassetteError for a call that is not there, or no more."""
        with self._lock:
            found = next((e for e in self._left if same(e.request, request, e.call)), None)
            if found is None:
                raise CassetteError(f"{self.cassette.path}: there is no such call, or no more, at {request.path}")
            self._left.remove(found)
            return found.response

    def unplayed(self) -> list[str]:
        """Name the operations of what was not played."""
        return [exchange.call.operation.id for exchange in self._left]


def same(recorded: Request, asked: Request, call: Call) -> bool:
    """Tell whether a recorded request is the one that is asked for: the same method and parameters, in any order."""
    if (recorded.method, recorded.path) != (asked.method, asked.path):
        return False
    try:
        return read_tree(asked) == call.tree
    except NotPermittedError:
        return False


def read(path: Path, specs: Mapping[str, VendorSpec], vendors: Mapping[str, Vendor]) -> Cassette:
    """Read a cassette; raise CassetteError for one that is not ours or makes no sense."""
    requests, responses, metadata = _load(path)
    try:
        about = metadata["apidouble"]
        if about["format"] != FORMAT:
            raise CassetteError(f"{path}: its format is {about['format']}, not {FORMAT}: record it anew")
        spec = specs[about["vendor"]]
        exchanges = []
        for number, (request, response) in enumerate(zip(requests, responses, strict=True)):
            asked = _plain(request)
            call = read_call(spec, vendors[spec.name], asked)
            content_type = next(iter(response["headers"].get("Content-Type", [])), "")
            answer = Response(response["status"]["code"], content_type, response["body"]["string"])
            exchanges.append(Exchange(number, call, asked, answer, float(response.get("seconds", 0))))
        recorded_at = datetime.fromisoformat(about["recorded_at"])
        return Cassette(path, spec.name, about["host"], recorded_at, about["key"], about["known"], tuple(exchanges))
    except (KeyError, TypeError, ValueError, AttributeError, NotPermittedError) as error:
        raise CassetteError(f"{path}: no cassette of apidouble: {type(error).__name__}: {error}") from error


def folder(place: Path) -> Iterator[Path]:
    """Yield the cassettes below a folder, or the one file that is named."""
    yield from [place] if place.is_file() else sorted(place.glob("**/*.yaml"))


def _plain(request: Any) -> Request:
    address = urlsplit(request.uri)
    content_type = request.headers.get("Content-Type", "")
    body = request.body or b""
    kind = content_type[0] if isinstance(content_type, list) else content_type
    return Request(request.method, address.path, address.query, kind, body)


class _Vcr(NamedTuple):
    Request: Any
    persister: Any
    serializer: Any


def _vcr() -> _Vcr:
    try:
        from vcr.persisters.filesystem import FilesystemPersister  # noqa: PLC0415 (an extra)
        from vcr.request import Request as VcrRequest  # noqa: PLC0415
        from vcr.serializers import yamlserializer  # noqa: PLC0415
    except ImportError:
        raise CassetteError("cassettes need vcrpy: pip install 'apidouble[live]'") from None
    return _Vcr(VcrRequest, FilesystemPersister, yamlserializer)


def _load(path: Path) -> tuple[list[Any], list[Any], Mapping[str, Any]]:
    vcr = _vcr()
    if not path.is_file():
        raise CassetteError(f"{path}: there is no such cassette")
    try:
        requests, responses, *metadata = vcr.persister.load_cassette(path, vcr.serializer)
    except Exception as error:
        raise CassetteError(f"{path}: not a cassette of vcrpy ({type(error).__name__})") from None
    return requests, responses, metadata[0] if metadata else {}
