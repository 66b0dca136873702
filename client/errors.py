"""What can go wrong, one class for every cause that a caller would treat differently.

ClientError                      everything below; `may_have_happened` says whether the call may have taken effect
├── TransportError               no answer came
│   └── AnswerLostError          … to a call that changes something, and it may have been sent: look before you repeat
├── UnreadableAnswerError        an answer came that is none of the document's: HTML, cut off, fields missing or empty
├── WaitTimeoutError             what was waited for has not come in time
└── ApiError                     the API says no; nothing was done
├── FailedError              … without a number
└── RefusedError             … with a number
├── AuthenticationError  no key, or a wrong one
├── AccountBlockedError  ask the administration
├── MaintenanceError     try again later
├── ThrottledError       try again later, and less often
├── NotEnoughMoneyError  pay in, or order less
├── NotFoundError        nothing of yours has this id
│   └── EmptyError       what you asked for exists and holds nothing
├── AlreadyDoneError     a repeat: what you want is so already
├── NotYetError          the state of it does not allow that now
├── ProjectBlockedError  the administration has paused the project
└── InvalidArgumentError a parameter is missing or wrong: mend the program
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it was sent, with its secrets masked."""

    operation: str
    method: str
    url: str
    parameters: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.parameters)
        return f"{self.method} {self.url} ({shown})"


@dataclass(frozen=True, slots=True)
class Message:
    """One of the messages of a refusal: number, the API's own words, and those words in English."""

    code: int
    text: str
    gloss: str = ""


class ClientError(Exception):
    """Anything that a call of this client may raise about the service; `request` is what was sent."""

    may_have_happened: bool = False
    retryable: bool = False

    def __init__(self, text: str, request: Sent) -> None:
        super().__init__(text)
        self.request = request

    @property
    def operation(self) -> str:
        """The operation that was called."""
        return self.request.operation


class TransportError(ClientError):
    """No answer came."""

    retryable = True

    def __init__(self, text: str, request: Sent, *, may_have_happened: bool) -> None:
        super().__init__(text, request)
        self.may_have_happened = may_have_happened


class AnswerLostError(TransportError):
    """A call that changes something may have been sent, and no whole answer came; see `how_to_find_out`."""

    retryable = False

    def __init__(self, text: str, request: Sent, *, how_to_find_out: str) -> None:
        super().__init__(f"{text}; it may have happened: {how_to_find_out}", request, may_have_happened=True)
        self.how_to_find_out = how_to_find_out


class UnreadableAnswerError(ClientError):
    """An answer that the document does not describe; `status` is that of HTTP, `excerpt` how the body begins."""

    def __init__(
        self, problem: str, request: Sent, *, status: int = 0, excerpt: str = "", may_have_happened: bool = False
    ) -> None:
        super().__init__(f"{request.operation}: {problem} (HTTP {status}): {excerpt}", request)
        self.problem, self.status, self.excerpt = problem, status, excerpt
        self.may_have_happened = may_have_happened


class WaitTimeoutError(ClientError):
    """What was waited for has not come in time; `last` is the last that was seen."""

    def __init__(self, text: str, last: object) -> None:
        super().__init__(text, Sent("wait_for", "", ""))
        self.last = last


class ApiError(ClientError):
    """The API says no, in its own words (`text`) and in English (`gloss`); nothing was done."""

    def __init__(self, text: str, request: Sent, *, gloss: str = "") -> None:
        super().__init__(f"{request.operation}: {gloss or 'no'}: {text}", request)
        self.text, self.gloss = text, gloss


class FailedError(ApiError):
    """The API says no, without a number."""


class RefusedError(ApiError):
    """The API says no, with a number (`code`). Some answers have several: `messages` are all of them, in order."""

    def __init__(self, messages: tuple[Message, ...], request: Sent) -> None:
        first = messages[0]
        words = "; ".join(f"{m.text} ({m.gloss})" if m.gloss else m.text for m in messages)
        super().__init__(words, request, gloss=first.gloss)
        self.args = (f"{request.operation}: {first.code}: {words}",)
        self.messages, self.code, self.text = messages, first.code, first.text

    @property
    def reason(self) -> str:
        """The API's own words, as QComment names them."""
        return self.text


class AuthenticationError(RefusedError):
    """There is no key, or a wrong one."""


class AccountBlockedError(RefusedError):
    """The account is blocked."""


class MaintenanceError(RefusedError):
    """The service is being worked on."""

    retryable = True


class ThrottledError(RefusedError):
    """Too many calls."""

    retryable = True


class NotEnoughMoneyError(RefusedError):
    """The balance does not cover it; nothing was bought."""


class NotFoundError(RefusedError):
    """Nothing of yours has this id."""


class EmptyError(NotFoundError):
    """What you asked for exists, and there is nothing in it."""


class AlreadyDoneError(RefusedError):
    """It is so already."""


class NotYetError(RefusedError):
    """The state of it does not allow that now."""


class ProjectBlockedError(RefusedError):
    """The administration has paused the project."""


class InvalidArgumentError(RefusedError):
    """A parameter is missing or wrong."""


KINDS_OF_QCOMMENT: Mapping[type[RefusedError], tuple[int, ...]] = {
    AuthenticationError: (101, 102),
    AccountBlockedError: (103,),
    MaintenanceError: (104,),
    NotEnoughMoneyError: (201, 304),
    NotFoundError: (
        202,
        303,
        502,
        602,
        702,
        802,
        902,
        1002,
        1103,
        1104,
        1107,
        1306,
        1402,
        1502,
        1606,
        1802,
        1902,
        1904,
    ),
    EmptyError: (503, 803, 904, 1403),
    AlreadyDoneError: (603, 604, 804, 1106, 2001),
    NotYetError: (403, 605, 1004),
    ProjectBlockedError: (305, 903, 1003),
    InvalidArgumentError: (
        *(301, 302, 401, 501, 601, 606, 701, 801, 901, 1001, 1101, 1105, 1201, 1202, 1203),
        *(1301, 1302, 1304, 1305, 1307, 1401, 1501, 1601, 1602, 1603, 1604, 1605, 1801, 1901, 1903),
    ),
}

# assumed: see specs/readings.yaml#qq.undocumented_messages (all but 30 and 32: the service's own numbers are not known)
KINDS_OF_QQTUBE: Mapping[type[RefusedError], tuple[int, ...]] = {
    AuthenticationError: (9001, 9002),
    AccountBlockedError: (9003,),
    MaintenanceError: (9004,),
    ThrottledError: (9030,),
    NotEnoughMoneyError: (9014,),
    NotFoundError: (32, 9029),
    InvalidArgumentError: (30, *range(9005, 9014), *range(9015, 9029), *range(9031, 9035)),
}

# The same by words, for the numbers that the service may really send with them.
KINDS_BY_TEXT: Mapping[str, type[RefusedError]] = {
    "Invalid API key": AuthenticationError,
    "Not a valid URL": InvalidArgumentError,
}


def by_code(kinds: Mapping[type[RefusedError], tuple[int, ...]]) -> dict[int, type[RefusedError]]:
    """Return the class of every number."""
    return {code: kind for kind, codes in kinds.items() for code in codes}
