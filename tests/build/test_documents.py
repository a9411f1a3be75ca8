"""Warehouses of what was reversed have the columns that closed months have."""

import pytest

from pipeline.build.documents import document_warehouse
from pipeline.closing.archive import TABLES, Archive


@pytest.mark.parametrize("kind", ["statement", "credit note"])
@pytest.mark.parametrize(
    ("table", "frozen", "other"),
    [
        ("charges", "raw_closed_charges", set()),
        # Pages show the first; of the second there is no table to ask.
        ("statement", "raw_closed_statement", {"is_complete_month", "trace_query"}),
    ],
)
def test_every_column_that_is_frozen_is_exported(
    kind: str, table: str, frozen: str, other: set[str]
) -> None:
    """A new one is to be added in `sql/documents`, too, with its sign if it is one."""
    connection = document_warehouse(Archive(), [], kind)

    columns = {
        name for name, *_ in connection.execute(f"describe marts.{table}").fetchall()
    }

    assert columns - {"seal"} == TABLES[frozen].keys() - other
