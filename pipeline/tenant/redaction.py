"""Secrets hidden in messages, in every encoding in which they may come back."""

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from functools import cached_property
from html.entities import html5
from urllib.parse import quote, quote_plus

_HIDDEN = "[hidden]"

# A shorter secret is hidden only where it is a word: no message could be read else. One
# or two signs are no secret.
_SHORT = 8
_SHORTEST = 3

# A shorter one is not looked for in what is read: a name may have it by chance.
_SHORTEST_IN_DATA = 16

# In a base64 text a secret begins at any of three places of a group of four signs.
_OFFSETS = 3
_SHORTEST_BASE64 = 8

# Long texts are broken: a line end, also escaped, also as quoted-printable has it. All
# that repeats has an end, else a text of nothing but backslashes would take hours.
_FOLD = r"(?:=?(?:\s|\\{1,4}[rn]){1,4})?"

_NAMED: dict[str, list[str]] = {}
for _name, _sign in html5.items():
    _NAMED.setdefault(_sign, []).append(_name.rstrip(";"))


class Redaction:
    """Hides *secrets*; empty ones are none."""

    def __init__(self, *secrets: str) -> None:
        self._known = {one for one in secrets if len(one) >= _SHORTEST}
        self._written = {
            written.encode()
            for one in self._known
            if len(one) >= _SHORTEST_IN_DATA
            for written in _usual(one)
        }

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        """Made when it is needed first: of a long key it takes half a second."""
        longest_first = sorted(self._known, key=len, reverse=True)
        forms = [form for one in longest_first for form in _forms(one)]
        return re.compile("|".join(forms)) if forms else None

    def __call__(self, text: str) -> str:
        """*text* with a mark instead of each secret."""
        return self._pattern.sub(_HIDDEN, text) if self._pattern else text

    def of_body(self, body: bytes) -> bytes:
        """*body* with a mark instead of each long secret, usually just as it is.

        It is looked at for the usual encodings, which takes no time; if one is there,
        all are looked for.
        """
        if not any(written in body for written in self._written):
            return body
        text = body.decode("utf-8", "surrogateescape")
        return self(text).encode("utf-8", "surrogateescape")

    def __repr__(self) -> str:
        return "Redaction()"


def _usual(secret: str) -> Iterator[str]:
    """*secret* as it may stand in data: as libraries write it, if they do so at all."""
    quoted = quote(secret, safe="")
    in_json = json.dumps(secret)[1:-1]
    yield from (secret, in_json, in_json.replace("/", "\\/"), json.dumps(in_json)[1:-1])
    yield from (quoted, quote(secret), quote_plus(secret), quote(quoted, safe=""))
    yield from (
        re.sub("%..", lambda code: code[0].lower(), quoted),
        html.escape(secret),
    )
    for encode in (b64encode, urlsafe_b64encode):
        for offset in range(_OFFSETS):
            yield _inner(encode(bytes(offset) + secret.encode()).decode(), offset)


def _forms(secret: str) -> Iterator[str]:
    """Patterns of a secret: as it is or escaped sign by sign, in base64, in hex."""
    if len(secret) < _SHORT:
        spelled = "".join(map(_spellings, secret))
        yield rf"(?<![A-Za-z0-9]){spelled}(?![A-Za-z0-9])"
        return
    # Some systems write headers in another case.
    yield f"(?i:{_FOLD.join(map(_spellings, secret))})"
    yield f"(?i:{secret.encode().hex()})"
    for offset in range(_OFFSETS):
        coded = b64encode(bytes(offset) + secret.encode()).decode()
        inner = _inner(coded, offset)
        if len(inner) >= _SHORTEST_BASE64:
            spelled = _FOLD.join(map(_base64_spellings, inner))
            # A sign that holds bits of what stands beside it.
            begin = "[A-Za-z0-9+/_-]?" if offset else ""
            is_whole = (offset + len(secret)) % _OFFSETS == 0
            yield begin + spelled + ("" if is_whole else "[A-Za-z0-9+/_-]?={0,2}")


def _inner(coded: str, offset: int) -> str:
    """The signs of a base64 text that do not depend on what stands beside it."""
    length = len(coded) * 3 // 4 - coded.count("=")
    return coded[(offset * 8 + 5) // 6 : length * 8 // 6]


def _spellings(sign: str) -> str:
    """A pattern of a sign as it is, in URLs, forms and mails, in JSON, Python, HTML."""
    code = ord(sign)
    spelled = [
        rf"\\{{0,16}}{re.escape(sign)}",
        rf"[%=](?:25){{0,4}}{code:02x}",
        rf"\\{{1,16}}(?:u00|x){code:02x}",
        rf"\\{{1,16}}{code:03o}",
        rf"&(?:amp;)?\#0{{0,6}}{code};?",
        rf"&(?:amp;)?\#x0{{0,6}}{code:x};?",
    ]
    if names := _NAMED.get(sign):
        spelled.append(f"&(?:amp;)?(?:{'|'.join(names)});?")
    if sign == " ":
        spelled.append(r"\+")
    return f"(?i:{'|'.join(spelled)})"


def _base64_spellings(sign: str) -> str:
    """A pattern of a sign of base64, in either alphabet, as it is or in a URL."""
    if sign not in "+/":
        return sign
    return f"(?:{_spellings(sign)}|{'-' if sign == '+' else '_'})"
