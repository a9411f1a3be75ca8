"""An invalid page → what may be kept of it: the fields that our record types name."""

import re
from typing import Any

import msgspec
from msgspec import inspect


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
        return [_project(item, kind.item_type) for item in value]
    if isinstance(value, dict | list):
        return f"({'an object' if isinstance(value, dict) else 'a list'})"
    return value


def _fits(value: Any, kind: inspect.Type) -> bool:
    return isinstance(
        kind, inspect.StructType if isinstance(value, dict) else inspect.ListType
    )
