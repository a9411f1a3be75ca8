"""An invalid page → its valid records, and what may be kept of the others.

Kept are the fields that our record types name.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import inspect

from pipeline.endpoints import plausible_time
from pipeline.endpoints.endpoint import LONGEST_TEXT
from pipeline.tenant.failures import Found
from pipeline.tenant.pagination import Page
from pipeline.tenant.responses import decode, generic

_RAW_PAGE: msgspec.json.Decoder[Page[msgspec.Raw]] = msgspec.json.Decoder(
    Page[msgspec.Raw], strict=False
)

# Where a record has its id, by the names that the tenant uses.
_ID_FIELDS = ("id", "guid", "resourceAction")

# The times by which a run is filed under a day, the first that is there.
_TIMES = ("createdAt", "scheduledStartTime", "startTime", "updatedAt")

# The most records of a page that are kept: a page has 200 at most.
MOST_RECORDS = 1000

_NO_ID = "?"
_LONGEST_WORD = 80

_R = TypeVar("_R", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Salvaged(Generic[_R]):
    """A page without its invalid records.

    These are as generic objects; *first* is what is wrong with the first one.
    """

    page: Page[_R]
    found: Found
    invalid: list[Any]
    first: msgspec.ValidationError


def salvage(
    body: bytes, record: type[_R], redact: Callable[[str], str]
) -> Salvaged[_R]:
    """The valid records of a page that holds some that are not as documented.

    *redact* takes secrets out of the ids of the others.

    Raises:
        msgspec.ValidationError: The page itself is not as documented.
        httpx.DecodingError: It is not JSON, or not all of it.
    """
    raw = decode(body, _RAW_PAGE)
    decoder = msgspec.json.Decoder(record, strict=False)
    valid: list[_R] = []
    invalid: list[Any] = []
    errors: list[msgspec.ValidationError] = []
    for number, one in enumerate(raw.records):
        try:
            valid.append(decode(bytes(one), decoder))
        except msgspec.ValidationError as exc:
            where = str(exc).replace("`$", f"`$.data[{number}]")
            where = where if "`$" in where else f"{where} - at `$.data[{number}]`"
            errors.append(msgspec.ValidationError(where))
            invalid.append(generic(bytes(one)))
    ids = tuple(dict.fromkeys(as_word(redact(_id(one))) for one in invalid))
    found = Found(ids, frozenset(map(_day, invalid)), len(invalid))
    return Salvaged(Page(valid, raw.links), found, invalid, errors[0])


def _id(record: Any) -> str:
    """The id of a record, or of the automation in it."""
    if not isinstance(record, dict):
        return _NO_ID
    nested = record.get("automation")
    found = [
        value
        for one in (record, nested if isinstance(nested, dict) else {})
        for name in _ID_FIELDS
        if isinstance(value := one.get(name), str | int) and str(value).strip()
    ]
    return str(found[0]) if found else _NO_ID


def _day(record: Any) -> date | None:
    """The day of the first time that a record has."""
    values = (record.get(name) for name in _TIMES) if isinstance(record, dict) else ()
    found = (plausible_time(text) for text in values if isinstance(text, str))
    moment = next(filter(None, found), None)
    return moment.date() if moment else None


def as_word(text: str) -> str:
    """*text* as one printable word of at most 80 characters, as coverage lists ids."""
    word = "".join(c if c.isprintable() and not c.isspace() else "_" for c in text)
    return word[:_LONGEST_WORD] or _NO_ID


def redacted(page: Any, record: type[msgspec.Struct]) -> bytes:
    """The page's `data` as JSON, without any field that *record* does not name.

    Secrets are in fields that no record names, or that a record takes as they are; of
    an object or a list in another one, instead of a value, just that is noted.
    """
    listed = page.get("data") if isinstance(page, dict) else page
    kind = inspect.ListType(inspect.type_info(record))
    return msgspec.json.encode({"data": _project(listed, kind)})


def place(exc: Exception) -> str:
    """Where in the page the record is, such as `$.data[17].value`."""
    found = re.search(r"\$[\w.\[\]]*", str(exc))
    return found[0].rstrip(".") if found else "$"


def _project(value: Any, kind: inspect.Type) -> Any:
    if isinstance(kind, inspect.UnionType):
        kind = next((t for t in kind.types if _fits(value, t)), kind)
    if isinstance(value, dict) and isinstance(kind, inspect.StructType):
        named = {
            field.encode_name: field.type
            for field in kind.fields
            if not isinstance(field.type, inspect.RawType | inspect.AnyType)
        }
        return {n: _project(v, named[n]) for n, v in value.items() if n in named}
    if isinstance(value, list) and isinstance(kind, inspect.ListType):
        return [_project(item, kind.item_type) for item in value[:MOST_RECORDS]]
    if isinstance(value, dict | list):
        return f"({'an object' if isinstance(value, dict) else 'a list'})"
    return value[:LONGEST_TEXT] if isinstance(value, str) else value


def _fits(value: Any, kind: inspect.Type) -> bool:
    return isinstance(
        kind, inspect.StructType if isinstance(value, dict) else inspect.ListType
    )
