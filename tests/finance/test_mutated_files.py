"""Whatever a finance file or the configuration holds: it is read, or refused.

`CHARGEBACK_FUZZ_FILES=5000 pytest tests/finance/test_mutated_files.py` tries more.
"""

import csv
import os
import re
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from random import Random

import pytest

from pipeline import finance
from pipeline.config import Charge, Settings, load
from pipeline.errors import ConfigError
from pipeline.finance import FinanceFiles
from pipeline.resources import resource

pytestmark = pytest.mark.slow

EXAMPLES = {path.name: path.read_bytes() for path in resource("examples").glob("*")}
ENV = dict.fromkeys(("ACME_API_KEY", "QLIK_API_KEY"), "a-key-of-acme")
NUMBER = int(os.environ.get("CHARGEBACK_FUZZ_FILES", "60"))  # of mutations a file
NUMERAL = re.compile(r"^(-?\d+)\.(\d+)$")
Whole = Callable[[bytes], bytes]
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
    settings = with_all(tmp_path)
    for seed in range(NUMBER):
        random = Random(f"{name} {seed}")  # noqa: S311
        (tmp_path / name).write_bytes(mutated(EXAMPLES[name], random))
        refusal = refused(settings, tmp_path / name)
        assert refusal is None or name in refusal, seed
        assert refusal is None or refusal.count("\n") <= 1, seed


def with_all(folder: Path) -> Settings:
    """The settings that name every example in *folder*."""
    charge = replace(
        Charge.in_folder(folder),
        rate_card=folder / "rates.csv",
        values=folder / "value.csv",
    )
    assert len(charge.files) == len(FILES) + 1  # and the ledger
    return Settings((), folder, charge=charge)


def with_bytes(old: bytes, new: bytes) -> Whole:
    return lambda content: content.replace(old, new)


def separated(content: bytes, sign: str, *, comma: bool = False) -> bytes:
    """The same cells with another separator, and decimal commas if asked for."""
    out = StringIO()
    rows = list(csv.reader(StringIO(content.decode())))
    if comma:
        rows = [[NUMERAL.sub(r"\1,\2", cell) for cell in row] for row in rows]
    csv.writer(out, delimiter=sign).writerows(rows)
    return out.getvalue().encode()


# What programs make of a whole file, and whether it means the same afterwards.
SAME: dict[str, Whole] = {
    "byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "windows": with_bytes(b"\n", b"\r\n"),
    "mac": with_bytes(b"\n", b"\r"),
    "windows twice": with_bytes(b"\n", b"\r\r\n"),
    "empty lines": with_bytes(b"\n", b"\n\n  \n"),
    "no end": lambda content: content.rstrip(b"\n"),
    "semicolons": lambda content: separated(content, ";"),
    "tabs": lambda content: separated(content, "\t"),
    "sep=": lambda content: b"sep=,\n" + content,
    "sep=; and semicolons": lambda content: b"sep=;\r\n" + separated(content, ";"),
    "very many columns": lambda content: content.replace(
        b"\n", b"," * 2**16 + b"\n", 1
    ),
    "empty columns": with_bytes(b"\n", b",,,\n"),
    "german": lambda content: separated(content, ";", comma=True),
}
REFUSED: dict[str, Whole] = {
    "utf-16": lambda content: content.decode().encode("utf-16"),
    "utf-16, no mark": lambda content: content.decode().encode("utf-16-le"),
    "utf-32": lambda content: content.decode().encode("utf-32"),
    "latin-1": lambda content: content + "\xe4".encode("latin-1"),
    "nothing": lambda _: b"",
    "zeros": lambda _: b"\0" * 512,
    "a resource fork": lambda _: b"\0\5\x16\7\0\2\0\0Mac OS X",
    "a lock file": lambda _: b"\x05owner" + b" " * 50 + b"\0" * 100,
    "a workbook": lambda content: b"PK\3\4" + content,
    "zeros within": lambda content: content.replace(b",", b",\0", 3),
    "an enormous field": lambda content: content.replace(b",", b"," + b"x" * 2**21, 1),
    "a quote that never ends": lambda content: content + b'"' + b"x,\n" * 2**18,
    "the header twice": lambda content: content.split(b"\n")[0] + b"\n" + content,
}
FILES = sorted(name for name in EXAMPLES if name.endswith(".csv"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for example, content in EXAMPLES.items():
        (tmp_path / example).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", SAME)
def test_a_file_that_a_program_saved_anew_means_the_same(
    folder: Path, name: str, how: str
) -> None:
    settings = with_all(folder)
    before = meaning(finance.read(settings))

    (folder / name).write_bytes(SAME[how](EXAMPLES[name]))

    assert meaning(finance.read(settings)) == before


def meaning(files: FinanceFiles) -> list[object]:
    """The rows of all files without the numbers of their lines."""
    return [
        [
            value
            for column, value in zip(columns, row, strict=True)
            if column not in {"line", "rule"}
        ]
        for table, columns in finance.TABLES.items()
        for row in files.rows(table)
    ]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", REFUSED)
def test_a_file_that_is_no_such_file_is_refused(
    folder: Path, name: str, how: str
) -> None:
    settings = with_all(folder)
    (folder / name).write_bytes(REFUSED[how](EXAMPLES[name]))

    assert name in (refused(settings, folder / name) or "")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "endless", "loop"])
def test_what_is_no_regular_file_is_refused_at_once(
    folder: Path, name: str, kind: str
) -> None:
    settings = with_all(folder)
    path = folder / name
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        to = {"device": "/dev/null", "endless": "/dev/zero", "loop": str(path)}[kind]
        path.symlink_to(to)

    assert f"{path}: cannot be read: " in (refused(settings, path) or "")


def refused(settings: Settings, path: Path) -> str | None:
    try:
        if path.suffix == ".toml":
            load(path, ENV)
        else:
            finance.read(settings)
    except ConfigError as exc:
        return str(exc)
    return None
