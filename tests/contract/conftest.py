"""Programs that are not Python's: used where they are installed."""

import os
import shutil
from collections.abc import Callable

import pytest


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """What gives a program's path; without it skips, or fails where APIDOUBLE_REQUIRE names the program."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            required = {each.strip() for each in os.environ.get("APIDOUBLE_REQUIRE", "").split(",")}
            if name in required:
                pytest.fail(f"{name} is not installed, and APIDOUBLE_REQUIRE names it")
            pytest.skip(f"{name} is not installed")
        return path

    return find
