"""What models ask for with getvariable(): names, types and values."""

from datetime import date

import duckdb

from pipeline import seeds
from pipeline.build import bounds, to_date
from pipeline.closing.archive import Archive
from pipeline.config import Run, Settings, holidays
from pipeline.dates import EARLIEST_DAY, next_month
from pipeline.finance import FinanceFiles
from pipeline.lake import present
from pipeline.lake import tenants as known_tenants

VARIABLES = {
    "as_of": "date",
    "first_day": "date",
    "first_days": "map(varchar, date)",
    "renamed": "map(varchar, varchar)",
    "first_names": "map(varchar, varchar)",
    "closed_unlisted": "map(varchar, struct(listed_until date, next_month date)[])",
    "tenants": "varchar[]",
    "currency": "varchar",
    "priced_currency": "varchar",
    "display_currency": "varchar",
    "display_digits": "bigint",
    "micros_per_minor": "bigint",
    "tolerance_millionths": "bigint",
    "anomaly_floor": "decimal(30, 3)",
    "priced_month": "date",
    "priced_days": "date[]",
    "running_month": "date",
    "owners_shown": "varchar",
    "lost_days": "struct(tenant varchar, source varchar, day date)[]",
    "holidays": "date[]",
}

# The parts of a lost day.
_LOST = ("tenant", "source", "day")

# A percent in millionths.
_MILLIONTHS = 10_000


def set_variables(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    files: FinanceFiles,
    closed: Archive,
    priced_month: date | None,
) -> None:
    """Set all of them; *priced_month* is the one month that is priced, None for all."""
    values = _values(run, files, closed, priced_month)
    for name, dtype in VARIABLES.items():
        typed = f"cast($1 as {dtype})"
        connection.execute(f"set variable {name} = {typed}", [values[name]])


def _values(
    run: Run, files: FinanceFiles, closed: Archive, priced_month: date | None
) -> dict[str, object]:
    settings = run.settings
    priced = files.rates or files.fixed_costs or closed.months
    return {
        "as_of": run.as_of,
        **_of_tenants(settings),
        **_of_charge(settings),
        "closed_unlisted": bounds.closed_unlisted(closed.months),
        "currency": files.currency,
        # Null: there are no statements.
        "priced_currency": files.currency if priced else None,
        "micros_per_minor": 10 ** (6 - seeds.minor_digits(files.currency)),
        "priced_month": priced_month,
        "priced_days": None,
        "owners_shown": settings.privacy.owners,
        "lost_days": [dict(zip(_LOST, one, strict=True)) for one in run.lost_days],
        "running_month": to_date.running_month(run.as_of),
        "holidays": holidays(
            settings.report.holidays, EARLIEST_DAY, next_month(run.as_of)
        ),
    }


def _of_tenants(settings: Settings) -> dict[str, object]:
    """The variables that say which tenants there are, since when, and their names."""
    known = known_tenants.read(settings.lake)
    renamed = known_tenants.today(known, settings.renamed)
    return {
        "first_day": settings.first_day,
        "first_days": present.first_days(settings),
        "renamed": renamed,
        "first_names": known_tenants.first_names(renamed),
        "tenants": sorted(settings.tenant_names or present.counted(settings)),
    }


def _of_charge(settings: Settings) -> dict[str, object]:
    """The variables that `[charge]` sets."""
    charge = settings.charge
    display = charge.display_currency
    return {
        "display_currency": display,
        "display_digits": display and seeds.minor_digits(display),
        "tolerance_millionths": int(charge.tolerance * _MILLIONTHS),
        "anomaly_floor": charge.anomaly_floor,
    }
