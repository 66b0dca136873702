"""The shipped specs hold together, and what the check makes of files and of Python."""

import re
from collections.abc import Callable
from dataclasses import replace
from enum import IntEnum
from typing import Any

import openapi_spec_validator
import pytest

from apidouble.mockserver.spec.check import check, coherent
from apidouble.mockserver.spec.load import load
from apidouble.mockserver.spec.source import SpecError
from apidouble.specs import ROOT
from tests.spec.conftest import VENDORS, Specs

QC, QQ, ERRORS = "qcomment/openapi.yaml", "qqtube/openapi.yaml", "qcomment/errors.yaml"
PROJECTS = "vendors/qcomment/behaviour/projects.py"


def test_shipped_specs_hold_together() -> None:
    """Nothing to report on the specs as they are."""
    assert check(ROOT, VENDORS) == []


@pytest.mark.parametrize("name", [QC, QQ, "control/openapi.yaml"])
def test_openapi_files_are_openapi(name: str, specs: Specs) -> None:
    """A validator that is not ours accepts them as OpenAPI 3.1."""
    openapi_spec_validator.validate(specs.content(name))


def test_specs_hold_what_the_documents_list(specs: Specs) -> None:
    """As many errors, messages, tariffs, subjects and parameters as the documents have."""
    errors = specs.content(ERRORS)["errors"]
    messages = specs.content("qqtube/messages.yaml")["messages"]
    assert len(documented(errors)) == 67
    assert documented(messages) == [30, 32, 100]
    assert len(specs.content("qcomment/catalog/tariffs.yaml")["tariffs"]) == 182
    assert len(specs.content("qcomment/catalog/subjects.yaml")["subjects"]) == 52
    assert len(specs.content(QC)["components"]["schemas"]["NewprojectRequest"]["properties"]) == 47


def documented(entries: list[dict[str, Any]]) -> list[int]:
    """Return the numbers of the entries that the document has."""
    return [e["code" if "code" in e else "id"] for e in entries if e.get("evidence", "documented") == "documented"]


def test_key_written_twice_is_named(specs: Specs) -> None:
    """YAML itself would keep the last of the two and say nothing."""
    changed = specs.changing(ERRORS, "  gloss: number of works missing\n", "  gloss: a\n  gloss: b\n")
    line = changed.text(ERRORS).partition("  gloss: b")[0].count("\n") + 1
    assert changed.problems() == [f"{ERRORS}:{line}: the key 'gloss' is written twice"]


def test_file_that_is_no_yaml_is_named(specs: Specs) -> None:
    """The line where it stops being YAML, and nothing about what then cannot be compared."""
    changed = specs.changing(ERRORS, "  gloss: number of works missing\n", "\tgloss: number of works missing\n")
    line = changed.text(ERRORS).partition("\tgloss")[0].count("\n") + 1
    (message,) = changed.problems()
    assert message.startswith(f"{ERRORS}:{line}: ")


@pytest.mark.parametrize("name", [QC, ERRORS, "qqtube/machines.yaml", "readings.yaml", "control/openapi.yaml"])
def test_missing_file_is_named(name: str, specs: Specs) -> None:
    """One message says that a file is not there."""
    left = {path: text for path, text in specs.files.specs.items() if path != specs.path(name)}
    assert replace(specs, files=replace(specs.files, specs=left)).problems() == [f"{name}:1: the file is missing"]


def test_empty_file_is_named(specs: Specs) -> None:
    """A file with nothing in it is wrong, not absent."""
    (message,) = specs.writing("qcomment/catalog/vip.yaml", "# nothing\n").problems()
    assert message.startswith("qcomment/catalog/vip.yaml:1: None is not of type 'object'")


def test_file_of_no_known_kind_is_named(specs: Specs) -> None:
    """A catalogue of which the schema says nothing could hold anything."""
    (message,) = specs.writing("qcomment/catalog/moods.yaml", "moods: []\n").problems()
    assert message.startswith("qcomment/catalog/moods.yaml:1: extensions.schema.json has no $defs/moods")


def test_independent_slips_get_a_message_each(specs: Specs) -> None:
    """What is wrong in one vendor's files hides nothing in the other's."""
    changed = specs.changing(ERRORS, "- code: 302\n", "- code: '302'\n").changing(QQ, "x-trim: true", "x-trim: no")
    assert [message.partition(":")[0] for message in changed.problems()] == [ERRORS, QQ]


def test_same_slip_in_many_lines_gets_one_message(specs: Specs) -> None:
    """A key that is nobody's is named once, with all its lines."""
    text = specs.text(QC).replace("x-optional:", "x-option:")
    (message,) = specs.writing(QC, text).problems()
    assert re.fullmatch(rf"{QC}:\d+: the key x-option is unknown.* \(also in line \d+(, \d+){{7}}\)", message)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("raise RefusedError(303)", "raise RefusedError(399)", "there is no error 399"),
        ('_afford(here, project, pay, 201)', '_afford(here, project, pay, 299)', "there is no error 299"),
        ('FailedError("unusable_value", parameter="tarif_id")', 'FailedError("unus")', "there is no failure unus"),
    ],
)  # fmt: skip
def test_error_raised_and_not_in_the_catalogue_is_named(old: str, new: str, said: str, specs: Specs) -> None:
    """At the line of the Python that raises it."""
    changed = specs.changing(PROJECTS, old, new)
    line = changed.text(PROJECTS).partition(new)[0].count("\n") + 1
    messages = [message for message in changed.problems() if "nothing raises" not in message]
    assert [message.partition(": ")[0] for message in messages] == [f"{PROJECTS}:{line}"]
    assert f": {said}" in messages[0]


def test_failure_raised_for_both_vendors_is_in_a_catalogue(specs: Specs) -> None:
    """What is raised on behalf of either must be known to one vendor at least."""
    text = specs.text("gateway/meaning.py") + '\n\ndef refuse() -> None:\n    raise FailedError("nobody_knows")\n'
    (message,) = specs.writing("gateway/meaning.py", text).problems()
    line = text.count("\n")
    assert message == f"gateway/meaning.py:{line}: there is no failure nobody_knows"


@pytest.mark.parametrize("mention", ["# assumed: see specs/readings.yaml#qc.nothing", 'here.reading("qc.nothing")'])
def test_reading_named_in_python_exists(mention: str, specs: Specs) -> None:
    """Neither a comment nor a literal may name a reading that is not there."""
    changed = specs.writing(PROJECTS, f"{specs.text(PROJECTS)}{mention}\n")
    line = changed.text(PROJECTS).count("\n")
    assert changed.problems() == [f"{PROJECTS}:{line}: there is no reading qc.nothing in readings.yaml"]


def test_behaviour_that_wants_more_than_the_operation_takes_is_named(specs: Specs) -> None:
    """A parameter in Python that no call can carry."""
    qcomment = VENDORS["qcomment"]

    def balance(here: Any, currency: str, account_id: int = 0) -> Any:
        raise NotImplementedError

    vendors = {**VENDORS, "qcomment": replace(qcomment, behaviours={**qcomment.behaviours, "balance": balance})}
    (message,) = replace(specs, vendors=vendors).problems()
    place = specs.line(QC, "components", "schemas", "BalanceRequest")
    assert message.startswith(f"{place}: balance takes no account_id, which its behaviour ({__file__}:")


def test_shipped_specs_suit_the_code_at_every_start() -> None:
    """The quick part of the check finds nothing."""
    coherent(load(), VENDORS)


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [("behaviours", "balance", "balance has no behaviour"), ("effects", "comment.pay", "has no effect comment.pay")],
)
def test_start_stops_where_code_is_missing(
    kind: str, name: str, said: str, without: Callable[[str, str, str], Specs]
) -> None:
    """The quick part names a missing behaviour or effect."""
    with pytest.raises(SpecError, match=said):
        coherent(load(), without("qcomment", kind, name).vendors)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"WAITING": 1, "FINISHED": 3, "NOT_NEEDED": 2}, "uniqueness: finished is 2 here and 3 in Python"),
        ({"WAITING": 1, "FINISHED": 2}, "uniqueness: not_needed is 3 here and none in Python"),
        (
            {"WAITING": 1, "FINISHED": 2, "NOT_NEEDED": 3, "LOST": 4},
            "uniqueness: lost is no state here and 4 in Python",
        ),
    ],
)
def test_start_stops_where_states_have_other_numbers(names: dict[str, int], said: str) -> None:
    """A state that the machine and Python number differently, or only one of them has, is named."""
    qcomment = VENDORS["qcomment"]
    renumbered: Any = IntEnum("Uniqueness", names)  # type: ignore[misc]
    states: dict[str, Any] = {**qcomment.states, "uniqueness": renumbered}
    with pytest.raises(SpecError, match=said):
        coherent(load(), {**VENDORS, "qcomment": replace(qcomment, states=states)})


def test_start_stops_where_a_vendor_is_missing() -> None:
    """Specs without any Python are no simulator."""
    with pytest.raises(SpecError, match="there is no vendor qqtube in Python"):
        coherent(load(), {"qcomment": VENDORS["qcomment"]})


def test_start_stops_where_nothing_raises_an_error() -> None:
    """The quick part names an error whose number stands nowhere in the vendor's Python."""
    contract = load()
    spec = contract.vendors["qcomment"]
    unheard = {"code": 4711, "operation": "any", "text": "a", "gloss": "a", "cause": "a"}
    content = spec.errors_source.content
    source = replace(spec.errors_source, content={**content, "errors": [*content["errors"], unheard]})
    vendors = {**contract.vendors, "qcomment": replace(spec, errors_source=source)}
    with pytest.raises(SpecError, match="nothing raises the error 4711"):
        coherent(replace(contract, vendors=vendors), VENDORS)
