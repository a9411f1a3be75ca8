"""A secret is hidden in every encoding in which a server may send it back."""

import html
import json
import random
import string
from base64 import b64encode, encodebytes, urlsafe_b64encode
from collections.abc import Callable
from html.entities import html5
from quopri import encodestring
from urllib.parse import quote, quote_plus

import pytest

from pipeline.tenant.redaction import Redaction

NAMES = {
    sign: f"&{name.rstrip(';')};" for name, sign in html5.items() if len(sign) == 1
}
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
    "names": lambda s: "".join(NAMES.get(c, c) for c in s),
    "octal": lambda s: "".join(f"\\{ord(c):03o}" for c in s),
    "mail": lambda s: encodestring(s.encode(), quotetabs=True).decode(),
    "all of it": lambda s: "".join(f"={ord(c):02X}" for c in s),
    "folded": lambda s: "\r\n ".join(s[n : n + 30] for n in range(0, len(s), 30)),
    "upper": str.upper,
    "lowered": str.lower,
}
BASE64: dict[str, Callable[[str], str]] = {
    "basic": lambda s: b64encode(f"client:{s}".encode()).decode(),
    "alone": lambda s: b64encode(s.encode()).decode(),
    "one before": lambda s: b64encode(f"x{s}yz".encode()).decode(),
    "url": lambda s: urlsafe_b64encode(f"ab{s}".encode()).decode(),
    "percent": lambda s: quote(b64encode(s.encode()).decode(), safe=""),
    "slashes": lambda s: json.dumps(b64encode(s.encode()).decode()).replace("/", r"\/"),
    "html": lambda s: b64encode(s.encode()).decode().replace("+", "&plus;"),
}
ALPHABETS = [string.ascii_letters, string.digits, "+/=", string.printable[:95], "ab%25"]


BROKEN: dict[str, Callable[[str], str]] = {
    "lines": str,
    "escaped lines": json.dumps,
    "mail": lambda s: encodestring(s.encode()).decode(),
}


def secrets(lengths: range) -> list[str]:
    choice = random.Random(13).choices  # noqa: S311
    return [
        "".join(choice(alphabet, k=length))
        for alphabet in ALPHABETS
        for length in lengths
    ]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_secret_is_hidden_however_it_is_written(encoding: str) -> None:
    for secret in [*secrets(range(8, 40, 3)), *secrets(range(500, 501))[:2]]:
        written = ENCODINGS[encoding](secret)

        found = Redaction(secret)(f"sent <{written}> by us")

        assert written not in found
        assert secret not in found
        assert found.startswith("sent <")
        assert found.endswith("> by us")


@pytest.mark.parametrize("encoding", BASE64)
def test_nothing_of_a_secret_is_left_in_base64(encoding: str) -> None:
    for secret in secrets(range(12, 40, 3)):
        written = BASE64[encoding](secret)

        found = Redaction(secret)(f"sent <{written}>")

        assert len(found) <= len("sent <[hidden]>") + 12
        assert "[hidden]" in found


@pytest.mark.parametrize("encoding", BROKEN)
@pytest.mark.parametrize("before", range(40, 76, 5))
def test_nothing_of_a_secret_is_left_in_lines_of_base64(
    encoding: str, before: int
) -> None:
    for secret in secrets(range(12, 40, 9)):
        lines = encodebytes(b"x" * before + secret.encode() * 2).decode()
        there = BROKEN[encoding](lines)

        found = Redaction(secret)(there)

        kept = BROKEN[encoding](encodebytes(b"x" * before).decode())
        assert len(found) <= len(kept) + 2 * len("[hidden]") + 12


@pytest.mark.parametrize("secret", ["abc", "pass12", "x-1", "4-5-6-7"])
def test_a_short_secret_is_hidden_where_it_is_a_word(secret: str) -> None:
    redact = Redaction(secret)

    assert redact(f"for {secret}.") == "for [hidden]."
    assert redact(f"a{secret}b") == f"a{secret}b"


@pytest.mark.parametrize("secret", ["", "k", "ab"])
def test_a_sign_is_no_secret(secret: str) -> None:
    assert Redaction(secret)("a text, k and ab") == "a text, k and ab"


@pytest.mark.parametrize("text", ["\\" * 300_000, "%25" * 90_000, "&amp;" * 90_000])
def test_nothing_that_repeats_takes_long(text: str) -> None:
    """It took hours, when each place of a text was compared to the end of it."""
    assert Redaction("canary-of-the-key")(text) == text


IN_DATA = [*list(ENCODINGS)[:9], "html"]
LONG = "a+b/c=d&canary e%<>\"'5"


@pytest.mark.parametrize("encoding", IN_DATA)
def test_what_is_read_is_without_a_long_secret(encoding: str) -> None:
    body = f'{{"name": "<{ENCODINGS[encoding](LONG)}>", "id": "z\u00fcrich"}}'

    found = Redaction(LONG).of_body(body.encode()).decode()

    assert "canary" not in found


def test_what_is_read_stays_as_it_is_without_a_secret() -> None:
    body = b'{"name": "canary", "odd": "\xff"}'

    assert Redaction(LONG, "canary").of_body(body) is body


def test_a_secret_is_in_no_repr() -> None:
    assert "canary-of-the-key" not in repr(Redaction("canary-of-the-key"))
