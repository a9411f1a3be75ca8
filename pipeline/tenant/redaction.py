"""Secrets hidden in messages, in every encoding in which they may come back."""

import re
from base64 import b64encode
from collections.abc import Iterator
from html.entities import codepoint2name

_HIDDEN = "[hidden]"

# A shorter secret is hidden only where it is a word: no message could be read else. One
# or two signs are no secret.
_SHORT = 8
_SHORTEST = 3

# In a base64 text a secret begins at any of three places of a group of four signs.
_OFFSETS = 3
_SHORTEST_BASE64 = 8


class Redaction:
    """Hides *secrets*; empty ones are none."""

    def __init__(self, *secrets: str) -> None:
        known = sorted({one for one in secrets if len(one) >= _SHORTEST}, key=len)
        forms = [form for one in reversed(known) for form in _forms(one)]
        self._pattern = re.compile("|".join(forms)) if forms else None

    def __call__(self, text: str) -> str:
        """*text* with a mark instead of each secret."""
        return self._pattern.sub(_HIDDEN, text) if self._pattern else text

    def __repr__(self) -> str:
        return "Redaction()"


def _forms(secret: str) -> Iterator[str]:
    """Patterns of a secret: as it is or escaped sign by sign, in base64, in hex."""
    spelled = "".join(map(_spellings, secret))
    if len(secret) < _SHORT:
        yield rf"(?<![A-Za-z0-9]){spelled}(?![A-Za-z0-9])"
        return
    yield spelled
    yield f"(?i:{secret.encode().hex()})"
    for offset in range(_OFFSETS):
        # The signs at both ends depend on what stands beside the secret.
        coded = b64encode(bytes(offset) + secret.encode()).decode().rstrip("=")
        inner = coded[(offset * 8 + 5) // 6 : (offset + len(secret)) * 8 // 6]
        if len(inner) >= _SHORTEST_BASE64:
            spelled = "".join(map(_base64_spellings, inner))
            yield rf"[A-Za-z0-9+/_-]{{0,2}}{spelled}[A-Za-z0-9+/_-]?={{0,2}}"


def _spellings(sign: str) -> str:
    """A pattern of a sign as it is, in URLs and forms, in JSON, Python and HTML."""
    code = ord(sign)
    spelled = [
        rf"\\*{re.escape(sign)}",
        rf"%(?:25)*(?i:{code:02x})",
        rf"\\+(?:u00|x)(?i:{code:02x})",
        rf"&(?:amp;)?\#0*{code};?",
        rf"&(?:amp;)?\#[xX]0*(?i:{code:x});?",
    ]
    if name := codepoint2name.get(code):
        spelled.append(rf"&(?:amp;)?{name};?")
    if sign == " ":
        spelled.append(r"\+")
    return f"(?:{'|'.join(spelled)})"


def _base64_spellings(sign: str) -> str:
    """A pattern of a sign of base64, in either alphabet, as it is or in a URL."""
    other = {"+": "-", "/": "_"}.get(sign)
    spelled = re.escape(sign)
    if other is None:
        return spelled
    return f"(?:{spelled}|{re.escape(other)}|%(?:25)*(?i:{ord(sign):02x}))"
