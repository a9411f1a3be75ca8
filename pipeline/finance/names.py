"""Names of cost centres: when two are the same, and what a name may not hold."""

import re
import unicodedata

UNALLOCATED = "Unallocated"

# Controls, and separators of lines and paragraphs.
_BREAKING = {"Cc", "Zl", "Zp"}
# Signs that are not seen although Unicode does not call them formats: the combining
# grapheme joiner, fillers, selectors of variants, and the empty pattern of Braille.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
# Of hyphens there are two more, which look the same.
_HYPHENS = re.compile("[\u2010\u2011]")


def name_key(name: str) -> str:
    """What is the same for two names that a reader would take for one.

    They may differ in case, in how accents and widths are coded, in spaces, and in
    signs that are not seen.
    """
    # Twice: what one step leaves may be composed, or hidden, by the next.
    return _folded(_folded(name))


def is_reserved(name: str) -> bool:
    """Whether it is the name of the cost centre for what no rule matches."""
    return name_key(name) == name_key(UNALLOCATED)


def is_one_line(name: str) -> bool:
    """Whether *name* can be seen, and is one line without control characters."""
    kinds = {unicodedata.category(sign) for sign in name}
    return bool(name_key(name)) and not kinds & _BREAKING


def differing(one: str, other: str) -> tuple[str, str]:
    """Two names of the same key for a message, so that their difference is seen."""
    if unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other):
        return ascii(one), ascii(other)
    return repr(one), repr(other)


def _folded(name: str) -> str:
    seen = "".join(sign for sign in name if unicodedata.category(sign) != "Cf")
    folded = unicodedata.normalize("NFKC", _UNSEEN.sub("", seen)).casefold()
    # A capital I with a dot becomes an i with another one.
    composed = unicodedata.normalize("NFKC", folded.replace("i\u0307", "i"))
    return " ".join(_HYPHENS.sub("-", composed).split())


def names_in(listed: str) -> tuple[str, ...]:
    """The names in a list such as `acme; beta`, each once, in order."""
    return tuple(sorted({*map(str.strip, listed.split(";"))} - {""}))
