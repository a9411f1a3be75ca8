"""Text in the cell of a spreadsheet, where it must never be run as a formula."""

import re

# A spreadsheet runs a cell that begins like this (OWASP, CSV injection), also with the
# wide signs of East Asian keyboards. Where lists are separated by semicolons, a file of
# commas is cut at these and at line ends, so that a cell may begin within a text too.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[=+\-@\t\r\n＝＋－＠])")  # noqa: RUF001


def inert(value: object) -> object:
    """*value* itself, but text with a quotation mark before what may be a formula."""
    return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value
