"""CSV files as cells, however a spreadsheet has written them.

Excel separates by semicolons where the comma is the decimal sign, may write `sep=;`
into the first line, and keeps empty columns at the right end. All of it is read, as
the names of the columns say which separator is meant.
"""

import csv
import re
from collections.abc import Collection
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.files import read_small

_SEPARATORS = ",;\t"
_HINT = re.compile(r'"?sep=(?P<separator>[,;\t])"?[,;\t]*\n', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cells:
    """The names of the columns, the lines below them by number, and their separator."""

    separator: str
    first: int
    header: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]


def read_cells(path: Path, known: Collection[str]) -> Cells:
    """The cells of the file at *path*, without empty lines and spaces around texts.

    *known* are the names that columns may have.

    Raises:
        ConfigError: The file cannot be read, or is no CSV file.
    """
    # Line ends of any kind are one, also within a cell.
    text = StringIO(_text(path), newline=None).read()
    hint = _HINT.match(text)
    first = 2 if hint else 1
    body = text[hint.end() :] if hint else text
    begin = body[:65_536].partition("\n")[0]
    separator = hint["separator"] if hint else _separator(begin, known)
    return _cells(path, body, separator, first)


def _cells(path: Path, body: str, separator: str, first: int) -> Cells:
    """The cells of *body*, whose first line has the number *first*."""
    reader = csv.reader(StringIO(body), strict=True, delimiter=separator)
    lines = []
    try:
        header = _without_end([name.strip() for name in next(reader, [])])
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                number = reader.line_num + first - 1
                lines.append((number, _without_end(stripped, len(header))))
    except csv.Error as exc:
        number = reader.line_num + first - 1
        raise ConfigError(f"{path}, line {number}: {exc}") from exc
    return Cells(separator, first, header, tuple(lines))


def _text(path: Path) -> str:
    try:
        content = read_small(path)
        return content.decode("utf-8-sig")
    except FileNotFoundError as exc:
        raise ConfigError(f"{path}: no such file; is the path right?") from exc
    except OSError as exc:
        raise ConfigError(f"{path}: cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        raise ConfigError(
            f"{path}, line {line}: not UTF-8; save it as “CSV UTF-8”"
        ) from exc


def _separator(header: str, known: Collection[str]) -> str:
    """The sign that makes most known columns of *header*; if in doubt, the comma."""

    def columns(sign: str) -> int:
        return sum(name.strip(' "') in known for name in header.split(sign))

    return max(_SEPARATORS, key=columns)


def _without_end(cells: list[str], least: int = 0) -> tuple[str, ...]:
    """*cells* without empty ones at the end, down to *least*."""
    end = len(cells)
    while end > least and not cells[end - 1]:
        end -= 1
    return tuple(cells[:end])
