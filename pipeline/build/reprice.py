"""Closed months that would be charged otherwise today: priced again, cause by cause."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import duckdb

from pipeline import finance, warehouse
from pipeline.build import changed_rules, sources
from pipeline.build.issued import issued, renamed
from pipeline.closing.archive import ClosedMonth
from pipeline.errors import ConfigError
from pipeline.finance import FinanceFiles
from pipeline.warehouse import Model

log = logging.getLogger(__name__)

_TABLE = f"{warehouse.SCHEMAS['raw']}.raw_repriced"
CHARGES = "int_charges"


def reprice(
    connection: duckdb.DuckDBPyConnection,
    models: Sequence[Model],
    closed: Sequence[ClosedMonth],
    today: FinanceFiles,
) -> None:
    """Fill `raw_repriced` for those of *closed* that int_closed_differences names.

    Step 1 takes all finance files as they were frozen, and the usage of today; step 2
    leaves only the cost centres as they were. Then say in `raw_rule_changes` which
    rules changed. Where nothing differs, nothing is done.
    """
    differing = connection.execute(
        "select tenant, closed_month from int_closed_differences"
        " group by tenant, closed_month"
    ).fetchall()
    # Tenants share allowances, so that all are priced at once who had the same files.
    groups: dict[object, list[ClosedMonth]] = defaultdict(list)
    for one in closed:
        if (one.tenant, one.month) in differing:
            groups[one.month, one.pricing_hashes].append(one)
    if not groups:
        return
    pricing_models, names = pricing(models), issued(closed)
    last = {one.tenant: one for one in closed}  # which are in order of the months
    needed = [*last.values(), *(one for same in groups.values() for one in same)]
    frozen = {
        hashes: renamed(_frozen(one, today), names)
        for hashes, one in {one.pricing_hashes: one for one in needed}.items()
    }
    for same in groups.values():
        then = frozen[same[0].pricing_hashes]
        _price_steps(connection, pricing_models, same, then, today)
    for one in (one for same in groups.values() for one in same):
        booked = frozen[last[one.tenant].pricing_hashes]
        changed_rules.tell(connection, one, booked, frozen[one.pricing_hashes], today)


def files_of(
    month: date, closed: Sequence[ClosedMonth], today: FinanceFiles
) -> FinanceFiles:
    """The files that *month* was closed with; those of *today* if it is open."""
    own = [one for one in closed if one.month == month]
    return renamed(_frozen(own[0], today), issued(closed)) if own else today


def _frozen(month: ClosedMonth, today: FinanceFiles) -> FinanceFiles:
    """The finance files of *month*; those of *today* if they cannot be read."""
    try:
        return finance.load_frozen(month.finance, month.manifest.currency)
    except ConfigError as exc:
        log.warning("%s; today's files are taken instead", exc)
        return today


def _price_steps(
    connection: duckdb.DuckDBPyConnection,
    models: Sequence[Model],
    months: Sequence[ClosedMonth],
    then: FinanceFiles,
    today: FinanceFiles,
) -> None:
    month, tenants = months[0].month, [one.tenant for one in months]
    earlier: tuple[FinanceFiles, int] | None = None
    for step, files in ((1, then), (2, replace(today, rules=then.rules))):
        log.info("%s priced again as of step %d", month.strftime("%Y-%m"), step)
        if earlier and earlier[0] == files:
            _copy(connection, step, month, tenants, earlier[1])
        elif files == today:
            _keep(connection, step, month, tenants)
        else:
            price(connection, models, files, month)
            _keep(connection, step, month, tenants)
            warehouse.clear_what_if(connection)
        earlier = (files, step)


def price(
    connection: duckdb.DuckDBPyConnection,
    models: Sequence[Model],
    files: FinanceFiles,
    month: date,
) -> None:
    """Make the pricing models for one month and other finance files in `what_if`."""
    for name in finance.TABLES:
        sources.finance_table(connection, name, files, warehouse.SCHEMAS["what_if"])
    connection.execute("set variable priced_month = $1", [month])
    warehouse.make(connection, [replace(model, schema="what_if") for model in models])
    connection.execute("set variable priced_month = cast(null as date)")


def _keep(
    connection: duckdb.DuckDBPyConnection, step: int, month: date, tenants: list[str]
) -> None:
    """What int_charges has of *month* now, which may be the one in `what_if`."""
    connection.execute(
        f"insert into {_TABLE} select tenant, billing_month, $1, cost_center, kind,"
        f" meter, item, base_quantity, amount from {CHARGES}"
        " where billing_month = $2 and list_contains($3, tenant)",
        [step, month, tenants],
    )


def _copy(
    connection: duckdb.DuckDBPyConnection,
    step: int,
    month: date,
    tenants: list[str],
    earlier: int,
) -> None:
    connection.execute(
        f"insert into {_TABLE} select * replace ($1 as step) from {_TABLE}"
        " where billing_month = $2 and list_contains($3, tenant) and step = $4",
        [step, month, tenants, earlier],
    )


def pricing(models: Sequence[Model]) -> list[Model]:
    """What stands between finance files or usage and charges, in order."""
    seeded = warehouse.downstream(models, finance.TABLES)
    both = seeded & warehouse.upstream(models, [CHARGES])
    return [one for one in models if one.name in both]
