"""Text that people typed, made safe for a subject or a line of text."""

import re
import unicodedata

_UNNAMED = "(no name)"
_LONGEST = 60

# Controls, surrogates, line and paragraph separators, and invisible marks that change
# the direction of text. The joiner and the selectors of emoji may stay.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SPACES = re.compile(r"\s+")
_JOINER = "\u200d"


def plain(text: str, longest: int = _LONGEST) -> str:
    """*text* in one line without invisible characters, *longest* of them at most."""
    seen = "".join(
        " " if sign.isspace() or unicodedata.category(sign) in {"Zl", "Zp"} else sign
        for sign in text[: longest * 10]
        if sign.isspace()
        or sign == _JOINER
        or unicodedata.category(sign) not in _UNSEEN
    )
    line = _SPACES.sub(" ", seen).strip()
    if len(line) > longest:
        line = f"{line[: longest - 1].rstrip()}…"
    return line or _UNNAMED
