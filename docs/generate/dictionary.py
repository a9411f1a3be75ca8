"""The data dictionary: every mart and column, as models and columns.toml say it."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipeline import build, warehouse
from pipeline.build import checks, run_history
from pipeline.config import Run, Settings
from pipeline.export.contract import contract
from pipeline.finance import FinanceFiles

# The tables whose names and columns users rely on, in the order in which to read them.
CONTRACT = (
    "usage_daily",
    "automation_daily",
    "runs",
    "automations",
    "owners",
    "spaces",
    "automation_history",
    "charges",
    "statement",
    "reconciliation_daily",
    "coverage",
)

# Of no lake and no prices the tables are empty on any day, and have all columns.
_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)

_HEAD = """\
# Data dictionary

What the tables of `data/warehouse.duckdb` hold. `make docs` writes this page from the
headers of the models and from the files `columns.toml`: change those, not the page. The
same words stand in the warehouse as comments of its tables and columns.

## Tables to rely on

No release changes a name, a type or a meaning of these without saying so in the
changelog, under "Changed".
"""

_PAGES = """\
## Pages

Tables of the schema `pages` hold what the pages show, and change with them.
"""


def dictionary() -> str:
    """The page, as Markdown."""
    return _made()[0]


def data_contract() -> str:
    """What exports hold, as JSON."""
    return _made()[1]


@cache
def _made() -> tuple[str, str]:
    """What is made of a warehouse of nothing, which takes seconds to build."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        run = Run(Settings((), Path(folder)), _MOMENT.date(), _MOMENT)
        with warehouse.replacing(path) as connection:
            build.build(connection, run, FinanceFiles("EUR"))
            checks.check(connection)
            run_history.keep(connection, run.settings)
        with warehouse.read(path) as connection:
            return _page(connection), contract(connection).decode()


def _page(connection: duckdb.DuckDBPyConnection) -> str:
    tables = dict(
        connection.execute(
            "select table_name, comment from duckdb_tables()"
            " where schema_name = 'marts' order by table_name"
        ).fetchall()
    )
    others = [name for name in tables if name not in CONTRACT]
    pages = connection.execute(
        "select table_name, comment from duckdb_tables()"
        " where schema_name = 'pages' order by table_name"
    ).fetchall()
    listed = "".join(f"* `{name}`: {comment}\n" for name, comment in pages)
    return "\n".join(
        [
            _HEAD,
            *(_table(connection, name, tables[name]) for name in CONTRACT),
            "## More tables\n",
            *(_table(connection, name, tables[name]) for name in others),
            _PAGES,
            listed,
        ]
    )


def _table(connection: duckdb.DuckDBPyConnection, name: str, comment: str) -> str:
    """A table: its sentence and grain, and each column with type and meaning."""
    columns = connection.execute(
        "select column_name, data_type, comment from duckdb_columns()"
        " where schema_name = 'marts' and table_name = $1 order by column_index",
        [name],
    ).fetchall()
    rows = "".join(
        f"| `{column}` | {dtype} | {_escaped(meaning)} |\n"
        for column, dtype, meaning in columns
    )
    head = "| column | type | meaning |\n|---|---|---|\n"
    return f"### `{name}`\n\n{comment}\n\n{head}{rows}"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
