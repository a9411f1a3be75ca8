"""Marts → a closed month: refused while it is not whole, then frozen as files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
from babel.numbers import get_currency_precision

from pipeline import warehouse
from pipeline.closing.archive import (
    ClosedMonth,
    Coverage,
    Draft,
    Manifest,
    Statement,
    Totals,
)
from pipeline.config import Run
from pipeline.dates import DAY, days_between, next_month
from pipeline.errors import CheckError
from pipeline.resources import revision

_VERSION = 1

# What a statement says of itself once it is closed.
_FINAL = f"'FINAL' as status, true as closed, {_VERSION} as statement_version"

# The files of a month: what is frozen, of which mart, and its day or month.
_FILES = {
    "charges": ("select *", "charges", "month = date_trunc('month', $2)"),
    "statement": (f"select * replace ({_FINAL})", "statement", "month = $2"),
    "usage": ("select *", "automation_daily", "date_trunc('month', date) = $2"),
    "coverage": ("select *", "coverage", "date_trunc('month', date) = $2"),
}
_MOST_DAYS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Closing:
    """The month to close, and the reason to accept that days of it are missing."""

    run: Run
    month: date
    reason: str | None

    @property
    def tenants(self) -> tuple[str, ...]:
        """The tenants whose month is closed."""
        return self.run.settings.tenant_names

    @property
    def label(self) -> str:
        """The month as people write it."""
        return f"{self.month:%Y-%m}"


def check_order(closing: Closing, existing: Sequence[ClosedMonth]) -> None:
    """Refuse a month that has not ended, or that is not the next one to close.

    Raises:
        CheckError: It is still running, or an earlier month is open.
    """
    following = next_month(closing.month)
    if closing.run.as_of < following:
        raise CheckError(
            f"{closing.label} has not ended: close it on {following} or later"
        )
    for tenant in closing.tenants:
        months = [one.month for one in existing if one.tenant == tenant]
        if not months or closing.month in months:
            continue
        if closing.month < months[0]:
            raise CheckError(
                f"{closing.label} of {tenant} comes before {months[0]:%Y-%m}, the first"
                " that was closed\nmonths close in order: it stays as it is"
            )
        if (due := next_month(months[-1])) < closing.month:
            raise CheckError(
                f"{due:%Y-%m} of {tenant} is still open, and comes before"
                f" {closing.label}\nmonths close in order: close {due:%Y-%m} first"
            )


def freeze(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    closing: Closing,
    existing: Sequence[ClosedMonth],
) -> list[Draft]:
    """Draft the month of each tenant that has days or charges in it, and is open.

    Raises:
        CheckError: There is nothing to close, or days are missing and no reason
            was given to accept that.
    """
    closed = {one.tenant for one in existing if one.month == closing.month}
    seals = {one.tenant: one.manifest.seal for one in existing}
    tenants = [name for name in closing.tenants if name not in closed]
    coverages = {tenant: _coverage(connection, closing, tenant) for tenant in tenants}
    manifests = [
        _manifest(connection, closing, tenant, coverage, seals.get(tenant))
        for tenant, coverage in coverages.items()
        if coverage
    ]
    if not any(manifest.statements for manifest in manifests) and not closed:
        raise CheckError(
            f"{closing.label}: there are no statements to close\nset prices or fixed"
            " costs in [charge], and extract the month with --since"
        )
    if closing.reason is None:
        _refuse_gaps(closing, manifests)
    return list(_drafts(connection, root, closing, manifests))


def summary(manifest: Manifest) -> str:
    """What was closed, a line a statement, with the digits that the currency has."""
    digits = get_currency_precision(manifest.currency)
    lines = [
        f"{one.number} v{one.version}  {one.amount:.{digits}f}  {one.cost_center}"
        for one in manifest.statements
    ]
    total = f"{manifest.totals.amount:.{digits}f} {manifest.currency}"
    return "\n".join([f"{manifest.tenant} {manifest.month}: {total}", *lines])


def _drafts(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    closing: Closing,
    manifests: Sequence[Manifest],
) -> Iterator[Draft]:
    for manifest in manifests:
        draft = Draft(root, manifest)
        for name, (columns, mart, condition) in _FILES.items():
            file = warehouse.quoted(str(draft.folder / f"{name}.parquet"))
            connection.execute(
                f"copy ({columns} from {warehouse.MARTS}.{mart} where tenant = $1 and"
                f" {condition} order by all) to {file} (format parquet, compression"
                " zstd)",
                [manifest.tenant, closing.month],
            )
        draft.add_finance(closing.run.settings.charge)
        yield draft


def _coverage(
    connection: duckdb.DuckDBPyConnection, closing: Closing, tenant: str
) -> Coverage | None:
    """How the month's days were read; None if the tenant has nothing in it."""
    rows = connection.execute(
        f"select source, date, status from {warehouse.MARTS}.coverage"
        " where tenant = $1 and date_trunc('month', date) = $2"
        " and source in ('usage', 'runs')",
        [tenant, closing.month],
    ).fetchall()
    if not rows:
        return None
    status = {(source, day): told for source, day, told in rows}
    days = days_between(closing.month, next_month(closing.month) - DAY)
    whole = {
        source: sum(status.get((source, day)) == "complete" for day in days)
        for source in ("usage", "runs")
    }
    gaps = [
        f"{day} {source} {told}"
        for day in days
        for source in ("usage", "runs")
        if (told := status.get((source, day), "missing")) != "complete"
    ]
    return Coverage(
        days_in_month=len(days),
        usage_days=whole["usage"],
        runs_days=whole["runs"],
        incomplete=tuple(gaps),
    )


def _manifest(
    connection: duckdb.DuckDBPyConnection,
    closing: Closing,
    tenant: str,
    coverage: Coverage,
    previous: str | None,
) -> Manifest:
    key = [tenant, closing.month]
    where = "where tenant = $1 and month = $2"
    statements = connection.execute(
        "select statement_number, cost_center, amount"
        f" from {warehouse.MARTS}.statement {where} order by statement_number",
        key,
    ).fetchall()
    totals = connection.execute(
        "select cast(coalesce(sum(amount), 0) as decimal(18, 3)), count(*)"
        + "".join(
            f", cast(coalesce(sum(amount) filter (where kind = '{kind}'), 0)"
            " as decimal(18, 3))"
            for kind in ("usage", "fixed", "adjustment")
        )
        + f" from {warehouse.MARTS}.charges {where}",
        key,
    ).fetchall()[0]
    return Manifest(
        tenant=tenant,
        month=closing.label,
        statement_version=_VERSION,
        currency=closing.run.settings.currency,
        closed_at=closing.run.now,
        as_of=closing.run.as_of,
        version=closing.run.version,
        revision=revision(),
        reason=closing.reason,
        totals=Totals(
            amount=totals[0],
            lines=totals[1],
            usage_amount=totals[2],
            fixed_amount=totals[3],
            adjustment_amount=totals[4],
        ),
        coverage=coverage,
        statements=tuple(
            Statement(number=number, version=_VERSION, cost_center=name, amount=amount)
            for number, name, amount in statements
        ),
        previous=previous,
    )


def _refuse_gaps(closing: Closing, manifests: Sequence[Manifest]) -> None:
    for manifest in manifests:
        if gaps := manifest.coverage.incomplete:
            first = ", ".join(gaps[:_MOST_DAYS_NAMED])
            more = len(gaps) - _MOST_DAYS_NAMED
            rest = f" and {more} more" if more > 0 else ""
            raise CheckError(
                f"{closing.label} of {manifest.tenant} was not read whole: {first}"
                f"{rest}\nextract it again with --since, or close it as it is with"
                ' --accept-incomplete "reason"'
            )
