"""A text into the number it is to PHP: blanks around it, a sign, decimals and an exponent do not matter."""

# assumed: see specs/readings.yaml#http.numbers

import re
from decimal import Decimal

LONGEST = 18
NUMERIC = re.compile(
    r"[ \t\n\r\v\f]*([+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,2})?)[ \t\n\r\v\f]*",
    re.ASCII,
)


def read_number(text: str) -> Decimal | None:
    """Return the number that a text is, None for a text that is none."""
    match = NUMERIC.fullmatch(text)
    return Decimal(match[1]) if match else None


def read_whole(text: str) -> int | None:
    """Return the whole number of at most 18 digits that a text is, None for any other text."""
    if text.isdigit() and text.isascii() and len(text) <= LONGEST:
        return int(text)
    number = read_number(text)
    if number is None or abs(number) >= 10**LONGEST or number != int(number):
        return None
    return int(number)
