"""Builds of tests have a connection in common, and nothing else."""

from pathlib import Path

import duckdb
import pytest

from worlds.plain_builds import plain_replacing

VISIBLE = """
select coalesce(getvariable('said'), 0) + (
    select count(*) from duckdb_tables() where table_name like 'left%'
) + (
    select count(*) from duckdb_views() where view_name like 'left%'
)
"""


@pytest.mark.parametrize(
    "leave",
    [
        "set variable said = 1",
        "create table left_table as select 1",
        "create temp table left_table as select 1",
        "create temp view left_view as select 1",
        "attach ':memory:' as more; create table more.left_table as select 1",
        "begin; create table left_table as select 1; select error('cut')",
    ],
)
def test_a_build_finds_nothing_of_the_one_before(tmp_path: Path, leave: str) -> None:
    try:
        with plain_replacing(tmp_path / "first.duckdb") as connection:
            connection.execute(leave)
            assert connection.execute(VISIBLE).fetchall() != [(0,)]
    except duckdb.Error:
        assert "error" in leave

    with plain_replacing(tmp_path / "second.duckdb") as connection:
        assert connection.execute(VISIBLE).fetchall() == [(0,)]
        assert connection.execute("select ascii_text('é')").fetchall()
