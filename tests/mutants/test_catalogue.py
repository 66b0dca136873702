"""The catalogue of planted bugs stays true to the code: `make mutants` runs it."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
import yaml

from apidouble import mockserver

PRODUCT = Path(mockserver.__file__).resolve().parents[1]
TESTS = Path(__file__).parents[1]
LEAST = 60


def _run() -> Any:
    spec = spec_from_file_location("mutants_run", Path(__file__).with_name("run.py"))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MUTANTS = _run().catalogue()


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    """At least sixty."""
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= LEAST


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_can_be_planted(mutant: Any) -> None:
    """It stands in one place of the product, changes it, and what comes out is still Python or YAML."""
    assert mutant.file.split("/")[0] in ("mockserver", "client", "specs")
    text = (PRODUCT / mutant.file).read_text("utf-8")
    planted = mutant.planted(text)
    assert planted != text
    if mutant.file.endswith(".py"):
        compile(planted, mutant.file, "exec")
    else:
        assert yaml.safe_load(planted) != yaml.safe_load(text)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_tests_of_a_mutant_exist(mutant: Any) -> None:
    """Files, and where a test is named, with a parameter or without, the function in it."""
    assert mutant.tests
    for named in mutant.tests:
        path, _, test = named.partition("[")[0].partition("::")
        text = (TESTS.parent / path).read_text("utf-8")
        assert not test or re.search(rf"^def {test}\(", text, re.MULTILINE)
