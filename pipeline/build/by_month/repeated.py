"""Runs that have several records: the newest one counts, and its month.

Rare: a tenant said another start or creation of a run than it had said before.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

from pipeline.build import sources
from pipeline.dates import month_before
from pipeline.endpoints import RUNS
from pipeline.warehouse import Model

# The month of a run without any time.
NO_MONTH = date(1, 1, 1)

# The moment that says of which month a run of the lake is: its start, or its creation.
RUN_MOMENT = "coalesce(started_at, created_at)"
RUN_MONTH = (
    f"coalesce(cast(date_trunc('month', at_utc({RUN_MOMENT})) as date),"
    f" date '{NO_MONTH.isoformat()}')"
)


# The tenant of a month that is that of all tenants together.
ALL = ""


class TenantMonth(NamedTuple):
    """A month, by its first day, of a tenant; or of `ALL`."""

    tenant: str
    month: date


def seen(model: Model, months: Sequence[TenantMonth]) -> list[TenantMonth]:
    """*months* and those before them that *model* is made of."""
    before = [
        TenantMonth(one.tenant, month_before(one.month))
        for one in months
        if model.by_month.with_month_before and one.month > NO_MONTH
    ]
    return sorted({*months, *before})


def repeated_runs(
    connection: duckdb.DuckDBPyConnection,
    new: Sequence[Path] | None,
    before: tuple[tuple[str, str], ...],
) -> tuple[tuple[str, str], ...]:
    """Runs that have several records: those of *before*, and of *new* files; None: all.

    They are looked for by a hash, which takes a tenth of the memory of the ids.
    """
    in_new = ""
    if new is not None:
        rows = sources.select_of(RUNS.table, new)
        in_new = (
            " where hash(tenant, run_id) in"
            f" (select hash(tenant, run_id) from ({rows}))"
        )
    same = connection.execute(
        f"select hash(tenant, run_id) from raw_runs{in_new}"
        " group by all having count(*) > 1"
    ).fetchall()
    if not same:
        return before
    found = connection.execute(
        "select tenant, run_id from raw_runs where hash(tenant, run_id) in"
        " (select unnest($1)) group by all having count(*) > 1",
        [[number for (number,) in same]],
    ).fetchall()
    return tuple(sorted({*before, *found}))


def show_repeated(
    connection: duckdb.DuckDBPyConnection, repeated: tuple[tuple[str, str], ...]
) -> None:
    """Let `raw_repeated_runs` have what was found, in place of looking for it."""
    connection.execute(f"drop view {sources.REPEATED}")
    sources.create(connection, sources.REPEATED, sources.REPEATED_COLUMNS)
    sources.fill(connection, sources.REPEATED, list(repeated))


def superseded_runs(
    connection: duckdb.DuckDBPyConnection, repeated: tuple[tuple[str, str], ...]
) -> dict[TenantMonth, list[str]]:
    """Of *repeated* runs, the months that do not have the newest record."""
    older: dict[TenantMonth, list[str]] = defaultdict(list)
    if repeated:
        tenants, runs = zip(*repeated, strict=True)
        found = connection.execute(
            f"with records as (select tenant, run_id, {RUN_MONTH} as month,"
            " first_value(month) over (partition by tenant, run_id order by"
            " updated_at desc nulls last, date desc) as newest from raw_runs"
            " where (tenant, run_id) in (select unnest($1), unnest($2)))"
            " select distinct tenant, run_id, month from records"
            " where month != newest order by all",
            [list(tenants), list(runs)],
        )
        for tenant, run, month in found.fetchall():
            older[TenantMonth(tenant, month)].append(run)
    return dict(older)
