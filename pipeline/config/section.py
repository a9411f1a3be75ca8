"""What sections of `chargeback.toml` have in common."""

from typing import Annotated

import msgspec

Addresses = Annotated[list[str], msgspec.Meta(min_length=1)]
Words = Annotated[str, msgspec.Meta(pattern=r"\A\S(.{0,98}\S)?\Z")]


class Section(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A table of the file; an unknown key is an error."""
