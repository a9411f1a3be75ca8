"""A tenant, or what stands before it, that sends back who asked: nobody sees it.

In `test_canaries.py` servers hold marked secrets; here they repeat what they were sent.
"""

import json
from base64 import b64encode, encodebytes, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime
from html import escape
from pathlib import Path
from quopri import encodestring
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from pipeline.cli import clock
from pipeline.sandbox import SandboxServer, World
from pipeline.sandbox.api.routes import Answer
from pipeline.sandbox.http.faults import Fault
from pipeline.sandbox.http.server import Request
from test_canaries import content
from tools.commands import AS_OF, Folder, call
from worlds.sources import EVERY_SECTION

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("fast_retries")]

NOW = datetime(2026, 3, 3, 2, tzinfo=UTC)

# As a tenant makes them: a token of three parts, letters and digits, base64, signs.
SECRETS = [
    "eyJhbGciOiJFUzM4NCJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLW9mLXRoZS1jYW5hcnk",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "kJ8+/nX2w9Q7pZ0/aB4+cD5eF6gH7iJ8kL9mN0oP1qR=",
    "p@ss w/ sp\u0061ces & <signs> \"quoted\" 100% 'odd' \\ {braces}; #1",
    "canary-sixteen-b",
]

ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda s: quote(s, safe=""),
    "form": quote_plus,
    "twice": lambda s: quote(quote(s, safe=""), safe=""),
    "json": lambda s: json.dumps(s)[1:-1],
    "units": lambda s: "".join(f"\\u{ord(c):04x}" for c in s),
    "html": escape,
    "entities": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "hex": lambda s: s.encode().hex(),
    "basic": lambda s: b64encode(f"client:{s}".encode()).decode(),
    "base64": lambda s: b64encode(s.encode()).decode(),
    "base64 of more": lambda s: urlsafe_b64encode(f"a{s}".encode()).decode(),
    "base64 in lines": lambda s: encodebytes(f"x{s}".encode()).decode(),
    "quoted-printable": lambda s: encodestring(s.encode(), quotetabs=True).decode(),
}


_TEXTS = {"name", "email", "status", "subject", "type"}


# In names and ids a secret is looked for as libraries write it: whatever else a tenant
# may do to it, it does not read it back.
IN_DATA = set(ENCODINGS) - {"units", "entities", "hex", "quoted-printable"}
IN_DATA -= {"base64 in lines"}


class EchoServer(SandboxServer):
    """Wherever text may stand it sends the secret, in an encoding.

    Users are refused, spaces redirected to elsewhere, a page of connectors leads there.
    """

    secret = ""
    encode: Callable[[str], str] = str
    is_in_data = True

    def reply(self, request: Request, body: bytes) -> tuple[Answer, Fault | None]:
        answer, fault = super().reply(request, body)
        echo = self.encode(self.secret)
        headers = {**answer.headers, **headers_with(" ".join(echo.split()))}
        echoing = answer._replace(headers=headers)
        if request.path == "/oauth/token" or not answer.body:
            return echoing, fault
        if request.path.endswith("/users"):
            return refusal(echo, headers), fault
        if request.path.endswith("/spaces"):
            there = quote(echo, safe="/:%?&=+")
            gone = {"Location": f"https://{there}.example/{there}?{there}"}
            return Answer(302, b"", {**headers, **gone}), fault
        text = json.loads(answer.body)
        if request.path.endswith("-connectors"):
            text["links"] = {"next": {"href": f"https://{echo}/{echo}?{echo}"}}
        known = echo if self.is_in_data else self.secret
        fill(text, known, sum(request.query.encode()) % 4)
        return echoing._replace(body=json.dumps(text).encode()), fault


def headers_with(echo: str) -> dict[str, str]:
    """Headers of all kinds that have *echo* in them."""
    return {
        "Deprecation": f"@1688169599; for={echo}",
        "X-Deprecated-By": echo,
        "Sunset": echo,
        "Set-Cookie": f"key={echo}",
        "WWW-Authenticate": f'Bearer realm="{echo}"',
        "ETag": echo,
        "X-Request-Id": echo,
    }


def refusal(echo: str, headers: dict[str, str]) -> Answer:
    one = {"code": echo, "title": f"for {echo}", "detail": echo, "meta": {"x": echo}}
    body = {"errors": [one], "traceId": echo, "error": echo, "error_description": echo}
    return Answer(403, json.dumps(body).encode(), headers)


def fill(value: Any, echo: str, turn: int) -> None:
    """Put *echo* into the texts of an answer, and now and then where it is odd."""
    if isinstance(value, list):
        for one in value:
            fill(one, echo, turn)
    if not isinstance(value, dict):
        return
    for name, one in value.items():
        if isinstance(one, dict | list):
            fill(one, echo, turn)
        elif name in _TEXTS and "value" not in value:
            value[name] = f"{one} {echo}"
        elif turn == 1 and name.endswith(("At", "Time")):
            value[name] = f"at {echo}"
        elif turn == 2 and name in {"id", "guid"}:
            value[name] = "x" * 60 + echo
    value["unknown"] = [echo]


@pytest.fixture
def world() -> World:
    return World(now=NOW, start=date(2026, 3, 1), automations=4)


def credentials(secret: str, kind: str) -> dict[str, Any]:
    if kind == "key":
        return {"api_key": secret}
    return {"client_id": "client", "client_secret": secret}


CONFIGURED = {
    "key": 'api_key = "env:SANDBOX_KEY"',
    "oauth": 'oauth_client_id = "client"\noauth_client_secret = "env:SANDBOX_KEY"',
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_secret_that_comes_back_is_written_or_printed(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    number = list(ENCODINGS).index(encoding)
    secret = SECRETS[number % len(SECRETS)]
    kind = ("key", "oauth")[number % 2]
    form = ("text", "json")[number // 2 % 2]
    with EchoServer(world, **credentials(secret, kind)) as server:
        server.secret, server.encode = secret, ENCODINGS[encoding]
        server.is_in_data = encoding in IN_DATA
        folder = Folder(tmp_path, server)
        folder.configure()
        config = tmp_path / "chargeback.toml"
        text = config.read_text().replace(CONFIGURED["key"], CONFIGURED[kind])
        config.write_text(text.replace("retries = 0", "retries = 1") + EVERY_SECTION)
        args = ["extract", "--as-of", AS_OF, "--debug", "--log-format", form]
        env = {"SANDBOX_KEY": secret}
        result = call(*args, folder=tmp_path, env=env)
        asked = call("doctor", "--log-format", form, folder=tmp_path, env=env)
    printed = [result.stdout, result.stderr, asked.stdout, asked.stderr]
    (tmp_path / "printed").write_text("".join(printed))

    assert result.returncode == 3
    assert "[hidden]" in result.stderr
    assert traces(tmp_path, secret) == []


def traces(folder: Path, secret: str) -> list[str]:
    """Where a dozen signs of a secret are found, in any encoding."""
    parts = {part for encode in ENCODINGS.values() for part in pieces(encode(secret))}
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            held = content(path)
            found += [f"{path.name}: {part!r}" for part in parts if part in held]
    return sorted(found)


def pieces(text: str) -> set[bytes]:
    one = text.encode()
    return {one[n : n + 12] for n in range(max(1, len(one) - 11))}
