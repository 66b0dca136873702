"""Who may call, and QComment's words for requests that cannot be read (section 21)."""

from collections.abc import Mapping
from typing import Any

from apidouble.mockserver.domain.call import FailedError, RefusedError, UnreadableError
from apidouble.mockserver.vendors.qcomment.state import Account


def admit(key: str | None, account: Account | None, world_account: Account) -> None:
    """Let a call in, or refuse it: 104 maintenance, 101 no key, 102 wrong key, 103 blocked, in that order.

    `account` is the key's, None where it opens none; `world_account` stands for the service as a whole.
    """
    # assumed: see specs/readings.yaml#qc.auth_order
    if world_account.maintenance:
        raise RefusedError(104)
    if key is None:
        raise RefusedError(101)
    if account is None:
        raise RefusedError(102)
    if account.blocked:
        raise RefusedError(103)


def unreadable(problem: UnreadableError) -> Exception:
    """Return the failure for a request that cannot be read; none of them is in the document."""
    return FailedError(problem.problem, **problem.words)


def unknown_action(tree: Mapping[str, Any]) -> Exception:
    """QComment has one operation on each address, so no call lacks its action."""
    raise LookupError(f"no operation for {sorted(tree)}")
