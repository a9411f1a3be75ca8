"""What agents may ask of the warehouse: tools by name, each with its arguments.

A tool opens the warehouse anew, so that it answers of the one that stands, and reads
nothing else. What it answers is text of JSON: names of columns once, then the rows.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from pipeline import warehouse
from pipeline.errors import ConfigError
from pipeline.export.asked import currency_of, on_statements
from pipeline.export.query import Answer, Question, ask
from pipeline.formats.terminal import shown

_ENCODER = msgspec.json.Encoder(enc_hook=str, decimal_format="number")
# The most characters of an answer: whoever asks has to read all of it.
_MOST = 1_000_000
_TABLES = (
    "select table_name, comment from duckdb_tables() where schema_name = 'marts'"
    " union all select view_name, comment from duckdb_views()"
    " where schema_name = 'marts' and not internal order by all"
)
_COLUMNS = (
    "select column_name, data_type, comment from duckdb_columns()"
    " where schema_name = 'marts' and table_name = $1 order by column_index"
)
_OF_STATEMENT = "month = $1 and ($2 is null or cost_center = $2)"
_PARTS = {
    "statement": "from marts.statement where {} order by tenant, cost_center",
    "lines": "from marts.statement_lines where {}"
    " order by tenant, cost_center, position",
    "notes": "from marts.statement_notes where {}"
    " order by tenant, cost_center, position",
    "documents": "from marts.issued_statements where {} order by entry",
}


class _Arguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The arguments of a tool; the docstring says what it is for."""


class ListTables(_Arguments, frozen=True):
    """The tables of the warehouse that are documented, and what a row of each is."""


class DescribeTable(_Arguments, frozen=True):
    """The columns of a table: name, type, and what each means, with its unit."""

    table: str


class Query(_Arguments, frozen=True):
    """The answer to one SQL statement that reads: select, from, describe, summarize.

    The SQL is DuckDB's, and the tables are those of list_tables. Amounts are exact
    decimals. Of more rows than may be answered the first are, and is_whole is false.
    """

    sql: str


class Statement(_Arguments, frozen=True):
    """What a cost centre is charged for a month (like 2026-10), line by line.

    The cost centre goes by its name or code. Without one: the totals of all of them.
    """

    month: str
    cost_center: str | None = None


TOOLS: dict[str, type[_Arguments]] = {
    "list_tables": ListTables,
    "describe_table": DescribeTable,
    "query": Query,
    "statement": Statement,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The seconds that a query may take, and the rows that it may answer."""

    timeout_seconds: int
    max_rows: int


def schema_of(tool: str) -> dict[str, Any]:
    """The JSON Schema of the arguments of a *tool*."""
    (named,), definitions = msgspec.json.schema_components([TOOLS[tool]])
    name = named["$ref"].rpartition("/")[2]
    schema: dict[str, Any] = definitions[name]
    del schema["title"], schema["description"]
    return schema


def call(path: Path, limits: Limits, tool: str, given: dict[str, Any] | None) -> str:
    """What *tool* answers of the warehouse at *path*, as JSON.

    Raises:
        ConfigError: There is no such tool, or it cannot be asked so.
        PipelineError: There is no warehouse, or none that can be read.
    """
    if tool not in TOOLS:
        raise ConfigError(f"{tool}: no such tool; there is {', '.join(TOOLS)}")
    try:
        arguments = msgspec.convert(given or {}, TOOLS[tool])
    except msgspec.ValidationError as exc:
        raise ConfigError(f"{tool}: {exc}") from None
    match arguments:
        case Query(sql):
            answer, is_whole = ask(
                path, Question(sql, limits.timeout_seconds, limits.max_rows)
            )
            return _encoded({**_rows(answer), "is_whole": is_whole})
        case Statement(month, cost_center):
            return _encoded(_statement(path, _month(month), cost_center, limits))
        case DescribeTable(table):
            columns = _asked(path, _COLUMNS, [table])
            if not columns.rows:
                raise ConfigError(f"{table}: no such table; list_tables has them all")
            return _encoded(_rows(columns))
    return _encoded(_rows(_asked(path, _TABLES)))


def _statement(
    path: Path, month: date, called: str | None, limits: Limits
) -> dict[str, Any]:
    """The totals of a month's statements; of one cost centre, its lines beside them."""
    with (
        warehouse.read(path, with_macros=False) as connection,
        warehouse.answering("the statement"),
    ):
        center = on_statements(connection, called) if called else None
        currency_of(connection, month, center)
        found = {}
        for part, sql in _PARTS.items():
            if part == "statement" or center is not None:
                asked = connection.execute(sql.format(_OF_STATEMENT), [month, center])
                found[part] = _rows(Answer.of(asked, limits.max_rows))
    return found


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ConfigError(
            f"statement: expected a month like 2026-10, found {text[:20]!r}"
        ) from None


def _asked(path: Path, sql: str, values: list[object] | None = None) -> Answer:
    with (
        warehouse.read(path, with_macros=False) as connection,
        warehouse.answering("its tables"),
    ):
        return Answer.of(connection.execute(sql, values))


def _rows(answer: Answer) -> dict[str, Any]:
    return {"columns": answer.names, "rows": answer.rows}


def _encoded(answer: dict[str, Any]) -> str:
    """*answer* as JSON; what is not seen in names that people typed is marked.

    Raises:
        ConfigError: It is too long to be read.
    """
    text = _ENCODER.encode(answer).decode()
    if len(text) > _MOST:
        raise ConfigError(
            f"the answer has {len(text):,} characters, of {_MOST:,} that it may have;"
            " ask for fewer rows or columns, or for sums"
        )
    return shown(text)
