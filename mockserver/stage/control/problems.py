"""Why a control call was not carried out; each turns into an HTTP status and the answer `Problem`.

ProblemError
├── InvalidError           400  the body or a parameter cannot be read
├── UnauthorizedError      401  no token, or a wrong one
├── NotFoundError          404  there is no such thing
├── MethodNotAllowedError  405  the address is right, the method is not
├── ConflictError          409  it makes no sense now
└── RefusedEventError      409  the state machine refuses the event
"""


class ProblemError(Exception):
    """Nothing was done; `detail` says what is wrong, `hint` what to do about it."""

    status = 500
    error = "internal"

    def __init__(self, detail: str, hint: str) -> None:
        super().__init__(detail)
        self.detail, self.hint = detail, hint

    @property
    def record(self) -> dict[str, str]:
        """The answer's values."""
        return {"error": self.error, "detail": self.detail, "hint": self.hint}


class InvalidError(ProblemError):
    """The body or a parameter cannot be read."""

    status, error = 400, "invalid"


class UnauthorizedError(ProblemError):
    """The token is missing or wrong."""

    status, error = 401, "unauthorized"


class NotFoundError(ProblemError):
    """There is no such thing."""

    status, error = 404, "not_found"


class MethodNotAllowedError(ProblemError):
    """The address takes another method; `allowed` are those that it takes."""

    status, error = 405, "method_not_allowed"

    def __init__(self, detail: str, hint: str, allowed: tuple[str, ...]) -> None:
        super().__init__(detail, hint)
        self.allowed = allowed


class ConflictError(ProblemError):
    """It makes no sense in the present state."""

    status, error = 409, "conflict"


class RefusedEventError(ProblemError):
    """The state machine refuses the event."""

    status, error = 409, "refused"
