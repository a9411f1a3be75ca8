"""sql/checks → stop, or warn: what must be true of last night's data."""

import logging
from collections.abc import Container
from dataclasses import replace
from decimal import Decimal
from functools import cache

import duckdb

from pipeline import warehouse
from pipeline.errors import CheckError, ChecksError, PipelineError
from pipeline.formats.plurals import counted
from pipeline.resources import resource
from pipeline.warehouse import Model

log = logging.getLogger(__name__)

_RESULTS = Model(
    name="checks",
    folder="",
    schema="marts",
    description="What was checked of the data, and how many exceptions were found.",
    grain=("check_name",),
    claims=(),
    sql="",
    reads=frozenset(),
    compared=frozenset(),
)


@cache
def every() -> tuple[Model, ...]:
    """All checks. Those by month are kept like models: unchanged months stay checked.

    Raises:
        PipelineError: A header or SQL is wrong.
    """
    paths = sorted((resource("sql") / "checks").glob("*.sql"))
    return tuple(
        replace(warehouse.parse(path), schema="intermediate") for path in paths
    )


def check(connection: duckdb.DuckDBPyConnection, fail_on: Container[str] = ()) -> None:
    """Run every check, and keep what it found in `marts.checks`.

    A check is a claim; the rows that its select returns are the exceptions.

    Raises:
        CheckError: A claim of the kind that stops (`assert_*`) does not hold, or one
            that warns and is named in *fail_on*.
    """
    checks = _as_kept(connection)
    found = [(claim, _exceptions(connection, claim)) for claim in checks]
    for claim, count in found:
        _log(claim.name, claim.description, count)
    _keep(connection, found)
    if broken := [
        (claim, count)
        for claim, count in found
        if count and (_severity(claim) == "assert" or claim.name in fail_on)
    ]:
        errors = [_error(connection, claim, count) for claim, count in broken]
        first, _, examples = str(errors[0]).partition("\n")
        also = "".join(f"; {claim.name} too" for claim, _ in broken[1:])
        raise ChecksError(f"{first}{also}\n{examples}", errors)


def repeat(connection: duckdb.DuckDBPyConnection) -> None:
    """Log again what the checks of this warehouse found."""
    sql = f"select check_name, description, failing_rows from {_RESULTS.table}"
    for name, description, count in connection.execute(sql).fetchall():
        _log(name, description, count)


def _log(name: str, description: str, count: int) -> None:
    exceptions = counted(count, "exception")
    if count and name.startswith("warn_"):
        log.warning(
            '%s: %s to "%s"',
            *(name, exceptions, description),
            extra={"fields": {"check": name, "exceptions": count}},
        )
    else:
        log.info("%s: %s", name, exceptions)


def _as_kept(connection: duckdb.DuckDBPyConnection) -> list[Model]:
    """Every check; those that were made by month select what was kept of them."""
    tables = connection.execute(
        "select table_name from information_schema.tables"
        " where table_catalog = 'scratch' and table_schema = 'intermediate'"
    ).fetchall()
    kept = {name for (name,) in tables}
    return [
        replace(one, sql=f"from {one.table}") if one.name in kept else one
        for one in every()
    ]


def _exceptions(connection: duckdb.DuckDBPyConnection, claim: Model) -> int:
    try:
        row = connection.execute(f"select count(*) from (\n{claim.sql}\n)").fetchone()
    except duckdb.Error as exc:
        place = f"checks/{claim.name}.sql"
        raise PipelineError(warehouse.described(connection, place, exc)) from exc
    return int(row[0]) if row else 0


def _severity(claim: Model) -> str:
    return claim.name.partition("_")[0]


def _keep(
    connection: duckdb.DuckDBPyConnection, found: list[tuple[Model, int]]
) -> None:
    connection.execute(
        f"create or replace table {_RESULTS.table} (check_name varchar,"
        " severity varchar, failing_rows bigint, description varchar, example varchar,"
        " example_values varchar)"
    )
    connection.executemany(
        f"insert into {_RESULTS.table} values (?, ?, ?, ?, ?, ?)",
        [
            (
                claim.name,
                _severity(claim),
                count,
                claim.description,
                _examples(connection, claim, 1) if count else None,
                _values(connection, claim) if count else None,
            )
            for claim, count in found
        ],
    )
    comments = warehouse.load_comments(resource("sql"))
    warehouse.comment(connection, _RESULTS, comments)


def _error(
    connection: duckdb.DuckDBPyConnection, claim: Model, count: int
) -> CheckError:
    examples = _examples(connection, claim, 3)
    rows = counted(count, "row")
    return CheckError(f"check {claim.name} failed for {rows}\n{examples}")


def _examples(connection: duckdb.DuckDBPyConnection, claim: Model, most: int) -> str:
    """The first exceptions, each as the words and values of its columns, if known."""
    answer = connection.execute(f"from (\n{claim.sql}\n) order by all limit {most}")
    return "; ".join(
        ", ".join(
            f"{name.replace('_', ' ')} {_shown(value)}"
            for name, value in row.items()
            if value is not None
        )
        for row in warehouse.rows(answer)
    )


def _values(connection: duckdb.DuckDBPyConnection, claim: Model) -> str | None:
    """The first exception as a JSON object of its columns."""
    row = connection.execute(
        f"select to_json(found) from (from (\n{claim.sql}\n)"
        " order by all limit 1) as found"
    ).fetchone()
    return str(row[0]) if row else None


def _shown(value: object) -> str:
    """*value* for reading: of a number the decimals that say something, two at least.

    Columns have three, which few currencies use.
    """
    if not isinstance(value, Decimal) or not value.is_finite():
        return f"{value}"
    whole, _, decimals = f"{value:f}".partition(".")
    kept = decimals.rstrip("0").ljust(min(2, len(decimals)), "0")
    return f"{whole}.{kept}" if kept else whole
