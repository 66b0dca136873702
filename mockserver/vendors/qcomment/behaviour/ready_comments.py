"""Texts that authors only have to publish (sections 14 to 17)."""

from apidouble.mockserver.domain.call import RefusedError, Reply
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.qcomment import pricing
from apidouble.mockserver.vendors.qcomment.market import notice
from apidouble.mockserver.vendors.qcomment.state import Account, ReadyComment


def new_ready_comment(
    here: Here, project_id: int, text: str, number_use: int, url: str | None = None, title: str | None = None
) -> Reply:
    """Add a ready comment to a project (section 14)."""
    account: Account = here.account
    project = account.projects.get(project_id)
    if project is None:
        raise RefusedError(1306)
    if not pricing.group(here, project.settings).get("ready"):
        raise RefusedError(1307)
    ready = ReadyComment(account.next_id("ready_comment"), project_id, text, number_use, url or "", title or "")
    account.ready_comments[ready.id] = ready
    notice.change(here, project)
    return Reply({"ready_comment_id": ready.id})


def list_ready_comments(here: Here, project_id: int) -> Reply:
    """Show a project's ready comments (section 15)."""
    account: Account = here.account
    if project_id not in account.projects:
        raise RefusedError(1402)
    found = [_view(ready) for ready in account.ready_comments.values() if ready.project_id == project_id]
    if not found:
        raise RefusedError(1403)
    # assumed: see specs/readings.yaml#qc.ready_list
    if len(found) == 1 and here.reading("qc.ready_list") == "by_count":
        return Reply(found[0], "one")
    return Reply(found, "several")


def edit_ready_comment(
    here: Here,
    ready_comment_id: int,
    url: str | None = None,
    text: str | None = None,
    title: str | None = None,
    number_use: int | None = None,
) -> Reply:
    """Change what is sent of a ready comment (section 16)."""
    ready = here.account.ready_comments.get(ready_comment_id)
    if ready is None:
        raise RefusedError(1606)
    # assumed of what is sent empty: see specs/readings.yaml#qc.edit_blank
    changed = here.sent - here.cleared if here.reading("qc.edit_blank") == "keep" else here.sent
    ready.url = (url or "") if "url" in changed else ready.url
    ready.title = (title or "") if "title" in changed else ready.title
    ready.text = ready.text if text is None else text
    ready.number_use = ready.number_use if number_use is None else number_use
    _changed(here, ready)
    return Reply({})


def delete_ready_comment(here: Here, ready_comment_id: int) -> Reply:
    """Remove a ready comment (section 17)."""
    ready = here.account.ready_comments.pop(ready_comment_id, None)
    if ready is None:
        raise RefusedError(1502)
    _changed(here, ready)
    return Reply({})


def _changed(here: Here, ready: ReadyComment) -> None:
    project = here.account.projects.get(ready.project_id)
    if project is not None:
        notice.change(here, project)


def _view(ready: ReadyComment) -> dict[str, object]:
    return {
        "id": ready.id,
        "url": ready.url,
        "text": ready.text,
        "title": ready.title,
        "number_use": ready.number_use,
        "used": ready.used,
    }
