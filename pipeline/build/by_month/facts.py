"""Files of tenant-months: named by what goes in, written once, held to their hash."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import file_digest
from pathlib import Path
from typing import Self

import duckdb
import msgspec

from pipeline import files, warehouse
from pipeline.build.by_month.repeated import ALL, NO_MONTH, TenantMonth
from pipeline.dates import next_month
from pipeline.errors import PipelineError

_NAME = "facts.json"

# A whole number of 128 bits is written as this: Parquet has none.
_WIDE = "DECIMAL(38,0)"


class _Fact(msgspec.Struct, array_like=True):
    """A file as it was written: size, time and number; its hash; when it was used."""

    size: int
    time: int
    number: int
    digest: str
    used: date


@dataclass(slots=True)
class Facts:
    """The folder *root* of all such files, and what is known of them, by name.

    Those that are not *believed* are made anew.
    """

    root: Path
    today: date
    known: dict[str, _Fact]
    fresh: set[str] = field(default_factory=set)
    is_believed: bool = True

    @classmethod
    def read(cls, root: Path, today: date) -> Self:
        """What is noted of the files in *root*; nothing, if that cannot be read."""
        try:
            content = (root / _NAME).read_bytes()
            known = msgspec.json.decode(content, type=dict[str, _Fact])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            known = {}
        return cls(root, today, known)

    def save(self) -> None:
        """Note what is known of the files."""
        with files.replacing(self.root / _NAME) as partial:
            partial.write_bytes(msgspec.json.encode(self.known))

    @property
    def is_empty(self) -> bool:
        """Whether there is no file that could be believed."""
        return not (self.known and self.is_believed)

    def forget(self) -> None:
        """Believe no file that was written before."""
        self.is_believed = False

    def name(self, model: str, month: TenantMonth, key: str) -> str:
        """The name of a file: its path in the folder."""
        folder = f"tenant={month.tenant}/month={month.month.isoformat()[:7]}"
        return f"{model}/{folder}/{key}.parquet"

    def path(self, name: str) -> Path:
        """Where the file *name* is."""
        return self.root / name

    def size(self, name: str) -> int:
        """The bytes of a file that is there."""
        return self.known[name].size

    def has(self, name: str) -> bool:
        """Whether the file *name* is there, as it was written; it is used then."""
        fact = self.known.get(name)
        if fact is None or not (self.is_believed or name in self.fresh):
            return False
        try:
            state = _state(self.path(name))
            if state != (fact.size, fact.time, fact.number):
                if _digest(self.path(name)) != fact.digest:
                    return False
                fact = _Fact(*state, fact.digest, self.today)
        except OSError:
            return False
        fact.used = self.today
        self.known[name] = fact
        return True

    def write(
        self, connection: duckdb.DuckDBPyConnection, name: str, select: str
    ) -> int:
        """Write the rows of *select* as the file *name*; how many they are."""
        path = self.path(name)
        with files.replacing(path) as partial:
            row = connection.execute(
                f"copy ({select}) to {warehouse.quoted(str(partial))}"
                " (format parquet, compression zstd, compression_level 1)"
            ).fetchone()
        self._record(name)
        return int(row[0]) if row else 0

    def take(self, name: str, made: Path) -> None:
        """Move the file *made* to where the file *name* is; the old one is replaced."""
        with files.replacing(self.path(name)) as partial:
            made.replace(partial)
        self._record(name)

    def _record(self, name: str) -> None:
        """Note a file that was just written."""
        path = self.path(name)
        self.known[name] = _Fact(*_state(path), _digest(path), self.today)
        self.fresh.add(name)

    def clean(self, days: int) -> None:
        """Remove what was not used for so many *days*, and what nobody noted."""
        since = self.today - timedelta(days=days)
        self.known = {
            name: fact for name, fact in self.known.items() if fact.used > since
        }
        for path in sorted(self.root.glob("*/tenant=*/month=*/*")):
            if str(path.relative_to(self.root)) not in self.known:
                path.unlink()
                _remove_empty(path.parent, self.root)
        self.save()

    def changed(self) -> Iterable[Path]:
        """The files that are not as they were written."""
        for name, fact in sorted(self.known.items()):
            path = self.path(name)
            if not path.is_file() or _digest(path) != fact.digest:
                yield path


def portable(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """The columns of *table*, as Parquet can hold them."""
    return ", ".join(
        f'cast("{column}" as {_WIDE}) as "{column}"'
        if kind == "HUGEINT"
        else f'"{column}"'
        for column, kind in _columns(connection, table).items()
    )


def condition(expression: str, month: TenantMonth) -> str:
    """Which rows are of *month*, that of *expression*; none is of the first month.

    Times are of UTC, as the session is.
    """
    first, after = month.month.isoformat(), next_month(month.month).isoformat()
    within = f"{expression} >= '{first}' and {expression} < '{after}'"
    if month.month == NO_MONTH:
        within = f"({expression} is null or {within})"
    if month.tenant == ALL:
        return within
    return f"tenant = {warehouse.quoted(month.tenant)} and {within}"


def select_of(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> str:
    """The select of all rows in the files *paths*, as the model made them.

    Raises:
        PipelineError: The first of them cannot be read.
    """
    # Whole paths: a view of them is read from anywhere.
    listed = ", ".join(
        warehouse.quoted(warehouse.literal(path.absolute())) for path in paths
    )
    source = f"read_parquet([{listed}], hive_partitioning = false)"
    try:
        columns = _columns(
            connection, source.replace(listed, listed.partition(", ")[0])
        )
    except duckdb.Error as exc:
        raise PipelineError(
            f"{paths[0]}: {warehouse.first_line(exc)}\nrun `chargeback build --full`,"
            " which makes it anew"
        ) from exc
    shown = ", ".join(
        f'cast("{column}" as hugeint) as "{column}"' if kind == _WIDE else f'"{column}"'
        for column, kind in columns.items()
    )
    return f"select {shown} from {source}"


def _columns(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    described = connection.execute(f"describe from {source}").fetchall()
    return {column: kind for column, kind, *_ in described}


def _state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root:
        try:
            folder.rmdir()
        except OSError:  # something else is in it
            return
        folder = folder.parent
