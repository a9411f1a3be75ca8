"""A file of the lake that is damaged is found when it is first read, and set aside."""

import logging
import os
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipeline.config import Settings
from pipeline.endpoints import RUNS, TABLES, USAGE
from pipeline.errors import CheckError
from pipeline.lake import (
    COVERAGE,
    DayCoverage,
    Lake,
    Table,
    damage,
    future,
    hashes,
    present,
)

DAYS = [date(2026, 10, 1), date(2026, 10, 2)]
NIGHT = datetime(2026, 10, 3, 2, tzinfo=UTC)


def flip(content: bytes) -> bytes:
    return bytes([*content[:60], content[60] ^ 4, *content[61:]])


HARM: dict[str, Callable[[bytes], bytes]] = {
    "flipped": flip,
    "cut": lambda content: content[:-5],
    "empty": lambda _: b"",
    "foreign": lambda _: b"a page of a proxy",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    lake = Lake(tmp_path / "lake")
    for day in DAYS:
        rows = [("a", "runs", day.day, "Load", "u1", day)]
        lake.merge(USAGE.table, "acme", day, USAGE.table.frame(rows))
        values = {"run_id": f"r{day.day}", "status": "finished"}
        row = tuple(values.get(column) for column in RUNS.table.columns)
        lake.merge(RUNS.table, "acme", day, RUNS.table.frame([row]))
        for table in (USAGE.table, RUNS.table):
            lake.cover(table, "acme", {day: DayCoverage("complete", NIGHT)})
    return Settings((), tmp_path)


def path_of(settings: Settings, table: Table) -> Path:
    return Lake(settings.lake).path(table, "acme", DAYS[0])


@pytest.mark.parametrize("table", [USAGE.table, RUNS.table, COVERAGE])
@pytest.mark.parametrize("harm", HARM)
def test_a_damaged_file_is_named_and_set_aside(
    settings: Settings, caplog: pytest.LogCaptureFixture, table: Table, harm: str
) -> None:
    damage.check(settings, TABLES, is_noted=True)
    path = path_of(settings, table)
    content = HARM[harm](path.read_bytes())
    path.write_bytes(content)

    with pytest.raises(CheckError, match=f"{re.escape(str(path))}: not as it was wr"):
        damage.check(settings, TABLES)
    damage.separate(settings, TABLES)

    (renamed,) = path.parent.iterdir()
    assert renamed.name.startswith(f"{path.name}.damaged-")
    assert renamed.read_bytes() == content
    assert f"{path}: not as it was written: set aside" in caplog.text
    damage.check(settings, TABLES)
    caplog.clear()
    present.log_strays(settings)
    assert caplog.text == ""


def test_a_copy_of_another_day_and_a_file_without_its_hash_are_set_aside(
    settings: Settings,
) -> None:
    usage, runs = (path_of(settings, one) for one in (USAGE.table, RUNS.table))
    other = Lake(settings.lake).path(USAGE.table, "acme", DAYS[1])
    usage.write_bytes(other.read_bytes())
    pl.read_parquet(runs, hive_partitioning=False).write_parquet(runs)

    damage.separate(settings, TABLES)

    assert not usage.exists()
    assert not runs.exists()


def test_a_file_of_an_earlier_version_is_none(settings: Settings) -> None:
    for path in settings.lake.rglob("*.parquet"):
        rows = pl.read_parquet(path, hive_partitioning=False)
        rows.select(pl.exclude("has_hash")).write_parquet(path)

    damage.check(settings, TABLES)


def test_what_did_not_change_is_not_hashed_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[Path] = []
    name_of = hashes.name_of

    def counted(path: Path) -> str | None:
        hashed.append(path)
        return name_of(path)

    monkeypatch.setattr(hashes, "name_of", counted)
    path = path_of(settings, USAGE.table)

    damage.check(settings, TABLES, is_noted=True)
    first = len(hashed)
    damage.check(settings, TABLES, is_noted=True)
    os.utime(path, ns=(1, 1))
    damage.check(settings, TABLES, is_noted=True)

    assert (first, len(hashed)) == (6, 7)


def test_without_the_lock_nothing_is_noted(settings: Settings) -> None:
    damage.check(settings, TABLES)

    assert not settings.state.exists()


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b'{"a": 1}'])
def test_a_damaged_note_is_made_anew(settings: Settings, content: bytes) -> None:
    damage.check(settings, TABLES, is_noted=True)
    note = settings.state / "lake.json"
    before = note.read_bytes()
    note.write_bytes(content)

    damage.check(settings, TABLES, is_noted=True)

    assert note.read_bytes() == before


def test_a_file_that_makes_polars_panic_is_one_that_is_damaged(
    settings: Settings,
) -> None:
    """Each byte of the footer in turn, with a hash that is right."""
    lake, path = Lake(settings.lake), path_of(settings, USAGE.table)
    content = path.read_bytes()
    logging.disable()
    for place in range(len(content) - 700, len(content)):
        other = bytearray(content)
        other[place] ^= 0x7F
        path.write_bytes(other)
        try:
            lake.query(USAGE.table, "acme", DAYS, lambda rows: rows)
            lake.heights(USAGE.table, "acme", DAYS)
        except CheckError as exc:
            assert str(path) in str(exc)  # noqa: PT017 (some are read all the same)
    logging.disable(logging.NOTSET)


def loop(path: Path) -> None:
    """Put a link to itself in the place of *path*, which nobody can read."""
    if path.is_dir():
        path.rename(path.with_name("elsewhere"))
    else:
        path.unlink()
    path.symlink_to(path.name)


@pytest.mark.parametrize("place", ["file", "day", "tenant"])
def test_what_cannot_be_read_stops_no_other(settings: Settings, place: str) -> None:
    usage, runs = (path_of(settings, one) for one in (USAGE.table, RUNS.table))
    runs.write_bytes(b"")
    path = {"file": usage, "day": usage.parent, "tenant": usage.parents[1]}[place]
    loop(path)

    damage.separate(settings, TABLES)

    assert not runs.exists()
    assert path.is_symlink()
    with pytest.raises(CheckError, match=f"{re.escape(str(path))}.*: cannot be read"):
        damage.check(settings, TABLES)


def test_a_coverage_that_cannot_be_read_stops_no_other_tenant(
    settings: Settings,
) -> None:
    loop(path_of(settings, COVERAGE))

    future.check(settings, TABLES, NIGHT, None)

    with pytest.raises(CheckError, match="cannot be read"):
        damage.check(settings, TABLES)
