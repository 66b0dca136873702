"""The control plane keeps schemathesis's own checks, all of them, and no call of it loses money."""

import schemathesis

from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.stage.simulator import Simulator
from tests.contract.schemathesis import laws, stock
from tests.contract.schemathesis.dialect import document
from tests.contract.schemathesis.test_vendors import sparing, thorough

SIMULATOR, GUARDED = Simulator.open(), Simulator.open(token="open sesame")  # noqa: S106

OPEN = schemathesis.openapi.from_dict(document("control"), config=stock.config(stock.CONTROL))
OPEN.app = create_app(SIMULATOR)

LOCKED = schemathesis.openapi.from_dict(
    {**document("control"), "security": [{"bearer": []}]},
    config=stock.config(stock.CONTROL, headers={"Authorization": "Bearer open sesame"}),
)
LOCKED.app = create_app(GUARDED)


@OPEN.parametrize()
@thorough
def test_control_plane(case: laws.Case) -> None:
    """Every call is answered as the document says: what is valid is carried out, what is not is refused."""
    SIMULATOR.reset()
    case.call_and_validate(additional_checks=[laws.money_is_conserved])


@LOCKED.parametrize()
@sparing
def test_token_is_asked_for(case: laws.Case) -> None:
    """With a token, no operation but health answers without it."""
    GUARDED.reset()
    case.call_and_validate(checks=[schemathesis.checks.ignored_auth, schemathesis.checks.not_a_server_error])
