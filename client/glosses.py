"""Turn the catalogues of errors in the specs into English glosses for numbers and for unnumbered reasons."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from apidouble.specs import ROOT

FILES = {"qcomment": "errors.yaml", "qqtube": "messages.yaml"}
PLACE = re.compile(r"\\\{\w+\\\}")


@dataclass(frozen=True, slots=True)
class Glosses:
    """English for one vendor's errors."""

    numbered: Mapping[int, str]
    failures: tuple[tuple[re.Pattern[str], str], ...]

    def of_code(self, code: int) -> str:
        """Return the gloss of a number, empty for one that no document has."""
        return self.numbered.get(code, "")

    def of_reason(self, reason: str) -> str:
        """Return the gloss of an unnumbered reason, empty if nothing is known of it."""
        return next((gloss for pattern, gloss in self.failures if pattern.fullmatch(reason)), "")


@cache
def glosses(vendor: str) -> Glosses:
    """Read a vendor's catalogue, once."""
    with (ROOT / vendor / FILES[vendor]).open("rb") as file:
        catalogue: dict[str, list[dict[str, Any]]] = yaml.safe_load(file)
    return Glosses(
        {
            int(row.get("code") or row["id"]): row["gloss"]
            for part in ("errors", "legacy", "messages")
            for row in catalogue.get(part, ())
        },
        tuple(
            (re.compile(PLACE.sub(".+", re.escape(row["text"]))), row["gloss"]) for row in catalogue.get("failures", ())
        ),
    )
