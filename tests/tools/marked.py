"""A language whose words are all marked, and the words of a page that are not."""

import json
import re
from collections.abc import Iterable, Iterator
from gettext import NullTranslations
from html.parser import HTMLParser
from typing import Any

from pipeline.formats.language import Language

_PUT_IN = re.compile(r"(%\(\w+\)s|<[^>]*>)")
_OPEN, _SHUT = "⟦", "⟧"
_SAID = {"title", "aria-label", "alt", "placeholder", "data-label"}
_WORD = re.compile(r"[^\W\d_]{2,}")


class _Marked(NullTranslations):
    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def gettext(self, message: str) -> str:
        self.asked.add(message)
        parts = _PUT_IN.split(message)
        return "".join(
            part if place % 2 or not part.strip() else f"{_OPEN}{part}{_SHUT}"
            for place, part in enumerate(parts)
        )

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def marked() -> tuple[Language, set[str]]:
    """The language, and which words it was asked for so far."""
    catalogue = _Marked()
    return Language("en", catalogue), catalogue.asked


def unmarked(html: str, names: Iterable[str]) -> list[str]:
    """The texts of a page that have a word which is neither marked nor a name."""
    return texts_unmarked(texts(html), names)


def texts(html: str) -> list[str]:
    """What a page shows or says: texts, titles, labels, and those of figures."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.texts


def texts_unmarked(shown: Iterable[str], names: Iterable[str]) -> list[str]:
    """Those of *shown* that have a word which is neither marked nor a name."""
    known = sorted({name for name in names if name}, key=len, reverse=True)
    any_name = re.compile("|".join(map(re.escape, known)) or "(?!)")
    found: dict[str, None] = {}
    for text in shown:
        rest = any_name.sub("", "".join(_outside(text)))
        if _WORD.search(rest):
            found[" ".join(rest.split())] = None
    return list(found)


def _outside(text: str) -> Iterator[str]:
    depth = 0
    for sign in text:
        depth += (sign == _OPEN) - (sign == _SHUT)
        if not depth and sign != _SHUT:
            yield sign


class _Reader(HTMLParser):
    """The texts that a page shows or says."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_data = tag == "script" and ("type", "application/json") in attrs
        if tag in {"style", "script", "code"}:
            self._inside = "json" if is_data else tag
        self.texts += [said for name, said in attrs if name in _SAID and said]

    def handle_endtag(self, tag: str) -> None:
        if tag in {"style", "script", "code"}:
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside == "json":
            self.texts += _strings(json.loads(data))
        elif self._inside is None:
            self.texts.append(data)


def _strings(value: Any) -> Iterator[str]:
    """The texts that a figure shows."""
    if isinstance(value, dict):
        if "copyQuery" in value:
            yield from map(str, value.values())
            return
        for key, one in value.items():
            if key in {"name", "text"} and isinstance(one, str):
                yield one
            elif key != "themes":
                yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
