"""Who may call, and QQTube's words for requests that cannot be read or name no action."""

from collections.abc import Mapping
from typing import Any

from apidouble.mockserver.domain.call import RefusedError, UnreadableError
from apidouble.mockserver.vendors.qqtube.state import Account

UNREADABLE = {
    "body_malformed": 9031,
    "body_unreadable": 9031,
    "body_too_large": 9032,
    "too_many_fields": 9033,
    "nested_too_deep": 9034,
}


def admit(key: str | None, account: Account | None, world_account: Account) -> None:
    """Let a call in or refuse it: 9004 maintenance, 9001 no key, 9002 wrong key, 9003 blocked, in that order.

    `account` is the key's, None where it opens none; `world_account` stands for the service as a whole.
    """
    # assumed: see specs/readings.yaml#qq.undocumented_messages
    if world_account.maintenance:
        raise RefusedError(9004)
    if key is None:
        raise RefusedError(9001)
    if account is None:
        raise RefusedError(9002)
    if account.blocked:
        raise RefusedError(9003)


def unreadable(problem: UnreadableError) -> Exception:
    """Return the message for a request that cannot be read; none of them is in the document."""
    return RefusedError(UNREADABLE[problem.problem])


def unknown_action(tree: Mapping[str, Any]) -> Exception:
    """Return the message for a call that names no operation: 9005 no action, 9006 none of the service's."""
    return RefusedError(9006 if tree.get("action") else 9005)
