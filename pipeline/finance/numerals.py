"""Numbers as spreadsheets write them: with a decimal point or with a decimal comma.

`1,5` is one and a half. `1,234` may be a thousand and more, unless another number of
the file says what a comma is; what may be either is refused.
"""

import re
from collections.abc import Iterable

# Three digits behind the only sign, and one to three before it, not beginning with 0:
# a thousand may be meant.
_COMMA = re.compile(r"[+-]?\d+,\d+")
_POINT = re.compile(r"[+-]?\d+\.\d+")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")


def decimal_sign(numbers: Iterable[str]) -> str:
    """The sign that *numbers* of a file have, without those that may be grouped.

    It is a comma or a point; empty if none of them says it, and both if they differ.
    """
    clear = [text for text in numbers if not _EITHER.fullmatch(text)]
    comma = "," if any(map(_COMMA.fullmatch, clear)) else ""
    point = "." if any(map(_POINT.fullmatch, clear)) else ""
    return comma + point


def with_point(text: str, sign: str, separator: str) -> str | None:
    """The number *text* with a decimal point; None if its sign may mean thousands.

    *sign* is that of the file. In a file that is separated by commas a point is the
    decimal sign, as it is in programs that write such files.
    """
    if len(sign) > 1:
        sign = "." if separator == "," else ","
    if _COMMA.fullmatch(text):
        is_clear = sign == "," or (not sign and not _EITHER.fullmatch(text))
        return text.replace(",", ".") if is_clear else None
    if _POINT.fullmatch(text) and sign != ".":
        if sign:
            return None
        return text if separator == "," or not _EITHER.fullmatch(text) else None
    return text
