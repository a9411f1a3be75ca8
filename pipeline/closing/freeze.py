"""Marts → a closed month: checked to be complete, then written as files."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipeline import warehouse
from pipeline.closing.archive import Archive
from pipeline.closing.draft import Draft
from pipeline.closing.manifest import Coverage, Display, Manifest, Statement, Totals
from pipeline.closing.readiness import Closing, coverage_of, refuse_gaps
from pipeline.endpoints import SNAPSHOTS
from pipeline.errors import CheckError
from pipeline.resources import revision

# The columns of a statement that closing changes.
_FINAL = (
    "'FINAL' as status, true as closed, numbers.version as statement_version,"
    " numbers.number as statement_number"
)
_NUMBERED = (
    "(select unnest($3) as number, unnest($4) as center, $5 as version) as numbers"
)

# Those of a second currency, left out where none is configured: seals are of all
# columns that are kept.
_DISPLAY = "display_amount, display_currency, exchange_rate, exchange_rate_from"

# The files of a month: the columns, the mart, and the condition for the month.
_FILES = {
    "charges": ("select *", "charges", "month = date_trunc('month', $2)"),
    "labels": (
        "select tenant, month, dimension, entity_id, label",
        "usage_monthly",
        "month = $2 and entity_id != 'shared'",
    ),
    "usage": ("select *", "automation_daily", "date_trunc('month', date) = $2"),
    "coverage": ("select *", "coverage", "date_trunc('month', date) = $2"),
}

# The tables of the warehouse that a month is closed from.
READS = (*(mart for _, mart, _ in _FILES.values()), "statement")


def freeze(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    closing: Closing,
    existing: Archive,
) -> list[Draft]:
    """Draft the month of each tenant that has days or charges in it, and is open.

    Raises:
        CheckError: There is nothing to close, or days are missing and no reason
            was given to accept that.
    """
    closed = {one.tenant for one in existing.months if one.month == closing.month}
    tenants = [name for name in closing.tenants if name not in closed]
    coverages = {tenant: coverage_of(connection, closing, tenant) for tenant in tenants}
    manifests = [
        _manifest(connection, closing, tenant, coverage, existing)
        for tenant, coverage in coverages.items()
        if coverage
    ]
    if not any(manifest.statements for manifest in manifests) and not closed:
        raise CheckError(
            f"{closing.label}: there are no statements to close\nset prices or fixed"
            " costs in [charge], and extract the month with --since"
        )
    if closing.reason is None:
        refuse_gaps(closing, manifests)
    return list(_drafts(connection, root, closing, manifests))


def _drafts(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    closing: Closing,
    manifests: Sequence[Manifest],
) -> Iterator[Draft]:
    for manifest in manifests:
        draft = Draft(root, manifest)
        month = [manifest.tenant, closing.month]
        for name, (columns, mart, condition) in _FILES.items():
            rows = f"{columns} from {warehouse.MARTS}.{mart} where tenant = $1"
            _copy(connection, draft, name, f"{rows} and {condition}", month)
        numbers = [one.number for one in manifest.statements]
        centers = [one.cost_center for one in manifest.statements]
        rows = (
            f"select {_columns(closing)} replace ({_FINAL})"
            f" from {warehouse.MARTS}.statement"
            f" inner join {_NUMBERED} on cost_center = numbers.center"
            " where tenant = $1 and month = $2"
        )
        version = manifest.statement_version
        _copy(connection, draft, "statement", rows, [*month, numbers, centers, version])
        draft.add_finance(closing.run.settings.charge)
        draft.seal()
        yield draft


def _columns(closing: Closing) -> str:
    """The columns of a statement that are kept."""
    if closing.run.settings.charge.display_currency is None:
        return f"statement.* exclude (issued_at, {_DISPLAY})"
    return "statement.* exclude (issued_at)"  # the register has it


def _copy(
    connection: duckdb.DuckDBPyConnection,
    draft: Draft,
    name: str,
    rows: str,
    values: list[Any],
) -> None:
    """Write *rows* as the table *name* of *draft*."""
    file = warehouse.quoted(str(draft.folder / f"{name}.parquet"))
    connection.execute(
        f"copy ({rows} order by all) to {file} (format parquet, compression zstd)",
        values,
    )


def _manifest(
    connection: duckdb.DuckDBPyConnection,
    closing: Closing,
    tenant: str,
    coverage: Coverage,
    existing: Archive,
) -> Manifest:
    version = existing.register.next_version(tenant, closing.label)
    seals = {one.tenant: one.manifest.seal for one in existing.months}
    charge = closing.run.settings.charge
    return Manifest(
        tenant=tenant,
        month=closing.label,
        statement_version=version,
        currency=closing.run.settings.currency,
        closed_at=closing.run.now,
        as_of=closing.run.as_of,
        version=closing.run.version,
        revision=revision(),
        reason=closing.reason,
        totals=_totals(connection, closing, tenant),
        coverage=coverage,
        statements=_statements(connection, closing, tenant, version, existing),
        previous=seals.get(tenant),
        register=existing.register.head,
        display=_display(connection, closing, tenant),
        snapshots=_snapshots(connection, tenant),
        dispute_days=charge.dispute_days,
        expense_account=charge.expense_account,
        clearing_account=charge.clearing_account,
    )


def _display(
    connection: duckdb.DuckDBPyConnection, closing: Closing, tenant: str
) -> Display | None:
    """The second currency and its rate, the same on each statement; None if unknown."""
    row = connection.execute(
        "select display_currency, exchange_rate, exchange_rate_from"
        f" from {warehouse.MARTS}.statement where tenant = $1 and month = $2"
        " and exchange_rate is not null limit 1",
        [tenant, closing.month],
    ).fetchone()
    return Display(currency=row[0], rate=row[1], rate_from=row[2]) if row else None


def _snapshots(connection: duckdb.DuckDBPyConnection, tenant: str) -> dict[str, date]:
    """The last day of each listing that the lake has of *tenant*."""
    raw = warehouse.SCHEMAS["raw"]
    found: dict[str, date] = {}
    for listing in (one.table.name for one in SNAPSHOTS):
        days = f"select max(date) from {raw}.raw_{listing} where tenant = $1"
        (last,) = connection.execute(days, [tenant]).fetchall()[0]
        if last:
            found[listing] = last
    return found


def _totals(
    connection: duckdb.DuckDBPyConnection, closing: Closing, tenant: str
) -> Totals:
    by_kind = "".join(
        f", cast(coalesce(sum(amount) filter (where kind = '{kind}'), 0)"
        " as decimal(30, 3))"
        for kind in ("usage", "fixed", "adjustment")
    )
    amount, lines, usage, fixed, adjustment = connection.execute(
        "select cast(coalesce(sum(amount), 0) as decimal(30, 3)), count(*)"
        f"{by_kind} from {warehouse.MARTS}.charges where tenant = $1 and month = $2",
        [tenant, closing.month],
    ).fetchall()[0]
    return Totals(
        amount=amount,
        lines=lines,
        usage_amount=usage,
        fixed_amount=fixed,
        adjustment_amount=adjustment,
    )


def _statements(
    connection: duckdb.DuckDBPyConnection,
    closing: Closing,
    tenant: str,
    version: int,
    existing: Archive,
) -> tuple[Statement, ...]:
    rows = connection.execute(
        "select cost_center, amount, display_amount"
        f" from {warehouse.MARTS}.statement"
        " where tenant = $1 and month = $2 order by cost_center",
        [tenant, closing.month],
    ).fetchall()
    centers = [center for center, *_ in rows]
    numbers = existing.register.numbers(tenant, closing.label, centers)
    return tuple(
        Statement(
            number=numbers[name],
            version=version,
            cost_center=name,
            amount=amount,
            display_amount=display_amount,
        )
        for name, amount, display_amount in rows
    )
