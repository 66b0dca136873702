"""The objects of OpenAPI 3.1 as tables: what kind of value stands under each of their keys.

`[kind]` is a list, `{kind}` a mapping of names, `text` and `flag` are plain, `any` is not looked into, every other
kind is an object of this table; `!` marks what must be there.
"""

from collections.abc import Mapping


def _table(written: str) -> dict[str, str]:
    """Return the kinds by their keys, from `key:kind` for each, or `keys, keys:kind` for several."""
    table: dict[str, str] = {}
    for part in written.split(";"):
        keys, _, kind = part.strip().rpartition(":")
        table.update(dict.fromkeys(keys.replace(",", " ").split(), kind))
    return table


OBJECTS: Mapping[str, Mapping[str, str]] = {
    "document": _table(
        "openapi:text!; info:info!; paths:{path}!; components:components; servers:[server]; tags:[tag]; "
        "security:[any]; externalDocs:any"
    ),
    "info": _table("title, version:text!; summary, description, termsOfService:text; license, contact:any"),
    "server": _table("url:text!; description:text; variables:any"),
    "tag": _table("name:text!; description:text; externalDocs:any"),
    "path": _table(
        "get, put, post, delete, patch, head, options:operation; summary, description:text; "
        "parameters:[parameter]; servers:[server]"
    ),
    "operation": _table(
        "operationId:text!; responses:{response}!; requestBody:body; parameters:[parameter]; tags:[text]; "
        "summary, description:text; deprecated:flag; servers:[server]; security:[any]; externalDocs, callbacks:any"
    ),
    "parameter": _table(
        "name, in:text!; description, style:text; required, deprecated, explode, allowReserved, allowEmptyValue:flag; "
        "schema:schema; content:{media}; example:any; examples:{example}"
    ),
    "body": _table("content:{media}!; description:text; required:flag"),
    "media": _table("schema:schema; example:any; examples:{example}; encoding:any"),
    "response": _table("description:text!; content:{media}; headers:{header}; links:{link}"),
    "header": _table("description:text; required:flag; schema:schema; example:any; examples:{example}"),
    "link": _table("operationId, operationRef, description:text; parameters, requestBody:any; server:server"),
    "example": _table("summary, description, externalValue:text; value:any"),
    "components": _table(
        "schemas:{schema}; responses:{response}; parameters:{parameter}; examples:{example}; requestBodies:{body}; "
        "headers:{header}; securitySchemes:{security}; links:{link}"
    ),
    "security": _table("type:text!; description, name, in, scheme, bearerFormat, openIdConnectUrl:text; flows:any"),
    "schema": _table(
        "type, enum, const, default, examples, required, minimum, maximum, exclusiveMinimum, exclusiveMaximum, "
        "multipleOf, minLength, maxLength, pattern, format, minItems, maxItems, uniqueItems, minProperties, "
        "maxProperties, title, description, deprecated, readOnly, writeOnly, xml, externalDocs, discriminator, "
        "dependentRequired, contentMediaType, contentEncoding, $comment:any; "
        "properties, patternProperties, dependentSchemas, $defs:{schema}; oneOf, anyOf, allOf, prefixItems:[schema]; "
        "items, additionalProperties, unevaluatedProperties, propertyNames, contains, not, if, then, else:schema"
    ),
}
SECTIONS: Mapping[str, str] = {
    "schema": "schemas",
    "response": "responses",
    "parameter": "parameters",
    "example": "examples",
    "body": "requestBodies",
    "header": "headers",
    "link": "links",
    "security": "securitySchemes",
}
