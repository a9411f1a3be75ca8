"""What pages show of metered usage against listed runs: months, and days to look at."""

from collections.abc import Sequence
from typing import Any

import duckdb

from pipeline.report import marts
from pipeline.warehouse import Row


def shown(name: str, rows: Sequence[tuple[Any, ...]]) -> list[Row]:
    with duckdb.connect() as connection:
        connection.execute(
            "create table reconciliation_daily (date date, tenant varchar,"
            " metric varchar, metered hugeint, listed hugeint, difference hugeint,"
            " status varchar)"
        )
        connection.executemany(
            f"insert into reconciliation_daily values ({', '.join('?' * 7)})", rows
        )
        return marts.shown(connection, name)


def test_a_day_that_one_source_does_not_tell_of_is_not_compared() -> None:
    rows = [
        ("2026-10-01", "acme", "runs", 5, 5, 0, "equal"),
        ("2026-10-31", "acme", "runs", 7, 5, 2, "differs"),
        ("2026-10-31", "beta", "runs", 7, None, None, "not_listed"),
        ("2026-11-01", "acme", "runs", None, 4, None, "not_metered"),
    ]
    november, october = shown("reconciliation", rows)
    counted = ("equal_days", "differing_days", "uncompared_days")
    summed = ("metered", "listed", "difference")
    assert [october[name] for name in counted] == [1, 1, 1]
    assert [october[name] for name in summed] == [12, 10, 2]
    assert [november[name] for name in counted] == [0, 0, 1]
    assert [november[name] for name in summed] == [None, None, None]


def test_an_old_day_stands_alone_only_if_it_differs() -> None:
    rows = [
        ("2026-10-31", "acme", "runs", 5, 5, 0, "equal"),
        ("2026-10-01", "acme", "runs", 5, 5, 0, "equal"),
        ("2026-09-30", "acme", "runs", 5, 5, 0, "equal"),
        ("2026-09-29", "acme", "runs", 5, None, None, "not_listed"),
    ]
    days = [str(row["date"]) for row in shown("reconciliation_days", rows)]
    assert days == ["2026-10-31", "2026-10-01", "2026-09-29"]
