"""Text for a terminal or a log: nothing in it moves the cursor or hides other text."""

import unicodedata

# Controls, marks that nobody sees, halves of characters, what Unicode does not use, and
# separators of lines and paragraphs. Spaces of all widths stay: figures hold them.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def shown(text: str) -> str:
    """*text* with a mark for each sign that is not shown; line ends stay."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(
        sign
        if sign == "\n" or unicodedata.category(sign) not in _UNSEEN
        else "\N{REPLACEMENT CHARACTER}"
        for sign in text
    )
