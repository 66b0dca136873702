"""Typical slips in an OpenAPI file: each gets one message with its file and line."""

import pytest

from tests.spec.conftest import Keys, Slip, Specs, see_slip

QC, QQ = "qcomment/openapi.yaml", "qqtube/openapi.yaml"
SCHEMAS = ("components", "schemas")
PAYPROJECT = ("paths", "/api/payproject", "post")
OK = ("responses", "200", "content")
JSON, XML, FORM = "application/json", "text/xml", "application/x-www-form-urlencoded"


def example(operation: str, media_type: str, name: str, *keys: str | int) -> Keys:
    """Return the keys that lead to an example of an answer."""
    return ("paths", f"/api/{operation}", "post", *OK, media_type, "examples", name, *keys)


SLIPS = {
    "request that says neither what it costs nor that it only reads": Slip(
        QC,
        "BalanceRequest:\n      type: object\n      x-safe: true\n",
        "BalanceRequest:\n      type: object\n",
        (*SCHEMAS, "BalanceRequest"),
        "balance needs x-safe: true if it only reads, else x-cost",
    ),
    "condition for reading that no call meets": Slip(
        QC,
        "BlacklistRequest:\n      type: object\n      x-safe: {action: [get]}",
        "BlacklistRequest:\n      type: object\n      x-safe: {action: [list]}",
        (*SCHEMAS, "BlacklistRequest", "x-safe"),
        "action is never list",
    ),
    "key that OpenAPI does not have": Slip(
        QC,
        "summary: Buy works for a project",
        "sumary: Buy works for a project",
        (*PAYPROJECT, "sumary"),
        "OpenAPI knows no key sumary in an operation; did you mean summary?",
    ),
    "key that is none of ours": Slip(
        QC,
        "x-keyed: project_{id}",
        "x-keyd: project_{id}",
        (*SCHEMAS, "ProjectsJson", "x-keyd"),
        "the key x-keyd is unknown; did you mean x-keyed?",
    ),
    "wrong value of a key of ours": Slip(
        QC,
        "x-aliases: [id]",
        "x-aliases: id",
        (*SCHEMAS, "BlacklistRequest", "properties", "ID", "x-aliases"),
        "x-aliases: 'id' is not of type 'array'",
    ),
    "wrong value of a key of OpenAPI": Slip(
        QC,
        "summary: Buy works for a project",
        "summary: [Buy, works]",
        (*PAYPROJECT, "summary"),
        "summary is text, not ['Buy', 'works']",
    ),
    "wrong value of a key of JSON Schema": Slip(
        QC,
        "minimum: 1\n          description: Number of comments to buy.",
        "minimum: one\n          description: Number of comments to buy.",
        (*SCHEMAS, "PayprojectRequest", "properties", "pay", "minimum"),
        "properties.pay.minimum: 'one' is not of type 'number'",
    ),
    "key that is no text": Slip(
        QC,
        "x-request: {project_id: 4, pay: 10}",
        "x-request: {4: project_id, pay: 10}",
        example("payproject", JSON, "paid", "x-request", 4),
        "the key 4 is read as int; it is text: '4', in quotes",
    ),
    "required parameter that is none": Slip(
        QC,
        "required: [apicode, project_id, pay]",
        "required: [apicode, project, pay]",
        (*SCHEMAS, "PayprojectRequest", "required"),
        "required names project, which is no property",
    ),
    "reference to nothing": Slip(
        QC,
        "{$ref: '#/components/schemas/PayprojectRequest'}\n          multipart",
        "{$ref: '#/components/schemas/PayprojectRequst'}\n          multipart",
        (*PAYPROJECT, "requestBody", "content", FORM, "schema", "$ref"),
        "there is no component #/components/schemas/PayprojectRequst; "
        "did you mean #/components/schemas/PayprojectRequest?",
    ),
    "misspelt operation": Slip(
        QC,
        "operationId: payproject\n      tags",
        "operationId: payprojekt\n      tags",
        PAYPROJECT,
        "payprojekt has no behaviour: write a function of that name for vendor qcomment; did you mean payproject?",
    ),
    "parameter that the behaviour does not take": Slip(
        QC,
        "        date:\n",
        "        day:\n",
        (*SCHEMAS, "CommentsRequest", "properties", "day"),
        "comments takes day, which its behaviour (",
    ),
    "parameter that may be absent without a default": Slip(
        QC,
        "          enum: [0, 1, 2]\n          default: 0\n",
        "          enum: [0, 1, 2]\n",
        (*SCHEMAS, "RevisionRequest", "properties", "operation"),
        "revision may be called without operation: its behaviour (",
    ),
    "default of another type": Slip(
        QC,
        "          enum: [0, 1, 2]\n          default: 0\n",
        "          enum: [0, 1, 2]\n          default: 3\n",
        (*SCHEMAS, "RevisionRequest", "properties", "operation", "default"),
        "operation: 3 is not one of [0, 1, 2]",
    ),
    "example with a parameter that does not exist": Slip(
        QC,
        "x-request: {project_id: 4, pay: 10}",
        "x-request: {project: 4, pay: 10}",
        example("payproject", JSON, "paid", "x-request", "project"),
        "payproject has no parameter project",
    ),
    "example after an operation that does not exist": Slip(
        QC,
        "x-request: {project_id: 2}\n                  x-given: [{operation: revision,",
        "x-request: {project_id: 2}\n                  x-given: [{operation: revise,",
        example("project", JSON, "read", "x-given", 0, "operation"),
        "there is no operation revise",
    ),
    "wrong type in an example": Slip(
        QC,
        "value: {status: ok, money: 122.5}",
        "value: {status: ok, money: '122.5'}",
        example("payproject", JSON, "paid", "value", "money"),
        "the example does not fit PayprojectReply: money: '122.5' is not of type 'number'",
    ),
    "name in an example that its schema lacks": Slip(
        QC,
        "value: {status: ok, money: 122.5}",
        "value: {status: ok, money: 122.5, spent: 1}",
        example("payproject", JSON, "paid", "value"),
        "the example does not fit PayprojectReply: Additional properties are not allowed ('spent' was unexpected)",
    ),
    "wrong type in an XML example": Slip(
        QC,
        "<result> <status>ok</status> <money>122.5</money> </result>",
        "<result> <status>ok</status> <money>much</money> </result>",
        example("payproject", XML, "paid", "value"),
        "the example does not fit PayprojectReply: money: 'much' is not of type 'number'",
    ),
    "root of an XML example": Slip(
        QC,
        "<result> <status>ok</status> <money>122.5</money> </result>",
        "<answer> <status>ok</status> <money>122.5</money> </answer>",
        example("payproject", XML, "paid", "value"),
        "the example's root is answer, and replies have result, error",
    ),
    "tag of an XML example": Slip(
        QC,
        "<result> <status>ok</status> <money>122.5</money> </result>",
        "<result> <status>ok</status> <money>122.5</many> </result>",
        example("payproject", XML, "paid", "value"),
        "the example is not XML: mismatched tag",
    ),
    "example with another text than the catalogue": Slip(
        QC,
        "value: {error_code: 101, reason: Не указан API ключ. Доступ запрещен.}",
        "value: {error_code: 101, reason: Нет ключа.}",
        example("balance", JSON, "key_missing", "value"),
        "the example prints 'Нет ключа.', and error 101 is 'Не указан API ключ. Доступ запрещен.'",
    ),
    "key of an example that its item contradicts": Slip(
        QC,
        "                    '99':\n",
        "                    '98':\n",
        example("blacklist", JSON, "listed", "value", "98"),
        "the key 98 is made from its item: 99",
    ),
    "reading that does not exist": Slip(
        QC,
        "x-optional: qc.optional_fields\n      description: The project. A",
        "x-optional: qc.optional\n      description: The project. A",
        (*SCHEMAS, "ProjectJson", "x-optional"),
        "there is no reading qc.optional in readings.yaml",
    ),
    "wrong value in an example of the control plane": Slip(
        "control/openapi.yaml",
        "up: {value: {status: ok,",
        "up: {value: {status: fine,",
        ("paths", "/_apidouble/health", "get", *OK, "application/json", "examples", "up", "value", "status"),
        "the example does not fit Health: status: 'ok' was expected",
    ),
    "dispatch without its enum": Slip(
        QQ,
        "enum: [stats, funds, services, submissions, service]",
        "enum: [stats, funds, services, submissions]",
        ("paths", "/v1-api", "get", "x-dispatch", "operations"),
        "the enum of action and x-dispatch list the same operations; they differ in service",
    ),
    "request of another dispatched operation": Slip(
        QQ,
        "action: {const: funds}",
        "action: {const: fund}",
        (*SCHEMAS, "FundsRequest", "properties", "action"),
        "FundsRequest is the request of funds, so its action is {const: funds}",
    ),
    "flat parameter of no operation": Slip(
        QQ,
        "- name: id_service_submission\n",
        "- name: id_submission\n",
        ("paths", "/v1-api", "get", "parameters", 2),
        "the parameter id_submission is of none of the operations",
    ),
    "catalogue that does not exist": Slip(
        QQ,
        "x-catalog: share_types",
        "x-catalog: share_kinds",
        (*SCHEMAS, "AddRequest", "properties", "share_type", "x-catalog"),
        "there is no catalogue share_kinds",
    ),
}


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_slip_gets_one_message_with_its_line(slip: Slip, specs: Specs) -> None:
    """One message, at the line of what is wrong, says what it is."""
    see_slip(slip, specs)
