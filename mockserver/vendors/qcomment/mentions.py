"""What a call of QComment is about, in the words of the customer who made it."""

from collections.abc import Iterator, Mapping
from typing import Any

from apidouble.mockserver.vendors.qcomment.state import Account


def texts_about(account: Account, tree: Mapping[str, Any]) -> Iterator[str]:
    """Yield title and task of the project that a call names, itself or by one of its works."""
    project_id = _number(tree.get("project_id"))
    for name in ("comment_id", "id"):
        comment = account.comments.get(_number(tree.get(name)))
        if comment is not None:
            project_id = comment.project_id
    project = account.projects.get(project_id)
    if project is not None:
        yield project.settings.get("title", "")
        yield project.settings.get("task", "")


def _number(text: Any) -> int:
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) < 19 else 0  # noqa: PLR2004 (64 bits)
