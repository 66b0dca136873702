"""Two operations that the document leaves out and the service's own plugins call (reading qc.legacy)."""

from apidouble.mockserver.domain.call import FailedError, RefusedError, Reply
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.qcomment.behaviour.projects import set_status


def projectstatus(here: Here, project_id: int, status: int | None = None) -> Reply:
    """Tell a project's status, or set it as projectedit does."""
    project = here.account.projects.get(project_id)
    if project is None:
        raise FailedError("project_not_found")
    if status is not None:
        if not project.pay:
            raise RefusedError(403)
        set_status(here, project, status)
    return Reply({"project_id": project.id, "status": project.status})


def getTariff(here: Here) -> Reply:  # noqa: N802
    """List the tariffs."""
    return Reply(
        [
            {"id": row["id"], "name": row["name"], "symbols": row["min_length"], "price": row["price"]}
            for row in here.rules.catalogs["tariffs"].values()
        ]
    )
