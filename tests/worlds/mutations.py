"""A tenant whose answers are mutated: dropped, nulled, retyped, repeated, enlarged …"""

import json
import re
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from pipeline.sandbox import SandboxServer
from pipeline.sandbox.api.routes import Answer
from pipeline.sandbox.http.faults import Fault
from pipeline.sandbox.http.server import Request

# Where a value is: the object or list that holds it, and its key or index.
Place = tuple[Any, Any]

HUGE = 10**400
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 7, 60.5, -0.0, 1e300, 2**63, 2**64, 10**30, HUGE),
    *("", " ", "x", "null", "NaN", "0001-01-01T00:00:00Z", "9999-12-31", "0000-00-00"),
    *(
        "1899-12-30T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "\x1b[2J\x00\n",
        "\u202e",
        "\ud83d",
    ),
    *("=1+1", '"', "$(touch X)", "a b", "..", "/etc/passwd", "%00", "x" * 300),
    *([], {}, [None], [[]], {"a": {"b": []}}, [1, "a", None, {}], {"error": 1}),
)
# No JSON, but what some servers write for a number.
_SCALAR = re.compile(rb"(?<=[:,] )(-?[0-9]+|null|true|false)(?=[,}\]])")
LITERALS = (b"NaN", b"-Infinity", b"1e400", b"-1e999", b"9" * 400)


class MutatingServer(SandboxServer):
    """A sandbox whose JSON answers are mutated, each with a *chance*.

    How an answer is mutated depends on *seed*, on what was asked and for which time.
    """

    seed = 0
    chance = 0.0
    mutated = 0
    times: Counter[str] | None = None

    def reply(self, request: Request, body: bytes) -> tuple[Answer, Fault | None]:
        answer, fault = super().reply(request, body)
        target = f"{request.path}?{request.query}"
        self.times = self.times or Counter()
        self.times[target] += 1
        random = Random(f"{self.seed} {target} {self.times[target]}")  # noqa: S311
        if request.path == "/oauth/token" or random.random() >= self.chance:
            return answer, fault
        self.mutated += 1
        return mutated(answer, random), fault


def mutated(answer: Answer, random: Random) -> Answer:
    """*answer* with one to three things in it that are not as they were."""
    if random.random() < 0.1:
        return random.choice(_WHOLE)(answer, random)
    content = json.loads(answer.body)
    for _ in range(random.randint(1, 3)):
        content = random.choice(_MUTATIONS)(content, random)
    text = json.dumps(content).encode()
    if random.random() < 0.1:
        scalars = list(_SCALAR.finditer(text))
        if scalars:
            first, last = random.choice(scalars).span()
            text = text[:first] + random.choice(LITERALS) + text[last:]
    return answer._replace(body=text)


def _places(content: Any) -> list[Place]:
    found: list[Place] = []
    waiting = [content]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one))
        for key in keys:
            found.append((one, key))
            if isinstance(one[key], dict | list):
                waiting.append(one[key])
    return found


def _at_a_place(change: Callable[[Any, Any, Random], None]) -> Callable[..., Any]:
    def mutate(content: Any, random: Random) -> Any:
        if isinstance(content, dict | list) and (places := _places(content)):
            holder, key = random.choice(places)
            change(holder, key, random)
        return content

    return mutate


def _drop(holder: Any, key: Any, _: Random) -> None:
    del holder[key]


def _null(holder: Any, key: Any, _: Random) -> None:
    holder[key] = None


def _retype(holder: Any, key: Any, random: Random) -> None:
    holder[key] = random.choice(ODD_VALUES)


def _repeat(holder: Any, key: Any, random: Random) -> None:
    if isinstance(holder, list):
        holder.insert(random.randint(0, len(holder)), holder[key])
    else:
        holder[f"{key}{key}"] = holder[key]


def _enlarge(holder: Any, key: Any, random: Random) -> None:
    value = holder[key]
    if isinstance(value, str):
        holder[key] = value * random.choice((20, 2000, 20_000))
    elif isinstance(value, bool | None):
        holder[key] = [value] * 2000
    elif isinstance(value, int):
        holder[key] = value * 10 ** random.choice((20, 400))
    elif isinstance(value, list):
        holder[key] = value * 20


def _reorder(holder: Any, key: Any, random: Random) -> None:
    value = holder[key]
    if isinstance(value, list):
        random.shuffle(value)
    elif isinstance(value, dict):
        mixed = list(value.items())
        random.shuffle(mixed)
        holder[key] = dict(mixed)


def _nest(holder: Any, key: Any, random: Random) -> None:
    for _ in range(random.choice((1, 50, 400))):
        holder[key] = [holder[key]]


_MUTATIONS = [_at_a_place(c) for c in (_drop, _null, _retype, _repeat, _enlarge)]
_MUTATIONS += [_at_a_place(change) for change in (_reorder, _nest, _retype)]


def _cut(answer: Answer, random: Random) -> Answer:
    return answer._replace(body=answer.body[: random.randint(0, len(answer.body))])


def _flip(answer: Answer, random: Random) -> Answer:
    body = bytearray(answer.body)
    for _ in range(random.randint(1, 5)):
        if body:
            body[random.randrange(len(body))] = random.randrange(256)
    return answer._replace(body=bytes(body))


def _another(answer: Answer, random: Random) -> Answer:
    odd = random.choice((b"", b"null", b"[]", b"{}", b"7", b'"x"', b"<html>", b"\0"))
    return answer._replace(body=odd)


def _status(answer: Answer, random: Random) -> Answer:
    statuses = (204, 302, 400, 401, 403, 404, 409, 418, 429, 451, 500, 503, 511)
    return answer._replace(status=random.choice(statuses))


def _header(answer: Answer, random: Random) -> Answer:
    name = random.choice(HEADERS)
    return answer._replace(headers={**answer.headers, name: random.choice(ODD_HEADERS)})


HEADERS = (
    *("Retry-After", "Date", "Content-Type", "Content-Encoding", "Location", "Link"),
    *("Deprecation", "Sunset", "X-Deprecated", "Set-Cookie", "ETag"),
)
ODD_HEADERS = (
    *("", " ", "x", "0", "-1", "0.1", "1e9", "gzip, gzip", "br", "identity", "*"),
    *("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Sat, 01 Jan 0000 00:00:00 GMT"),
    *("Mon, 01 Jan 2026 00:00:00 +9999", "@99999999999999999999", "@-1", "?1", "@x"),
    *("https://evil.example/", "//", "\xe9\xff", "a" * 5000, "text/html", '"', "\t"),
)

_WHOLE = [_cut, _flip, _another, _status, _header]
