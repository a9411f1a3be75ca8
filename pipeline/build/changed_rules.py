"""Which rules are others today than when corrections were last closed."""

import duckdb

from pipeline import warehouse
from pipeline.closing.archive import ClosedMonth
from pipeline.finance import FinanceFiles, rule_changes, words_of

_TABLE = f"{warehouse.SCHEMAS['raw']}.raw_rule_changes"


def tell(
    connection: duckdb.DuckDBPyConnection,
    closed: ClosedMonth,
    booked: FinanceFiles,
    own: FinanceFiles,
    today: FinanceFiles,
) -> None:
    """Fill `raw_rule_changes` for a month: what concerns each cost centre, in words.

    What an earlier change of rules moved was booked with the last month that the
    tenant closed, so that its rules, *booked*, are compared with those of *today*. If
    they are the same, what came in late is moved as before: then the month's *own*
    are compared.
    """
    changes = rule_changes(booked.rules, today.rules, closed.month) or rule_changes(
        own.rules, today.rules, closed.month
    )
    names = _cost_centers(connection)
    connection.execute(
        f"insert into {_TABLE} select $1, $2, unnest($3), unnest($4)",
        [
            closed.tenant,
            closed.month,
            names,
            [words_of(changes, name) for name in names],
        ],
    )


def _cost_centers(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Whoever may have a correction."""
    rows = connection.execute(
        "select cost_center from int_charges union"
        " select cost_center from raw_closed_charges union"
        " select cost_center from raw_repriced order by cost_center"
    ).fetchall()
    return [name for (name,) in rows]
