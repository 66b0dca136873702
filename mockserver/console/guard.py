"""Keep the console to those it is for: sign-in, one secret for each session, and headers that trust no foreign page.

A session is Flask's signed cookie, HttpOnly and SameSite=Strict; it holds a number and no token. Who has signed in is
remembered here, under that number.
"""

import hmac
import ipaddress
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

import flask
from werkzeug.exceptions import BadRequest, Forbidden, MisdirectedRequest

from apidouble.mockserver.console.seats import Guests, Seat

MOST_SESSIONS = 1000
LASTS_S = 12 * 60 * 60
TRIES, TRIES_IN_S = 5, 60
SAFE = ("GET", "HEAD")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass
class Tries:
    """Wrong tokens of late, in all and by address: no more than a few a minute are looked at."""

    monotonic: Callable[[], float]
    failed: dict[str, deque[float]] = field(default_factory=dict)

    def wait_s(self, address: str) -> int:
        """Return for how many seconds an address has to wait; 0 where it may try."""
        tried, now = self.failed.get(address, deque()), self.monotonic()
        while tried and tried[0] <= now - TRIES_IN_S:
            tried.popleft()
        return int(tried[0] + TRIES_IN_S - now) + 1 if len(tried) >= TRIES else 0

    def note(self, address: str) -> None:
        """Count a wrong token."""
        if len(self.failed) >= MOST_SESSIONS and address not in self.failed:
            self.failed.pop(next(iter(self.failed)))
        self.failed.setdefault(address, deque(maxlen=TRIES)).append(self.monotonic())


class Guard:
    """Lets visitors in. `monotonic` counts seconds."""

    def __init__(self, guests: Guests, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.guests, self.tries, self._monotonic = guests, Tries(monotonic), monotonic
        self._secret = secrets.token_bytes(32)
        self._tokens: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def check(self) -> None:
        """Refuse a request that another site has a browser send: by its name for this one, its origin or its secret."""
        request = flask.request
        if self.guests.seat(None) is not None and not self._is_here(request.host):
            raise MisdirectedRequest(f"{request.host} is no name of this server.")
        if request.method in SAFE:
            return
        origin = request.headers.get("Origin")
        if origin is not None and origin != request.host_url.rstrip("/"):
            raise Forbidden("This was sent from a page of another site.")
        sent = request.form.get("csrf", "")
        if not hmac.compare_digest(sent.encode(), self.csrf().encode()):
            raise BadRequest("This page is too old. Go back, load it anew and try again.")

    def csrf(self) -> str:
        """Return the secret that the forms of this session hold."""
        return hmac.new(self._secret, self._number().encode(), sha256).hexdigest()

    def seat(self) -> Seat | None:
        """Return the visitor's seat; None for one who has to sign in."""
        free = self.guests.seat(None)
        if free is not None:
            return free
        token, until = self._tokens.get(self._number(), ("", 0.0))
        if not token or until < self._monotonic():
            return None
        return self.guests.seat(token)

    def sign_in(self, token: str) -> bool:
        """Open a session of its own for a token; False for a wrong one."""
        if self.guests.seat(token) is None:
            self.tries.note(flask.request.remote_addr or "")
            return False
        self.sign_out()
        self._tokens[self._number()] = (token, self._monotonic() + LASTS_S)
        while len(self._tokens) > MOST_SESSIONS:
            self._tokens.popitem(last=False)
        return True

    def sign_out(self) -> None:
        """End the session; another begins."""
        self._tokens.pop(self._number(), None)
        language = flask.session.get("language")
        flask.session.clear()
        if language:
            flask.session["language"] = language

    def _number(self) -> str:
        number = flask.session.get("number")
        if not isinstance(number, str):
            number = flask.session["number"] = secrets.token_urlsafe(24)
        return number

    def _is_here(self, host: str) -> bool:
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if name == "localhost" or name.endswith(".localhost") or name in self.guests.hosts:
            return True
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True
