"""What a call of QQTube is about, in the words of the customer who made it."""

from collections.abc import Iterator, Mapping
from typing import Any

from apidouble.mockserver.vendors.qqtube.state import Account


def texts_about(account: Account, tree: Mapping[str, Any]) -> Iterator[str]:
    """Yield the address that the submission which a call names is delivered to."""
    sent = tree.get("id_service_submission")
    if isinstance(sent, str) and sent.isdecimal() and len(sent) < 19:  # noqa: PLR2004 (64 bits)
        submission = account.submissions.get(int(sent))
        if submission is not None:
            yield submission.url
