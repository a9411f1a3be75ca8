"""The month before the running one, priced for the same days: like against like."""

from collections.abc import Sequence
from datetime import date

import duckdb

from pipeline import dates, warehouse
from pipeline.build.reprice import CHARGES, price
from pipeline.finance import FinanceFiles
from pipeline.warehouse import Model

_TABLE = f"{warehouse.SCHEMAS['raw']}.raw_prior_to_date"


def running_month(as_of: date) -> date | None:
    """The month that is compared by days on *as_of*; None if a whole one is."""
    ranges = dates.same_days(as_of)
    if ranges is None or ranges[1] == dates.last_day(ranges[1]):
        return None
    return dates.month_of(ranges[0])


def price_to_date(
    connection: duckdb.DuckDBPyConnection,
    models: Sequence[Model],
    files: FinanceFiles,
    as_of: date,
) -> None:
    """Fill `raw_prior_to_date`, as if the month before had ended on the same day.

    Days that were not read of the running month are left out of the one before too.
    """
    month = running_month(as_of)
    if month is None:
        return
    prior = dates.month_before(month)
    connection.execute("set variable priced_days = $1", [_days(connection, as_of)])
    price(connection, models, files, prior)
    connection.execute("set variable priced_days = cast(null as date[])")
    connection.execute(
        f"insert into {_TABLE} select tenant, billing_month, cost_center, kind,"
        f" owner_id, space_id, automation_id, meter, base_quantity, amount"
        f" from {CHARGES}"
        " where billing_month = $1",
        [prior],
    )
    warehouse.clear_what_if(connection)


def _days(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[date]:
    """The days of the month before that have a day to be compared with."""
    last, prior_last = dates.same_days(as_of) or (as_of, as_of)
    read = connection.execute(
        "select distinct day(date) from coverage where source = 'usage'"
        " and status = 'complete' and date between $1 and $2",
        [dates.month_of(last), last],
    ).fetchall()
    days = dates.days_between(dates.month_of(prior_last), prior_last)
    return [day for day in days if (day.day,) in read]
