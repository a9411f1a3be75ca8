"""Whatever a finance file or the configuration holds: it is read, or refused."""

from pathlib import Path
from random import Random

import pytest

from pipeline import finance
from pipeline.config import Charge, Settings, load
from pipeline.errors import ConfigError
from pipeline.resources import resource

pytestmark = pytest.mark.slow

EXAMPLES = {path.name: path.read_bytes() for path in resource("examples").glob("*")}
ENV = dict.fromkeys(("ACME_API_KEY", "QLIK_API_KEY"), "a-key-of-acme")
PIECES = [
    *(b"", b"\0", b"\xff", b'"', b"'", b",", b";", b"\n", b"\r", b"\t", b"=1+1", b"\\"),
    *(b"1e400", b"NaN", b"Infinity", b"-1", b"-0", b"9" * 400, b"0.0000000000001"),
    *(b"2026-13", b"0001-01-01", b"9999-12-31", b"10000-01-01", b"1_000", b"\xd9\xa1"),
    *(b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\xed\xa0\xbd", b"x" * 70_000, b"*", b"?"),
    *(b"[", b"{}", b"%", b"100", b"101", b"true", b"null"),
]


def mutated(content: bytes, random: Random) -> bytes:
    for _ in range(random.randint(1, 4)):
        first = random.randint(0, len(content))
        last = min(len(content), first + random.choice((1, 5, 30, 200)))
        cell = content.split(b",")
        cell[random.randrange(len(cell))] = random.choice(PIECES)
        lines = content.split(b"\n")
        random.shuffle(lines)
        content = random.choice(
            [
                content[:first] + random.choice(PIECES) + content[first:],
                content[:first] + content[last:],
                content[:last] + content[first:],
                content[:first] + random.randbytes(1) + content[last:],
                b",".join(cell),
                b"\n".join(lines),
            ]
        )
    return content


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_mutated_file_is_read_or_refused(tmp_path: Path, name: str) -> None:
    for example, content in EXAMPLES.items():
        (tmp_path / example).write_bytes(content)
    settings = Settings((), tmp_path, charge=Charge.in_folder(tmp_path))
    for seed in range(150):
        random = Random(f"{name} {seed}")  # noqa: S311
        (tmp_path / name).write_bytes(mutated(EXAMPLES[name], random))
        refusal = refused(settings, tmp_path / name)
        assert refusal is None or name in refusal, seed
        assert refusal is None or refusal.count("\n") <= 1, seed


def refused(settings: Settings, path: Path) -> str | None:
    try:
        if path.suffix == ".toml":
            load(path, ENV)
        else:
            finance.read(settings)
    except ConfigError as exc:
        return str(exc)
    return None
