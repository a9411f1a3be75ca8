"""Rows → the ids that they have on pages: links to a name that hold when it changes."""

import base64
import hashlib
import re
from collections.abc import Collection
from functools import lru_cache

from pipeline.warehouse import Row

# What a row is of, and the first sign of its id. Whoever executes is a user, too.
_INITIALS = {
    "automation": "a",
    "cost_center": "c",
    "owner": "o",
    "executor": "o",
    "space": "s",
}
_HASH_BYTES = 5  # eight characters of base32
_ID = re.compile(rb' id="?([acos][a-z2-7]{8})\b')

# What rows have that are of nobody.
_NOBODY = "shared"


@lru_cache(maxsize=1 << 16)
def anchor(kind: str, tenant: str, entity_id: str) -> str:
    """The id of a row of a *kind*: of a tenant's, or of a cost centre of all of them.

    It is an initial and a hash, safe whatever somebody typed, and no name of a section.
    """
    initial = _INITIALS[kind]
    key = f"{initial}\0{tenant}\0{entity_id}"
    digest = hashlib.sha256(key.encode()).digest()[:_HASH_BYTES]
    return initial + base64.b32encode(digest).decode().lower()


def ids_on(page: bytes) -> set[str]:
    """Those of the ids of rows that *page* has."""
    return {found.decode() for found in _ID.findall(page)}


class Anchors:
    """The ids of the rows of a page, and links to names that are *listed*."""

    def __init__(self, listed: Collection[str] = ()) -> None:
        self._listed = listed
        self._given: set[str] = set()

    def begin(self) -> None:
        """Begin another page: each row has its id once on it."""
        self._given = set()

    def given(self, row_id: str) -> str:
        """The *row_id* for a row, or nothing if there is none or the page has it."""
        if not row_id or row_id in self._given:
            return ""
        self._given.add(row_id)
        return row_id

    def listed(self, row_id: str) -> str:
        """Where the search has all that there is of a row's name, or nothing."""
        return f"search.html#{row_id}" if row_id in self._listed else ""


def of_row(row: Row) -> str:
    """The id of *row*: that of an automation if it does not say of what; or nothing."""
    if "entity_id" not in row:
        center = row.get("cost_center")
        return anchor("cost_center", "", center) if center else ""
    kind, entity_id = row.get("dimension", "automation"), row["entity_id"]
    if kind not in _INITIALS or entity_id is None or entity_id == _NOBODY:
        return ""
    return anchor(kind, row["tenant"] or "", entity_id)
