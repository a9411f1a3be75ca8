"""Numbers → text as babel writes them, but faster."""

import re
from collections.abc import Callable
from decimal import Decimal

from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol

Number = Decimal | int

Writer = Callable[[Number], str]

MINUS_SIGN = "\N{MINUS SIGN}"

# A line may end between a sign and a currency, unless this stands there.
_WORD_JOINER = "\N{WORD JOINER}"
_BEFORE_CURRENCY = re.compile(rf"(?<=[+{MINUS_SIGN}])(?=[^\s\d])")

# Numbers that locales write differently: in groups of two, or without below 10,000.
_PROBES = tuple(
    sign * Decimal(text)
    for text in ("0.001", "1", "12.345", "1234.5", "12345.6", "1234567.891")
    for sign in (1, -1)
)


def with_minus(text: str) -> str:
    """*text*, a number as a locale writes it, with a minus sign for its hyphen."""
    return text.replace("-", MINUS_SIGN)


def kept_whole(text: str) -> str:
    """*text*, an amount with its currency, such that no line ends within it."""
    has_sign = MINUS_SIGN in text or "+" in text  # most have none
    return _BEFORE_CURRENCY.sub(_WORD_JOINER, text) if has_sign else text


def quick(write: Writer, digits: int | None, locale: Locale) -> Writer:
    """A faster writer with the same results as *write*, or *write* itself.

    A number has so many *digits* after its decimal sign, or those that it has. Babel
    takes 30 µs for a number, and a year of statements has half a million.
    """
    signs = str.maketrans(
        {",": get_group_symbol(locale), ".": get_decimal_symbol(locale)}
    )
    form = ",f" if digits is None else f",.{digits}f"
    before, after = _around(write(Decimal(1)))
    before_minus, after_minus = _around(write(Decimal(-1)))

    def shown(value: Number) -> str:
        size = value.copy_abs() if isinstance(value, Decimal) else abs(value)
        if isinstance(size, int) and not digits:
            text = f"{size:,}".translate(signs)
        else:
            text = format(Decimal(size), form).translate(signs)
        if value < 0:
            return f"{before_minus}{text}{after_minus}"
        return f"{before}{text}{after}"

    return shown if all(shown(one) == write(one) for one in _PROBES) else write


def _around(text: str) -> tuple[str, str]:
    """The text before the first digit of *text*, and that after the last."""
    digits = [index for index, sign in enumerate(text) if sign.isdigit()]
    return text[: digits[0]], text[digits[-1] + 1 :]
