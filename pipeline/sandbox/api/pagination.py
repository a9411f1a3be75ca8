"""Pages of a listing: limits, sort orders, cursors, and links between pages."""

import base64
import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec

from pipeline.sandbox.api.errors import bad_request

T = TypeVar("T")
Value = str | int | None
Key = tuple[int, str | int, str]


def parameters(query: str, known: Collection[str]) -> dict[str, str]:
    """The query's parameters; one that is unknown or given twice is a 400."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in known:
            raise bad_request(f"unknown query parameter: {name}")
        if name in found:
            raise bad_request(f"query parameter given twice: {name}")
        found[name] = value
    return found


def limit(query: Mapping[str, str], default: int, maximum: int) -> int:
    """How many items a page may have."""
    text = query.get("limit", str(default))
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= maximum):
        raise bad_request(f"limit must be an integer from 1 to {maximum}")
    return int(text)


def order(
    query: Mapping[str, str], fields: Collection[str], default: str
) -> tuple[str, bool]:
    """The field to sort by, and whether in descending order.

    A `+` that was not encoded arrives as a space.
    """
    text = query.get("sort", default)
    name = text[1:] if text[:1] in ("+", "-") else text
    if name not in fields:
        raise bad_request(
            f"sort must be one of {', '.join(sorted(fields))}, got: {text!r}"
        )
    return name, text.startswith("-")


def flag(query: Mapping[str, str], name: str, *, default: bool) -> bool:
    """A boolean parameter."""
    text = query.get(name, str(default).lower())
    if text not in ("true", "false"):
        raise bad_request(f"{name} must be true or false")
    return text == "true"


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """Items in ascending order of their unique keys, read up- or descending."""

    keys: list[Key]
    items: list[T]
    descending: bool

    @classmethod
    def of(
        cls,
        items: Iterable[T],
        value: Callable[[T], Value],
        identity: Callable[[T], str],
        *,
        descending: bool,
        nulls_high: bool = False,
    ) -> "Listing[T]":
        """Sort *items* by *value*, and where it is equal by *identity*."""
        null: tuple[int, str | int] = (2 if nulls_high else 0, "")
        pairs = sorted(
            (
                (
                    *(null if (rank := value(item)) is None else (1, rank)),
                    identity(item),
                ),
                position,
                item,
            )
            for position, item in enumerate(items)
        )
        return cls(
            [key for key, _, _ in pairs], [item for *_, item in pairs], descending
        )

    def after(self, key: Key | None, count: int) -> tuple[list[T], Key | None]:
        """The items that follow *key*, and the last one's key if there are more."""
        if self.descending:
            end = len(self.keys) if key is None else bisect_left(self.keys, key)
            begin = max(0, end - count)
            return self.items[begin:end][::-1], self.keys[begin] if begin else None
        begin = 0 if key is None else bisect_right(self.keys, key)
        end = begin + count
        more = end < len(self.keys)
        return self.items[begin:end], self.keys[end - 1] if more else None

    def before(self, key: Key, count: int) -> tuple[list[T], Key | None]:
        """The items before *key*, in the order of the page, and the first one's key."""
        turned = Listing(self.keys, self.items, not self.descending)
        items, first = turned.after(key, count)
        return items[::-1], first

    def key_of(self, item: T) -> Key:
        """The key of an item of this listing."""
        return self.keys[self.items.index(item)]


def seal(scope: str, key: Key) -> str:
    """An opaque cursor that is valid for this *scope* (path, filter, sort) only."""
    text = msgspec.json.encode(key)
    return base64.urlsafe_b64encode(_stamp(scope, text) + text).decode().rstrip("=")


def unseal(scope: str, cursor: str) -> Key:
    """The key within a cursor; an invented one, or another listing's, is a 400."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise bad_request("invalid cursor") from None
    stamp, text = raw[:9], raw[9:]
    if stamp != _stamp(scope, text):
        raise bad_request("invalid cursor")
    key: Key = msgspec.json.decode(text, type=Key)
    return key


def _stamp(scope: str, text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=9, key=_digest(scope)).digest()


def _digest(scope: str) -> bytes:
    return hashlib.blake2b(scope.encode(), digest_size=32).digest()


def link(base: str, path: str, query: Mapping[str, str], **changes: str) -> str:
    """The URL of the same request with *changes* in place of its cursors."""
    kept = {name: value for name, value in query.items() if name not in _CURSORS}
    return f"{base}{path}?{urlencode(kept | changes)}"


_CURSORS = ("cursor", "next", "prev")
