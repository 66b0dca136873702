"""Every operation of both vendors keeps the laws, for valid and invalid calls that schemathesis makes up."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.generation.meta import coverage_scenario
from schemathesis.specs.openapi.schemas import OpenApiSchema

from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.stage.simulator import Simulator
from tests.contract.schemathesis import answers, laws, stock
from tests.contract.schemathesis.php_form import MULTIPART

SIMULATOR = Simulator.open(readings={"qqtube.extra": "on"})
APP = create_app(SIMULATOR)
QUICK = settings.get_current_profile_name() == "quick"
CALM = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
thorough = settings(max_examples=15 if QUICK else 150, suppress_health_check=CALM, derandomize=QUICK)
sparing = settings(max_examples=5 if QUICK else 50, suppress_health_check=CALM, derandomize=QUICK)
VALID = {
    "generation": {"mode": "positive"},
    "phases": {"coverage": {"enabled": False}, "examples": {"enabled": False}},
}


def schema_of(vendor: str, **more: Any) -> OpenApiSchema:
    schema = schemathesis.openapi.from_dict(laws.spoken(vendor), config=stock.config(stock.VENDORS, **more))
    schema.app = APP
    return schema


QCOMMENT, QQTUBE = schema_of("qcomment"), schema_of("qqtube")
VALID_QCOMMENT, VALID_QQTUBE = schema_of("qcomment", **VALID), schema_of("qqtube", **VALID)


def keeps_the_laws(case: laws.Case) -> None:
    if QUICK and case.media_type == MULTIPART and coverage_scenario(case):
        return  # boundary values go out urlencoded; in the nightly profile as multipart as well
    if QUICK and case.operation.path == "/api/projectedit" and coverage_scenario(case):
        return  # its settings are those of newproject; in the nightly profile they have their boundary values too
    SIMULATOR.reset()
    case.call_and_validate(additional_checks=laws.VENDOR_LAWS)


@QCOMMENT.parametrize()
@thorough
def test_qcomment(case: laws.Case) -> None:
    """QComment answers each call in a documented way, as its validity decides, and no kopeck is lost."""
    keeps_the_laws(case)


@QQTUBE.parametrize()
@thorough
def test_qqtube(case: laws.Case) -> None:
    """QQTube answers each call in a documented way, as its validity decides, and no cent is lost."""
    keeps_the_laws(case)


def refusals(case: laws.Case, key: str) -> list[answers.Answer]:
    """Return what is answered without the key and with a wrong one; neither may change anything."""
    SIMULATOR.reset()
    before, answered = laws.world_of(APP), []
    without: dict[str, Any] = {}
    for wrong in (without, {key: "no such key"}):
        changed = case.derive()
        if isinstance(changed.body, dict):
            changed.body = {**{k: v for k, v in changed.body.items() if k != key}, **wrong}
        else:
            changed.query = {k: v for k, v in changed.query.items() if k != key} | wrong
        response = changed.call()
        answered.append(laws.answer_of(response, laws.Call(response, changed)))
    assert laws.world_of(APP) == before
    return answered


@VALID_QCOMMENT.exclude(operation_id="getTariff").parametrize()
@sparing
def test_key_opens_every_operation_of_qcomment(case: laws.Case) -> None:
    """Without the key every operation answers 101, with a wrong one 102, and nothing else."""
    assert [answer.codes for answer in refusals(case, "apicode")] == [(101,), (102,)]


@VALID_QQTUBE.parametrize()
@sparing
def test_key_opens_every_operation_of_qqtube(case: laws.Case) -> None:
    """Without the key every operation answers 9001, with a wrong one 9002, and nothing else."""
    assert [answer.codes for answer in refusals(case, "api_key")] == [(9001,), (9002,)]


@VALID_QCOMMENT.exclude(operation_id="getTariff").parametrize()
@sparing
def test_format_changes_nothing_but_the_answer(case: laws.Case) -> None:
    """The same call in JSON and in XML gets the same kind with the same code and leaves the same world behind."""
    seen = []
    for result in ("json", "xml"):
        SIMULATOR.reset()
        asked = case.derive()
        assert isinstance(asked.body, dict)
        asked.body = {**asked.body, "result": result}
        response = asked.call()
        answer = laws.answer_of(response, laws.Call(response, asked))
        seen.append((answer.kind, answer.messages, laws.world_of(APP)))

    assert response.headers["content-type"] == ["text/xml; charset=utf-8"]
    assert seen[0] == seen[1]


@pytest.mark.parametrize("count", [1, 2])
def test_nested_arrays_arrive_as_sent(count: int) -> None:
    """What is sent as PHP nests arrays stands in the world as it was meant."""
    SIMULATOR.reset()
    social = [{"social": n, "params": {"gender": 1, "min_age": 10}} for n in range(1, count + 1)]
    operation = QCOMMENT["/api/newproject"]["POST"]
    for media_type in ("application/x-www-form-urlencoded", MULTIPART):
        key = SIMULATOR.world.accounts["qcomment"].key
        fields = {"apicode": key, "title": "T", "task": "T", "subjects": 2, "tarif_id": 2, "social_setting": social}
        case = operation.Case(body={**fields, "geotargeting": {"countries": [20]}}, media_type=media_type)

        answer = case.call_and_validate(additional_checks=laws.VENDOR_LAWS).json()

        settings_of = laws.world_of(APP)["vendors"]["qcomment"]["projects"][answer["project_id"]]["settings"]
        assert settings_of["social_setting"] == social
        assert settings_of["geotargeting"] == {"countries": [20]}
