"""What tables and columns mean: columns.toml files → comments in the warehouse."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from pipeline.warehouse.models import Model
from pipeline.warehouse.text import quoted


@dataclass(frozen=True, slots=True)
class Comments:
    """What a column means: in every table, or in one where it means something else."""

    columns: Mapping[str, str]
    tables: Mapping[str, Mapping[str, str]]

    def of(self, table: str, column: str) -> str | None:
        """The meaning and unit of a column of *table*."""
        return self.tables.get(table, {}).get(column) or self.columns.get(column)


@cache
def load_comments(sql: Path) -> Comments:
    """The common file of the folder *sql*, and the file of each folder below it."""
    common = tomllib.loads((sql / "columns.toml").read_text(encoding="utf-8"))
    tables: dict[str, Mapping[str, str]] = {}
    for file in sorted(sql.glob("**/*/columns.toml")):
        tables |= tomllib.loads(file.read_text(encoding="utf-8"))
    return Comments(common["columns"], tables)


def comment(
    connection: duckdb.DuckDBPyConnection, model: Model, comments: Comments
) -> None:
    """Write down what the model's table and its columns mean, in the file itself."""
    text = f"{model.description} One row for each {', '.join(model.grain)}."
    kind = "view" if _is_view(connection, model) else "table"
    said = [f"comment on {kind} {model.table} is {quoted(text)}"]
    for column, *_ in connection.execute(f"describe {model.table}").fetchall():
        if meaning := comments.of(model.name, column):
            name = f'{model.table}."{column}"'
            said.append(f"comment on column {name} is {quoted(meaning)}")
    connection.execute("; ".join(said))


def _is_view(connection: duckdb.DuckDBPyConnection, model: Model) -> bool:
    """Whether a model by month stands as a view of its files."""
    if not model.month_of:
        return False
    found = connection.execute(
        "select 1 from duckdb_views() where view_name = $1 and schema_name = $2"
        " and database_name = 'warehouse'",
        [model.name, model.schema],
    )
    return found.fetchone() is not None
