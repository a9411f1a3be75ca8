"""A file of the lake that is not as it was written is found, whatever became of it."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipeline.endpoints import RUNS, TABLES, USAGE
from pipeline.errors import CheckError
from pipeline.lake import COVERAGE, DayCoverage, Lake, Table, tenants, unchanged

DAYS = [date(2026, 10, 1), date(2026, 10, 2)]
NIGHT = datetime(2026, 10, 3, 2, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two days of usage and runs, and their coverage."""
    lake = Lake(tmp_path / "lake")
    for day in DAYS:
        write(lake, USAGE.table, day, ("a", "runs", day.day, "Load", "u1", day))
        values = {"run_id": f"r{day.day}", "status": "finished"}
        row = tuple(values.get(column) for column in RUNS.table.columns)
        write(lake, RUNS.table, day, row)
    return tmp_path / "lake"


def write(lake: Lake, table: Table, day: date, row: tuple[object, ...]) -> None:
    lake.merge(table, "acme", day, table.frame([row]))
    lake.cover(table, "acme", {day: DayCoverage("complete", NIGHT)})


def check(root: Path, **renamed: str) -> tuple[int, int]:
    found = unchanged.check(root, TABLES, {"acme", "zeta"}, renamed)
    return found.files, found.without_hash


def path_of(root: Path, table: Table, day: date = DAYS[0]) -> Path:
    return Lake(root).path(table, "acme", day)


def assert_named(root: Path, path: Path) -> None:
    expected = f"{re.escape(str(path))}: not as it was written\nrestore it from a back"
    with pytest.raises(CheckError, match=expected):
        check(root)


def test_what_was_written_is_as_it_was_written(root: Path) -> None:
    assert check(root) == (6, 0)


@pytest.mark.parametrize("table", [USAGE.table, RUNS.table, COVERAGE])
def test_each_flipped_bit_is_found(root: Path, table: Table) -> None:
    path = path_of(root, table)
    content = path.read_bytes()
    for place in range(0, len(content), 29):
        other = bytearray(content)
        other[place] ^= 1 << place % 8
        path.write_bytes(other)
        assert_named(root, path)


@pytest.mark.parametrize("table", [USAGE.table, RUNS.table, COVERAGE])
def test_a_cut_empty_or_foreign_file_is_found(root: Path, table: Table) -> None:
    path = path_of(root, table)
    content = path.read_bytes()
    rows = pl.read_parquet(content, hive_partitioning=False)

    for other in (content[:-1], content[: len(content) // 2], b"", bytes(100)):
        path.write_bytes(other)
        assert_named(root, path)
    for frame in (rows, rows.clear(), pl.DataFrame({"a": [1]})):
        frame.write_parquet(path)
        assert_named(root, path)
    path.write_bytes(path_of(root, table, DAYS[1]).read_bytes())
    assert_named(root, path)


def test_all_changed_files_are_counted(root: Path) -> None:
    for table in (USAGE.table, RUNS.table):
        path_of(root, table).write_bytes(b"")

    with pytest.raises(CheckError, match="as it was written, and 1 more file\n"):
        check(root)


def test_a_changed_file_is_not_written_anew(root: Path) -> None:
    """What is merged with it would get a hash that is right."""
    lake = Lake(root)
    for table in (USAGE.table, COVERAGE):
        path = path_of(root, table)
        content = path.read_bytes()
        other = bytearray(content)
        other[content.rindex(b"file=") + 5] ^= 1
        path.write_bytes(other)
        with pytest.raises(CheckError, match=f"{table.name}.parquet: not as it was"):
            write(lake, USAGE.table, DAYS[0], ("b", "runs", 1, None, None, None))
        path.write_bytes(content)


def test_files_of_earlier_versions_are_read_and_counted(root: Path) -> None:
    for path in root.rglob("*.parquet"):
        rows = pl.read_parquet(path, hive_partitioning=False)
        rows.select(pl.exclude("has_hash")).write_parquet(path)
    assert check(root) == (6, 6)
    lake = Lake(root)
    before = lake.read(COVERAGE, "acme", DAYS[0])

    write(lake, USAGE.table, DAYS[0], ("a", "runs", 1, "Load", "u1", DAYS[0]))
    assert check(root) == (6, 6)
    assert lake.read(COVERAGE, "acme", DAYS[0]).equals(before)

    write(lake, USAGE.table, DAYS[0], ("b", "runs", 1, "Load", "u1", DAYS[0]))
    assert check(root) == (6, 4)
    path_of(root, USAGE.table).write_bytes(path_of(root, RUNS.table).read_bytes())
    assert_named(root, path_of(root, USAGE.table))


def test_a_tenant_that_was_renamed_keeps_its_files(root: Path) -> None:
    tenants.settle(root, TABLES, {"acme": "zeta"})

    assert check(root, acme="zeta") == (6, 0)
    with pytest.raises(CheckError, match="tenant=zeta"):
        check(root)
