"""What each operation of QQTube does: one function per operationId."""

from collections.abc import Callable, Mapping

from apidouble.mockserver.domain.call import Reply
from apidouble.mockserver.vendors.qqtube.behaviour.add import add
from apidouble.mockserver.vendors.qqtube.behaviour.read import funds, service, services
from apidouble.mockserver.vendors.qqtube.behaviour.stats import stats, submissions

BEHAVIOURS: Mapping[str, Callable[..., Reply]] = {
    "add": add,
    "stats": stats,
    "funds": funds,
    "services": services,
    "submissions": submissions,
    "service": service,
}
