"""Text for the cells of a spreadsheet, which must not run it as a formula."""

import re

# The characters that begin a formula (OWASP, CSV injection), and their wide and small
# forms of East Asian keyboards. Where the list separator is a semicolon, a file with
# commas is split at semicolons and line ends, so that a cell may also begin within a
# text; and quotes and blanks before a formula are taken for the cell's own.
_FORMULA = re.compile(
    r"""(^|[;\t\r\n])((?:["' \xa0]*[" \xa0])?)(?=[=+\-@\t\r\n＝＋－＠﹦﹢﹣﹫])"""  # noqa: RUF001
)


def inert(value: object) -> object:
    """*value*; in text, with an apostrophe before what could be a formula."""
    return _FORMULA.sub(r"\1\2'", value) if isinstance(value, str) else value
