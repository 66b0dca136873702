"""What makes schemathesis send forms as PHP does and read XML as the specs say."""

from typing import Any
from xml.etree import ElementTree as ET

import schemathesis

from tests.contract.schemathesis import answers, laws, php_form

php_form.register()


@schemathesis.deserializer("text/xml")
def read_xml(context: schemathesis.DeserializationContext, response: schemathesis.Response) -> Any:
    """Return the values of the one kind whose root and elements fit, or the tree's text for the schema to refuse."""
    operation = context.operation
    vendor = laws.vendor_of(operation.path)
    element = ET.fromstring(response.content)
    for _, kind in answers.kinds(vendor.name, operation.path, operation.method, response.status_code, answers.XML):
        try:
            return kind.read(answers.XML, response.content)
        except answers.UndocumentedError:
            continue
    return ET.tostring(element, encoding="unicode")
