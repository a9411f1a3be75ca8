"""A month priced once for each way to share an allowance, side by side."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import duckdb
import msgspec

from pipeline import warehouse
from pipeline.build import sources
from pipeline.errors import ConfigError
from pipeline.finance import POLICIES, FinanceFiles, is_valid
from pipeline.warehouse import Model

log = logging.getLogger(__name__)

_CHARGES = "int_charges"
_TABLE = f"{warehouse.SCHEMAS['raw']}.raw_simulated"


def compare(
    connection: duckdb.DuckDBPyConnection,
    models: Sequence[Model],
    files: FinanceFiles,
    month: date,
) -> duckdb.DuckDBPyConnection:
    """The rows to show: a cost centre, and what it has by each policy.

    The models behind charges are made once, and those that depend on the rate card
    again for each policy.

    Raises:
        ConfigError: There is no allowance in *month*, or nothing was used of it.
    """
    _warn_of_entitlements(files, _meters_included(files, month), month)
    charged = warehouse.upstream(models, [_CHARGES])
    warehouse.make(connection, [one for one in models if one.name in charged])
    decided = charged & warehouse.downstream(models, ["finance_rates"])
    again = [replace(one, schema="what_if") for one in models if one.name in decided]
    connection.execute(
        f"create table {_TABLE} (policy varchar, cost_center varchar, meter varchar,"
        " unit varchar, base_per_unit bigint, base_e4 hugeint, included_e4 hugeint,"
        " amount decimal(30, 3))"
    )
    for policy in POLICIES:
        log.info("%s by %s", month.strftime("%Y-%m"), policy)
        _price(connection, again, files, policy)
    if connection.execute(f"select count(*) from {_TABLE}").fetchall() == [(0,)]:
        raise ConfigError(f"{month:%Y-%m}: nothing was used of what is included in it")
    return warehouse.ask(connection, "exports/allowance_policies")


def _price(
    connection: duckdb.DuckDBPyConnection,
    models: Sequence[Model],
    files: FinanceFiles,
    policy: str,
) -> None:
    """Charge the month as if *policy* stood in every line of the rate card."""
    rates = tuple(
        msgspec.structs.replace(rate, policy=policy if rate.included else None)
        for rate in files.rates
    )
    card = replace(files, rates=rates)
    schema = warehouse.SCHEMAS["what_if"]
    sources.finance_table(connection, "finance_rates", card, schema)
    warehouse.make(connection, models)
    connection.execute(
        f"insert into {_TABLE} select $1, charges.cost_center, charges.meter,"
        " rates.unit, rates.base_per_unit, to_e4(charges.base_quantity),"
        " to_e4(charges.included_base_quantity), charges.amount"
        f" from {_CHARGES} as charges inner join (select distinct tenant,"
        " billing_month, meter, licence, rate_from from int_usage_shared) as used"
        " using (tenant, billing_month, meter, rate_from)"
        " inner join int_rates as rates on charges.meter = rates.meter"
        " and charges.rate_from = rates.rate_from and used.licence = rates.licence"
        " and rates.tier = 1 and rates.included_e4 > 0",
        [policy],
    )
    warehouse.clear_what_if(connection)


def _meters_included(files: FinanceFiles, month: date) -> list[str]:
    """The meters of which something is included in *month*."""
    meters = {
        rate.meter for rate in files.rates if rate.included and is_valid(rate, month)
    }
    if not meters:
        raise ConfigError(
            f"{month:%Y-%m}: nothing is included in this month\n"
            "the rate card says what is, in its column included"
        )
    return sorted(meters)


def _warn_of_entitlements(files: FinanceFiles, meters: list[str], month: date) -> None:
    for meter in meters:
        if not any(
            one.meter == meter and is_valid(one, month) for one in files.entitlements
        ):
            log.warning(
                "nobody is entitled to a part of %s in %s: by_entitlement shares them"
                " like pro_rata",
                meter,
                month.strftime("%Y-%m"),
            )
