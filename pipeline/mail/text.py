"""What people typed, as it may stand in a subject, a line of text or a file's name."""

import re
import unicodedata

_UNNAMED = "(no name)"
_LONGEST = 60

# Controls, surrogates, line and paragraph ends, and marks that are not seen but turn
# the direction of what follows. The joiner and the selectors of emoji may stay.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SPACES = re.compile(r"\s+")
_JOINER = "\u200d"


def plain(text: str, longest: int = _LONGEST) -> str:
    """*text* in one line that means nothing but itself, cut after *longest* signs."""
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


def slug(text: str, longest: int = 40) -> str:
    """*text* as part of a file's name: writer, digits and dashes."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", ascii_text.lower()).strip("-")[:longest].strip("-")
