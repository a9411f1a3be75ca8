"""What is closed, as rows of tables that models read."""

from pipeline.closing.archive import Archive, ClosedMonth

# The file of a closed month that has its names; earlier versions wrote none.
LABELS = "labels.parquet"


def documents(closed: Archive) -> list[tuple[object, ...]]:
    """The rows of `raw_register`."""
    return [
        (
            number,
            one.number,
            one.version,
            one.kind,
            closed.register.tenant(one),
            one.first_day,
            one.cost_center,
            one.amount,
            one.currency,
            one.issued_at,
            one.day,
            one.seal,
            one.reverses,
            one.reason,
            one.first_booked_day,
            one.display_amount,
            one.display_currency,
        )
        for number, one in enumerate(closed.register.documents, 1)
    ]


def month(closed: ClosedMonth) -> tuple[object, ...]:
    """The row of `raw_closed_months`."""
    manifest = closed.manifest
    return (
        closed.tenant,
        manifest.first_day,
        manifest.statement_version,
        manifest.closed_at,
        manifest.as_of,
        manifest.reason,
        manifest.version,
        manifest.revision,
        len(manifest.statements),
        manifest.totals.lines,
        manifest.totals.amount,
        manifest.currency,
        manifest.coverage.usage_days,
        manifest.coverage.runs_days,
        manifest.coverage.days_in_month,
        manifest.dispute_days,
        not (closed.folder / LABELS).is_file(),
    )
