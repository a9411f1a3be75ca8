"""What files were found to hold is asked again once they are others."""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.endpoints import RUNS, USAGE, USERS
from pipeline.errors import CheckError
from pipeline.lake import COVERAGE, Lake, Table, known
from pipeline.lake.coverage import everything

DAY, NEXT = date(2026, 3, 1), date(2026, 3, 2)


class Reader:
    """Reads files of a number each, and notes which days it was asked for."""

    def __init__(self, located: dict[date, Path]) -> None:
        self.located = located
        self.asked: list[date] = []

    def read(self, days: Sequence[date]) -> pl.DataFrame:
        self.asked += days
        rows = [(int(self.located[day].read_text()), day) for day in days]
        return pl.DataFrame(rows, {"value": pl.Int64, "date": pl.Date}, orient="row")

    def found(self) -> dict[date, int]:
        rows = known.rows(everything, self.located, self.read)
        return {day: value for day, [(value, _)] in rows.items()}


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("1")
    other.write_text("2")
    return Reader({DAY: one, NEXT: other})


def test_files_that_are_as_they_were_are_read_once(reader: Reader) -> None:
    assert reader.found() == reader.found() == {DAY: 1, NEXT: 2}
    assert reader.asked == [DAY, NEXT]


def test_a_file_that_changed_is_read_again_and_no_other(reader: Reader) -> None:
    reader.found()
    reader.located[NEXT].write_text("33")
    assert reader.found() == {DAY: 1, NEXT: 33}
    assert reader.asked == [DAY, NEXT, NEXT]


def test_a_change_that_keeps_size_and_time_is_found(reader: Reader) -> None:
    reader.found()
    file = reader.located[DAY]
    before = file.stat()
    while file.stat().st_ctime_ns == before.st_ctime_ns:
        file.write_text("7")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert reader.found() == {DAY: 7, NEXT: 2}


def test_a_day_without_a_file_is_not_in_it(reader: Reader) -> None:
    reader.found()
    reader.located[DAY].unlink()
    assert reader.found() == {NEXT: 2}


def test_of_a_file_that_was_written_here_nothing_earlier_is_known(
    reader: Reader,
) -> None:
    reader.found()
    known.wrote(reader.located[DAY], DAY, {})
    reader.found()
    assert reader.asked == [DAY, NEXT, DAY]


def test_what_was_written_here_is_known_until_it_changes(reader: Reader) -> None:
    known.wrote(reader.located[DAY], DAY, {everything: [(1, DAY)]})
    reader.found()
    assert reader.asked == [NEXT]
    reader.located[DAY].write_text("11")
    assert reader.found() == {DAY: 11, NEXT: 2}


@pytest.mark.parametrize("count", [0, 3])
@pytest.mark.parametrize("table", [RUNS.table, USAGE.table, USERS.table, COVERAGE])
def test_what_is_known_of_what_was_written_is_what_the_files_have(
    table: Table, count: int, tmp_path: Path
) -> None:
    lake = Lake(tmp_path)
    rows = [{table.key[-1]: f"{n}"} for n in range(count)]
    lake.merge(table, "acme", DAY, pl.DataFrame(rows, schema=dict(table.columns)))
    found = lake.heights(table, "acme", [DAY]), lake.covered("acme")
    known.wrote(lake.path(table, "acme", DAY), DAY, {})
    assert (lake.heights(table, "acme", [DAY]), lake.covered("acme")) == found


def test_a_path_that_cannot_be_looked_into_is_an_error(reader: Reader) -> None:
    reader.located[DAY] = Path("x" * 300)
    with pytest.raises(CheckError, match="File name too long"):
        reader.found()
