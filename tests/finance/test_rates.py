"""A rate card that is wrong: told by file, line and column, before any price."""

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from worlds.finance_files import RATES, TIERS, load


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ("", "line 1: column meter is missing"),
        ("meter,unit_price,valid_from\n", "line 1: column currency is missing"),
        ("x|y|z\n", "line 1: .*separated by commas"),
        (f"{RATES.strip()},tier\n", "line 1: unknown column 'tier'"),
        (f"{RATES.strip()},meter\n", "line 1: a column is there twice"),
        (f"{RATES}runs,1,EUR\n", "line 2: expected 5 columns, found 3"),
        (f'{RATES}runs,"1"x,EUR,2026-10-01,\n', "line 2: "),
        (f"{RATES}\nlookups,1,EUR,2026-10-01,\n", "line 3, column meter: .*lookups"),
        (f"{RATES},1,EUR,2026-10-01,\n", "line 2, column meter: .*nothing"),
        (f"{RATES}runs,1 €,EUR,2026-10-01,\n", "line 2, column unit_price: .*number"),
        (f"{RATES}runs,,EUR,2026-10-01,\n", "line 2, column unit_price: .*nothing"),
        (
            f"{RATES}runs,NaN,EUR,2026-10-01,\n",
            "line 2, column unit_price: .*0 or more",
        ),
        (
            f"{RATES}runs,Infinity,EUR,2026-10-01,\n",
            "line 2, column unit_price: .*0 or more",
        ),
        (f"{RATES}runs,-1,EUR,2026-10-01,\n", "line 2, column unit_price: .*0 or more"),
        (
            f"{RATES}runs,0.0000001,EUR,2026-10-01,\n",
            "line 2, column unit_price: expected at most 6 decimals",
        ),
        (
            f"{RATES}runs,1e12,EUR,2026-10-01,\n",
            "line 2, column unit_price: expected a number up to 999,999,999,999.9",
        ),
        (
            f'{RATES}runs,"1,500",EUR,2026-10-01,\n',
            "line 2, column unit_price: expected a number that means one thing",
        ),
        (
            f"{RATES}runs,1,USD,2026-10-01,\n",
            "line 2, column currency: expected EUR.*USD",
        ),
        (
            f"{RATES}runs,1,EUR,01.10.2026,\n",
            "line 2, column valid_from: expected a date",
        ),
        (
            f"{RATES}runs,1,EUR,2026-02-30,\n",
            "line 2, column valid_from: expected a date",
        ),
        (f"{RATES}runs,1,EUR,,\n", "line 2, column valid_from: .*found nothing"),
        (
            f"{RATES}runs,1,EUR,2026-10-02,2026-10-01\n",
            "line 2, column valid_to: .*no day before 2026-10-02, .*'2026-10-01'",
        ),
        (
            f"{RATES}runs,1,EUR,2026-10-31,\nruns,2,EUR,2026-01-01,2026-10-31\n",
            "line 2, column valid_from: .*the price of line 3",
        ),
        (
            f"{RATES}runs,1,EUR,2026-01-01,\nruns,2,EUR,2026-10-01,\n",
            "line 3, column valid_from: .*the price of line 2",
        ),
        (
            f"{RATES}runs,1,EUR,2026-01-01,2026-06-29\nruns,2,EUR,2026-07-01,\n",
            "line 3, column valid_from: expected 2026-06-30.*line 2.*'2026-07-01'",
        ),
        (
            f"{RATES}runs,2,EUR,2026-07-02,\nruns,1,EUR,2026-01-01,2026-06-30\n",
            "line 2, column valid_from: expected 2026-07-01.*line 3",
        ),
        (
            f"{RATES}runs,1,EUR,2026-01-01,\nruns,2,EUR,2026-01-01,\n",
            "line 3, column tier_from: expected more than 0.*line 2.*found '0'",
        ),
    ],
)
def test_a_rate_card(tmp_path: Path, rates: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"rates\.csv, {said}"):
        load(tmp_path, rates=rates)


FIRST = "runs,2,EUR,2026-10-01,,0,100,pro_rata\n"


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ("runs,2,EUR,2026-10-01,,x,,", "line 2, column tier_from: expected a number"),
        ("runs,2,EUR,2026-10-01,,-1,,", "line 2, column tier_from: .*0 or more"),
        ("runs,2,EUR,2026-10-01,,1,,", "line 2, column tier_from: expected 0.*'1'"),
        (
            "runs,2,EUR,2026-10-01,,9,,\nruns,3,EUR,2026-10-01,,0,,",
            "line 2, column tier_from: expected 0",
        ),
        (
            f"{FIRST}runs,1,EUR,2026-10-01,,1.0000001,,",
            "line 3, column tier_from: expected at most 6 decimals",
        ),
        (
            f"{FIRST}runs,1,EUR,2026-10-01,,9,,\nruns,1,EUR,2026-10-01,,9.0,,",
            "line 4, column tier_from: expected more than 9, .*line 3.*'9.0'",
        ),
        (
            f"{FIRST}runs,1,EUR,2026-10-01,,9,,\nruns,1,EUR,2026-10-01,,8,,",
            "line 4, column tier_from: expected more than 9",
        ),
        (
            f"{FIRST}runs,1,EUR,2026-10-01,2026-12-31,9,,",
            "line 3, column valid_to: expected nothing, as on line 2.*'2026-12-31'",
        ),
        (
            "runs,2,EUR,2026-10-01,2026-12-31,,,\nruns,1,EUR,2026-10-01,,9,,",
            "line 3, column valid_to: expected 2026-12-31.*found nothing",
        ),
        (
            f"{FIRST}runs,1,EUR,2026-10-01,,9,0,",
            "line 3, column included: expected nothing: it stands on line 2",
        ),
        (
            f"{FIRST}runs,1,EUR,2026-10-01,,9,,first_come",
            "line 3, column policy: expected nothing: it stands on line 2",
        ),
        ("runs,2,EUR,2026-10-01,,0,-1,", "line 2, column included: .*0 or more"),
        (
            "runs,2,EUR,2026-10-01,,0,1.1e18,",
            "line 2, column included: .*up to 1,0",
        ),
        ("runs,2,EUR,2026-10-01,,0,1.1234567,", "line 2, column included: .*6 deci"),
        (
            "runs,2,EUR,2026-10-01,,0,1,fair",
            "line 2, column policy: expected one of pro_rata, first_come, by_ent",
        ),
        (
            "runs,2,EUR,2026-10-02,,0,1,",
            "line 2, column valid_from: expected the first day of a month.*10-02",
        ),
        (
            "runs,2,EUR,2026-10-01,2026-11-29,0,1,",
            "line 2, column valid_to: expected the last day of a month.*11-29",
        ),
        (
            "runs,2,EUR,2026-10-02,,0,,\nruns,2,EUR,2026-10-02,,5,,",
            "line 2, column valid_from: expected the first day of a month",
        ),
        (
            "runs,2,EUR,2028-02-01,2028-02-28,,,\nruns,2,EUR,2028-02-01,2028-02-28,5,,",
            "line 2, column valid_to: expected the last day of a month",
        ),
    ],
)
def test_tiers_and_allowances(tmp_path: Path, rates: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"rates\.csv, {said}"):
        load(tmp_path, rates=TIERS + rates)


LICENCES = "meter,unit_price,currency,valid_from,valid_to,tier_from,included,tenants\n"


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        (
            "runs,2,EUR,2026-10-01,,,,nobody; acme\n",
            "line 2, column tenants: expected names of acme, beta, .*not nobody",
        ),
        ("runs,2,EUR,2026-10-01,,,,;\n", "line 2, column tenants: .* such as acme; be"),
        (
            "runs,2,EUR,2026-10-01,,,,acme\nruns,2,EUR,2026-11-01,,,,beta; acme\n",
            "line 3, column tenants: .* other tenants than acme, .* on line 2",
        ),
        (
            "runs,2,EUR,2026-10-01,,,,beta; acme\nruns,2,EUR,2026-11-01,,,,acme;beta\n",
            "line 3, column valid_from: expected a day on which the price of line 2",
        ),
        (
            "runs,2,EUR,2026-10-01,2026-10-31,,,acme\nruns,2,EUR,2026-12-01,,,,acme\n",
            "line 3, column valid_from: expected 2026-11-01, the day after",
        ),
        (
            "runs,2,EUR,2026-10-01,,0,,acme\nruns,2,EUR,2026-10-01,,5,,beta\n",
            "line 3, column tier_from: expected 0",
        ),
        (
            "runs,2,EUR,2026-10-02,,0,5,acme\n",
            "line 2, column valid_from: expected the first day of a month",
        ),
    ],
)
def test_licences_of_some_tenants(tmp_path: Path, rates: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"rates\.csv, {said}"):
        load(tmp_path, rates=LICENCES + rates, tenants=("acme", "beta", "gamma"))


def test_licences_may_follow_each_other_and_stand_beside_the_price_of_others(
    tmp_path: Path,
) -> None:
    """A tenant may go to another licence; a line need not say names in one order."""
    read = load(
        tmp_path,
        rates=LICENCES + "runs,1,EUR,2026-10-15,,,,\n"
        "runs,2,EUR,2026-10-01,2026-10-31,,9,beta;acme\n"
        "runs,3,EUR,2026-11-01,,0,8,gamma; acme\n"
        "runs,2,EUR,2026-11-01,,9,,acme;gamma\n",
        tenants=("acme", "beta", "gamma"),
    )

    assert [row[4:] for row in read.rows("finance_rates") if row[1] == "runs"] == [
        (1, 0, 1, 0, "pro_rata", "EUR", "", None),
        (1, 0, 2, 9, "pro_rata", "EUR", "acme", ["acme", "beta"]),
        (1, 0, 3, 8, "pro_rata", "EUR", "acme", ["acme", "gamma"]),
        (2, 9, 2, 0, "pro_rata", "EUR", "acme", ["acme", "gamma"]),
    ]


def test_a_price_without_tiers_may_change_on_any_day(tmp_path: Path) -> None:
    """An allowance of 0 is none; leap days and the last day there is are days."""
    load(
        tmp_path,
        rates=TIERS + "runs,2,EUR,2028-02-01,2028-02-29,0,9,\n"
        "runs,2,EUR,2028-03-01,2028-03-15,0,0,\n"
        "runs,2,EUR,2028-03-16,9999-12-31,,,\n",
    )
