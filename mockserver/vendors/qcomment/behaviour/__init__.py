"""The operations of QComment: one function for each operationId, named like it."""

from collections.abc import Callable, Mapping

from apidouble.mockserver.domain.call import Reply
from apidouble.mockserver.vendors.qcomment.behaviour import (
    account,
    authors,
    comments,
    legacy,
    projects,
    ready_comments,
)

BEHAVIOURS: Mapping[str, Callable[..., Reply]] = {
    function.__name__: function
    for function in (
        projects.newproject,
        projects.payproject,
        projects.project,
        projects.projectedit,
        comments.comments,
        comments.requests,
        comments.revision,
        account.balance,
        projects.returnmoney,
        comments.claim,
        authors.blacklist,
        projects.projects,
        ready_comments.new_ready_comment,
        ready_comments.list_ready_comments,
        ready_comments.edit_ready_comment,
        ready_comments.delete_ready_comment,
        comments.requestsinfo,
        authors.team,
        account.vipproject,
        legacy.projectstatus,
        legacy.getTariff,
    )
}
