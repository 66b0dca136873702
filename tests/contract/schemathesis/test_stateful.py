"""Workflows along the documents' links keep the laws, and reach what earlier calls have made."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import initialize
from schemathesis import GenerationMode
from schemathesis.generation.stateful.state_machine import StepInput

from tests.conftest import first_seed
from tests.contract.schemathesis import answers, laws
from tests.contract.schemathesis.test_vendors import CALM, QUICK, SIMULATOR, schema_of

RUN = settings(
    max_examples=30 if QUICK else 200,
    stateful_step_count=8,
    suppress_health_check=CALM,
    derandomize=False,  # or each round would be like the one before
    database=None,
)
ROUNDS = 12
start: Any = initialize
BEGINNINGS = {"qcomment": ["newproject", "new_ready_comment", "revision"], "qqtube": ["write"]}
"""What each workflow begins with: schemathesis itself begins with nothing that needs what no operation makes."""
NOT_FOUND = ("not found", "missing", "unknown")


def workflow(vendor: str, reached: Counter[str]) -> Any:
    """Return the machine of a vendor's links; it counts for each link how often its target knew what came over it."""
    schema = schema_of(vendor, generation={"mode": "positive"})
    machine = schema.as_state_machine()

    class Workflow(machine):  # type: ignore[misc,valid-type]
        def setup(self) -> None:
            SIMULATOR.reset()

        def step(self, input: Any) -> Any:  # noqa: A002 (schemathesis's name)
            output = super().step(input)
            if input.transition is not None and input.is_applied:
                reached[input.transition.id] += knows(laws.Call(output.response, output.case), output.response)
            return output

        def validate_response(self, response: Any, case: Any, additional_checks: Any = None, **kwargs: Any) -> None:
            super().validate_response(response, case, [*(additional_checks or ()), *laws.VENDOR_LAWS], **kwargs)

    for name in BEGINNINGS[vendor]:
        operation = schema.find_operation_by_id(name)

        def begin(self: Any, case: laws.Case) -> Any:
            step = StepInput.initial(case)
            self.recorder.record_case(case=case)
            self.control.record_step(step, self.recorder)
            return self.step(step)

        begin.__name__ = f"begin_with_{name}"
        bundle: Any = machine.bundles[f"{operation.label} -> 200"]
        cases = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        setattr(Workflow, begin.__name__, start(target=bundle, case=cases)(begin))
    return Workflow


def knows(call: laws.Call, response: Any) -> bool:
    """Tell whether an answer is about something that exists, be it only to refuse what is asked of it."""
    assert call.operation is not None
    answer = laws.answer_of(response, call)
    errors = [e for code, words in answer.messages for e in answers.named(call.vendor, call.operation, code, words)]
    return not any(error.gloss.endswith(NOT_FOUND) for error in errors)


def links(vendor: str) -> set[str]:
    """Name the links that start from what makes or changes something, as schemathesis names them."""
    paths = laws.spoken(vendor)["paths"]
    operations = {o["operationId"]: f"{method.upper()} {path}" for path, i in paths.items() for method, o in i.items()}
    return {
        f"{operations[name]} -> [200] {link} -> {operations[target['operationId']]}"
        for item in paths.values()
        for o in item.values()
        if (name := o["operationId"]) in BEGINNINGS[vendor]
        for link, target in o["responses"]["200"]["links"].items()
    }


@pytest.mark.parametrize("vendor", ["qcomment", "qqtube"])
def test_links_reach_what_was_made(vendor: str) -> None:
    """Each link from an operation that makes something leads, in some workflow, to an operation that knows it."""
    reached: Counter[str] = Counter()
    machine = workflow(vendor, reached)
    first = first_seed()
    for number in range(first, first + ROUNDS):
        seed(number)(machine).run(settings=RUN)
        if all(reached[link] for link in links(vendor)):
            break

    assert [link for link in sorted(links(vendor)) if not reached[link]] == []
