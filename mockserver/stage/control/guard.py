"""What a browser says of a call's sender into a refusal, or none: a web page must not drive a server without a token.

Browsers let any page send simple requests to any address, and send them to this machine under any name (DNS
rebinding). They do say, though, which name was called (Host), which page calls (Origin) and how near it is
(Sec-Fetch-Site). What is no browser says nothing, or the truth.
"""

import ipaddress
import re
from collections.abc import Iterable

from apidouble.mockserver.domain.call import Sender
from apidouble.mockserver.stage.control.problems import ForbiddenError, UnsupportedMediaError

NEAR = ("", "none", "same-origin")  # typed in by hand, or by a page of this very address
JSON = "application/json"
HOST = re.compile(r"([\w.-]+|\[[0-9a-f:.]+\]|[0-9a-f:]*::[0-9a-f:.]*)(?::[0-9]*)?", re.ASCII)


class Guard:
    """Knows the names of this machine, those of the vendors' hosts, and whatever others it is given."""

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        self.hosts = frozenset(filter(None, map(_name, hosts)))

    def admit(self, sender: Sender) -> None:
        """Raise ForbiddenError for a call under an unknown name, or from a page that is not of the same address."""
        if sender.host and not self.knows(sender.host):
            raise ForbiddenError(
                f"The control plane is not known as {sender.host}.",
                "Call it as 127.0.0.1 or localhost, serve with --allow-host NAME, or with a --token.",
            )
        if not is_near(sender):
            raise ForbiddenError(
                "The call comes from a web page of another address.",
                "Call the control plane from outside a browser, or serve with a --token and send it.",
            )

    def knows(self, host: str) -> bool:
        """Tell whether a Host header names this machine, or a host that calls are led here from."""
        name = _name(host)
        if name in self.hosts or name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False


def is_near(sender: Sender) -> bool:
    """Tell whether a call comes from no web page, or from one of the address that is called."""
    if sender.site.lower() not in NEAR:
        return False
    return not sender.origin or sender.origin.lower().partition("://")[2] == sender.host.lower()


def check_media_type(content_type: str, body: bytes) -> None:
    """Raise UnsupportedMediaError for a body that is not said to be JSON: what is, no web page sends unasked."""
    sent = content_type.partition(";")[0].strip().lower()
    if body.strip() and sent != JSON:
        raise UnsupportedMediaError(
            f"The body is said to be {sent or 'of no type'}, and is read as JSON only.",
            f"Send the header Content-Type: {JSON}.",
        )


def _name(host: str) -> str:
    """Return the name or address in a Host header, without port, brackets and case; "" where it makes no sense."""
    found = HOST.fullmatch(host.lower())
    return found[1].strip("[]").removesuffix(".") if found else ""
