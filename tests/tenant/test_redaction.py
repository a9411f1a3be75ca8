"""A secret is hidden in every encoding in which a server may send it back."""

import html
import json
import random
import string
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from pipeline.tenant.redaction import Redaction

ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda s: quote(s, safe=""),
    "path": quote,
    "form": quote_plus,
    "lower": lambda s: "".join(f"%{ord(c):02x}" for c in s),
    "twice": lambda s: quote(quote(s, safe=""), safe=""),
    "json": json.dumps,
    "slashes": lambda s: json.dumps(s).replace("/", "\\/"),
    "json twice": lambda s: json.dumps(json.dumps(s)),
    "unicode": lambda s: "".join(f"\\u{ord(c):04X}" for c in s),
    "python": repr,
    "html": html.escape,
    "decimal": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "hexadecimal": lambda s: "".join(f"&#x{ord(c):X};" for c in s),
    "hex": lambda s: s.encode().hex(),
}
BASE64: dict[str, Callable[[str], str]] = {
    "basic": lambda s: b64encode(f"client:{s}".encode()).decode(),
    "alone": lambda s: b64encode(s.encode()).decode(),
    "one before": lambda s: b64encode(f"x{s}yz".encode()).decode(),
    "url": lambda s: urlsafe_b64encode(f"ab{s}".encode()).decode(),
    "percent": lambda s: quote(b64encode(s.encode()).decode(), safe=""),
}
ALPHABETS = [string.ascii_letters, string.digits, "+/=", string.printable[:95], "ab%25"]


def secrets(lengths: range) -> list[str]:
    choice = random.Random(13).choices  # noqa: S311
    return [
        "".join(choice(alphabet, k=length))
        for alphabet in ALPHABETS
        for length in lengths
    ]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_secret_is_hidden_however_it_is_written(encoding: str) -> None:
    for secret in [*secrets(range(8, 40)), *secrets(range(500, 502))]:
        written = ENCODINGS[encoding](secret)

        found = Redaction(secret)(f"sent <{written}> by us")

        assert written not in found
        assert secret not in found
        assert found.startswith("sent <")
        assert found.endswith("> by us")


@pytest.mark.parametrize("encoding", BASE64)
def test_nothing_of_a_secret_is_left_in_base64(encoding: str) -> None:
    for secret in secrets(range(12, 40)):
        written = BASE64[encoding](secret)

        found = Redaction(secret)(f"sent <{written}>")

        assert len(found) <= len("sent <[hidden]>") + 12
        assert "[hidden]" in found


@pytest.mark.parametrize("secret", ["abc", "pass12", "x-1", "4-5-6-7"])
def test_a_short_secret_is_hidden_where_it_is_a_word(secret: str) -> None:
    redact = Redaction(secret)

    assert redact(f"for {secret}.") == "for [hidden]."
    assert redact(f"a{secret}b") == f"a{secret}b"


@pytest.mark.parametrize("secret", ["", "k", "ab"])
def test_a_sign_is_no_secret(secret: str) -> None:
    assert Redaction(secret)("a text, k and ab") == "a text, k and ab"


def test_a_secret_is_in_no_repr() -> None:
    assert "canary-of-the-key" not in repr(Redaction("canary-of-the-key"))
