"""The served simulator keeps the laws over a real socket as it does in process."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from apidouble.mockserver.stage.simulator import Simulator
from tests.contract.schemathesis import laws, stock
from tests.contract.schemathesis.test_vendors import CALM, QUICK, VALID
from tests.ways import served

SOME = ["newproject", "payproject", "project", "revision", "requestsinfo", "read", "write"]
short = settings(
    max_examples=5 if QUICK else 100,
    suppress_health_check=[*CALM, HealthCheck.function_scoped_fixture],
    derandomize=QUICK,
)


def part(vendor: str) -> schemathesis.BaseSchema:
    phases = {"phases": VALID["phases"]}
    return schemathesis.openapi.from_dict(laws.spoken(vendor), config=stock.config(stock.VENDORS, **phases)).include(
        operation_id=SOME
    )


QCOMMENT, QQTUBE = part("qcomment"), part("qqtube")


@pytest.fixture
def address() -> Iterator[str]:
    """The address of a server with all operations, one for all the calls of a test."""
    with served(Simulator.open(readings={"qqtube.extra": "on"})) as url:
        yield url


@QCOMMENT.parametrize()
@short
def test_qcomment_over_a_socket(case: laws.Case, address: str) -> None:
    """Valid and invalid calls are answered over HTTP as the document says, one after the other in one world."""
    case.call_and_validate(base_url=address, additional_checks=laws.VENDOR_LAWS)


@QQTUBE.parametrize()
@short
def test_qqtube_over_a_socket(case: laws.Case, address: str) -> None:
    """Valid and invalid calls are answered over HTTP as the document says, one after the other in one world."""
    case.call_and_validate(base_url=address, additional_checks=laws.VENDOR_LAWS)


def test_some_operations_stand_for_all() -> None:
    """The selection is in force: calls over a socket are slow, and every operation is called in process."""
    assert sum(schema.statistic.operations.selected for schema in (QCOMMENT, QQTUBE)) == len(SOME)
