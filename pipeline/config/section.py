"""What sections of `chargeback.toml` have in common."""

from typing import Annotated

import msgspec

# What a text is like that has to match a pattern, by that.
FORMS: dict[str, str] = {}


def form(pattern: str, words: str) -> msgspec.Meta:
    """The rule that a text matches *pattern*; *words* say it to people."""
    FORMS[pattern] = words
    return msgspec.Meta(pattern=pattern)


Addresses = Annotated[list[str], msgspec.Meta(min_length=1)]
Words = Annotated[
    str,
    form(r"\A\S(.{0,98}\S)?\Z", "one line of 100 signs at most, without blanks around"),
]


class Section(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A table of the file; an unknown key is an error."""
