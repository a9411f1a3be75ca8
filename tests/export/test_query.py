"""An analyst asks the warehouse: one question, which reads and does nothing else."""

import logging
from pathlib import Path

import pytest

from pipeline import warehouse
from pipeline.errors import ConfigError
from pipeline.export.query import Question, query

ENDLESS = "select sum(a.n * b.n) from range(10000000) a (n), range(10000000) b (n)"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("query") / "warehouse.duckdb"
    with warehouse.replacing(path) as connection:
        connection.execute("create table warehouse.marts.runs as from range(5) t (n)")
    return path


@pytest.mark.parametrize(
    "sql",
    [
        "from marts.runs",
        "select n from runs;",
        "with few as (from runs) select * from few",
        "describe marts.runs",
        "show tables",
        "summarize runs",
        "values (1)",
        "table runs",
        "-- a comment\nselect 1",
    ],
)
def test_what_reads_is_answered(
    database: Path, capsys: pytest.CaptureFixture[str], sql: str
) -> None:
    query(database, Question(sql), "csv")

    assert len(capsys.readouterr().out.splitlines()) > 1


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("copy (select 1) to '{}.wal' (format blob)", "copy"),
        ("copy runs to '{}.csv'", "copy"),
        ("attach '{}.other'", "attach"),
        ("create table x as select 1", "create"),
        ("insert into runs values (9)", "insert"),
        ("update runs set n = 1", "update"),
        ("export database '{}'", "export"),
        ("pragma version", "pragma"),
        ("call pragma_version()", "call"),
        ("set threads = 1", "set"),
        ("load httpfs", "load"),
        ("explain analyze from runs", "explain"),
        ("prepare p as select 1", "prepare"),
        ("", "0 statements"),
        ("select 1; select 2", "2 statements"),
        ("select 1; copy runs to '{}.csv'", "2 statements"),
    ],
)
def test_whatever_else_is_refused(database: Path, sql: str, found: str) -> None:
    before = database.read_bytes()

    with pytest.raises(ConfigError, match=f"expected one select, found {found}"):
        query(database, Question(sql.format(database)), "csv")

    assert list(database.parent.iterdir()) == [database]
    assert database.read_bytes() == before


@pytest.mark.parametrize(
    "sql",
    [
        "from read_text('{}/chargeback.toml')",
        "from '{}/secret.csv'",
        "from glob('{}/*')",
        "with x as (insert into runs values (9) returning n) from x",
    ],
)
def test_a_select_reaches_nothing_but_the_warehouse(database: Path, sql: str) -> None:
    with pytest.raises(ConfigError, match=r"disabled|read-only|INSERT"):
        query(database, Question(sql.format(database.parent)), "csv")


def test_rows_beyond_the_most_are_left_out_and_it_says_so(
    database: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        query(database, Question("from runs order by n", max_rows=2), "csv")
    assert capsys.readouterr().out == "n\n0\n1\n"
    assert caplog.messages == ["query: more than 2 rows: the rest is left out"]

    caplog.clear()
    query(database, Question("from runs order by n", max_rows=5), "csv")
    assert capsys.readouterr().out == "n\n0\n1\n2\n3\n4\n"
    assert caplog.messages == []


def test_a_question_that_takes_too_long_is_given_up(database: Path) -> None:
    with pytest.raises(ConfigError, match="not answered within 1 s\nask for less"):
        query(database, Question(ENDLESS, timeout_seconds=1), "csv")
