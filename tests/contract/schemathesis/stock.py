"""Turns the table of schemathesis's own checks that cannot judge an interface, with reasons, into its configuration."""

from collections.abc import Mapping
from typing import Any

import schemathesis
from schemathesis.checks import CHECKS, load_all_checks

from tests.contract.schemathesis.dialect import steering

VENDORS, CONTROL = "vendors", "control"

SWITCHED_OFF: Mapping[str, Mapping[str, str]] = {
    VENDORS: {
        "negative_data_rejection": "Errors come with HTTP status 200; validity_decides reads the body instead.",
        "unsupported_method": (
            "QComment answers another method with 200 and error 101 (qc.method), QQTube with 405 and no Allow"
            " (qq.method); one_documented_kind and validity_decides judge those answers."
        ),
    },
    CONTROL: {},
}

VALID_YET_400: Mapping[str, str] = {
    "deposit": "A vendor takes its own currencies only, and an amount of more than nothing.",
    "advanceClock": "A valid duration may lead past the end of virtual time, the year 2999.",
    "addFault": "A kind has its own parameters and times, and does not fit every operation.",
    "setClock": "A valid instant may lie past the end of virtual time.",
}
"""Operations of the control plane for which positive_data_acceptance lets a 400 pass."""

BLIND: Mapping[str, str] = {
    "positive_data_acceptance": "On, yet every answer of the vendors is 200: validity_decides reads the body.",
    "ignored_auth": (
        "On, yet OpenAPI has no security scheme for a key in a form, so the vendors declare none:"
        " test_key_opens_every_operation does its work. The control plane's token is optional (security {}), so it acts"
        " in test_token_is_asked_for alone."
    ),
    "use_after_free": "On, yet what is deleted, a fault, cannot be asked for by itself.",
    "ensure_resource_availability": "On, yet it looks for 404; test_stateful asserts that what was made is found.",
    "missing_required_header": "On, yet no operation has a header among its parameters.",
    "response_headers_conformance": "On, yet no answer declares a header.",
    "object_level_authorization": "On, yet it needs two identities, and a world has one key for each vendor.",
    "allow_header_conformance": "On, yet it acts on OPTIONS alone.",
}

INEXPRESSIBLE: Mapping[str, str] = {
    "links from lists": "Lists of comments and projects are keyed by id; a runtime expression cannot name such a key.",
    "links from XML": "Links read JSON; XML is compared with JSON call by call instead.",
    "one path, several operations": "x-dispatch is ours; schemathesis takes QQTube's GET and POST for two operations.",
    "nested arrays in forms": "OpenAPI has no encoding with PHP's brackets for arrays within arrays: php_form is ours.",
    "guessed links": (
        "What it infers from names is not in the documents: inference is off, the documents' own links are followed."
    ),
    "XML answers": "schemathesis reads only JSON into a schema; from_xml is registered as the deserializer.",
}


def names() -> set[str]:
    """Name all checks that schemathesis brings along."""
    load_all_checks()
    return set(CHECKS.get_all_names())


def config(whose: str, **more: Any) -> schemathesis.Config:
    """Return the configuration for the vendors' interfaces or for the control plane's."""
    checks = {name: {"enabled": name not in SWITCHED_OFF[whose]} for name in sorted(names())}
    phases = {"stateful": {"inference": {"algorithms": []}}} | more.pop("phases", {})
    operations = [
        {
            "include-operation-id": name,
            "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "400", "401", "404", "409"]}},
        }
        for name in (VALID_YET_400 if whose == CONTROL else ())  # with any, schemathesis's include() takes everything
    ]
    settings = {"checks": checks, "phases": phases, "operations": operations, **steering(), **more}
    return schemathesis.Config.from_dict(settings)
