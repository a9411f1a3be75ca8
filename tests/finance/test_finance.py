"""The finance files: what is read of them, and what models are given."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline import finance
from pipeline.config import Charge
from pipeline.errors import ConfigError
from pipeline.finance import (
    TABLES,
    Budget,
    Entitlement,
    FinanceFiles,
    FixedCost,
    Rate,
    Rule,
)
from worlds.finance_files import (
    BUDGETS,
    ENTITLEMENTS,
    FIXED,
    RATES,
    RULES,
    SPLITS,
    TIERS,
    load,
)

OCTOBER = date(2026, 10, 1)


def test_a_rate_card_without_a_price_is_refused(tmp_path: Path) -> None:
    """It would charge nothing, and say so nowhere; other files may be empty."""
    expected = r"rates\.csv, line 2: expected a price, found nothing below the header"
    with pytest.raises(ConfigError, match=expected):
        load(tmp_path, rates=RATES + "\n")

    assert load(tmp_path, budgets=BUDGETS, rules=RULES).rules == ()


def test_zeros_at_the_end_are_no_decimals(tmp_path: Path) -> None:
    """As a spreadsheet writes whole yen."""
    text = FIXED + "Fee,1500.00,JPY,2026-10,,even,,,\n"

    (cost,) = load(tmp_path, fixed=text, currency="JPY").fixed_costs

    assert cost.amount == 1500


def test_an_amount_may_be_as_large_as_the_bound(tmp_path: Path) -> None:
    text = FIXED + "Fee,1e15,EUR,2026-10,,even,,,\nCredit,-1e15,EUR,2026-10,,even,,,\n"
    read = load(tmp_path, fixed=text, rates=TIERS + RATE_OF_A_ZETTABYTE)

    assert [cost.amount for cost in read.fixed_costs] == [10**15, -(10**15)]
    assert read.rates[0].included == 10**12


RATE_OF_A_ZETTABYTE = "bandwidth_gb,999999999999.999999,EUR,2026-10-01,,0,1e12,\n"


def test_files_become_typed_rows(tmp_path: Path) -> None:
    read = load(
        tmp_path,
        rates=RATES + "runs,0.000001,EUR,2026-10-01,2026-10-31\nruns,2,EUR,2026-11-01,",
        rules=RULES + "\n10, Finance ,,Finance,,,2026-10-01,\n",
        budgets=BUDGETS + "Finance,2026-10,1000.50\n",
    )

    assert read.rates == (
        Rate(
            line=2,
            meter="runs",
            unit_price=Decimal("0.000001"),
            currency="EUR",
            valid_from=OCTOBER,
            valid_to=date(2026, 10, 31),
        ),
        Rate(
            line=3,
            meter="runs",
            unit_price=Decimal(2),
            currency="EUR",
            valid_from=date(2026, 11, 1),
        ),
    )
    assert read.rules == (
        Rule(
            line=3,
            priority=10,
            cost_center="Finance",
            space="Finance",
            valid_from=OCTOBER,
        ),
    )
    assert read.budgets == (
        Budget(line=2, cost_center="Finance", month=OCTOBER, amount=Decimal("1000.50")),
    )


def test_fixed_costs_and_entitlements_are_by_the_month(tmp_path: Path) -> None:
    read = load(
        tmp_path,
        fixed=FIXED + "Credit,-1.05,EUR,2026-10,2026-10,even,,,acme\n",
        rules=RULES + ",Finance,,,,,,\n",
        entitlements=ENTITLEMENTS + "api_calls,Finance,12.5,2026-10,\n",
        tenants=("acme",),
    )

    assert read.fixed_costs == (
        FixedCost(
            line=2,
            item="Credit",
            amount=Decimal("-1.05"),
            currency="EUR",
            valid_from=OCTOBER,
            valid_to=OCTOBER,
            split="even",
            tenant="acme",
        ),
    )
    assert read.entitlements == (
        Entitlement(
            line=2,
            meter="api_calls",
            cost_center="Finance",
            percent=Decimal("12.5"),
            valid_from=OCTOBER,
        ),
    )


def test_files_that_are_not_configured_are_empty() -> None:
    read = finance.load(Charge(), "EUR")

    assert read == FinanceFiles("EUR")
    assert [read.rows(name) for name in TABLES] == [[] for _ in TABLES]


def test_a_card_without_the_newer_columns_means_what_it_did(tmp_path: Path) -> None:
    read = load(tmp_path, rates=RATES + "runs,2,EUR,2026-10-15,2026-11-14")

    assert read.rows("finance_rates") == [
        (
            2,
            "runs",
            date(2026, 10, 15),
            date(2026, 11, 14),
            1,
            Decimal(0),
            Decimal(2),
            Decimal(0),
            "pro_rata",
            "EUR",
            "",
            None,
        )
    ]


def test_lines_of_a_meter_and_day_are_the_tiers_of_a_set(tmp_path: Path) -> None:
    """The allowance is counted once; its policy is everybody's."""
    read = load(
        tmp_path,
        rates=TIERS + "runs,3,EUR,2026-10-01,2026-10-31,,100.5,first_come\n"
        "api_calls,9,EUR,2026-10-01,,0,,\n"
        "runs,2,EUR,2026-10-01,2026-10-31,1000,,\n"
        "runs,1,EUR,2026-11-01,,,,\n",
    )

    columns = list(TABLES["finance_rates"])
    rows = [dict(zip(columns, row, strict=True)) for row in read.rows("finance_rates")]
    shown = ("meter", "rate_from", "tier", "tier_from", "included", "policy", "line")
    november = date(2026, 11, 1)
    assert [tuple(str(row[name]) for name in shown) for row in rows] == [
        ("api_calls", f"{OCTOBER}", "1", "0", "0", "pro_rata", "3"),
        ("runs", f"{OCTOBER}", "1", "0", "100.5", "first_come", "2"),
        ("runs", f"{OCTOBER}", "2", "1000", "0", "first_come", "4"),
        ("runs", f"{november}", "1", "0", "0", "pro_rata", "5"),
    ]


def test_lines_that_split_the_same_are_one_rule(tmp_path: Path) -> None:
    """Also where other lines stand between them."""
    read = load(
        tmp_path,
        rules=SPLITS + "10,A,,x,,,,,33.33\n10,B,,y,,,,,\n10,C,,x,,,,,66.67\n",
    )

    rows = read.rows("finance_cost_centers")
    assert [row[:5] for row in rows] == [
        (2, 2, 10, "A", 3_333),
        (2, 4, 10, "C", 6_667),
        (3, 3, 10, "B", 10_000),
    ]


def test_the_same_rule_twice_still_means_the_first(tmp_path: Path) -> None:
    read = load(tmp_path, rules=RULES + "10,A,,x,,,,\n10,B,,x,,,,\n")

    rows = read.rows("finance_cost_centers")
    assert [row[:5] for row in rows] == [
        (2, 2, 10, "A", 10_000),
        (3, 3, 10, "B", 10_000),
    ]


def test_shares_of_a_fixed_cost_are_rows(tmp_path: Path) -> None:
    read = load(
        tmp_path,
        fixed=FIXED + "Fee,100,EUR,2026-10,,percent,,A = 60; B=C=39.99;D=.01;,\n"
        "Bill,9,EUR,2026-10,2026-12,proportional,runs,,\n",
    )

    assert read.rows("finance_fixed_shares") == [
        (2, "A", 6_000),
        (2, "B=C", 3_999),
        (2, "D", 1),
    ]
    assert read.rows("finance_fixed_costs") == [
        (2, "Fee", "", None, Decimal(100), "percent", None, OCTOBER, None),
        (3, "Bill", "", None, 9, "proportional", "runs", OCTOBER, date(2026, 12, 1)),
    ]


def test_an_item_may_be_there_again_for_another_month_or_tenant(tmp_path: Path) -> None:
    read = load(
        tmp_path,
        fixed=FIXED + "Fee,1,EUR,2026-10,2026-10,even,,,\n"
        "Fee,2,EUR,2026-11,,even,,,\nFee,3,EUR,2026-10,,even,,,acme\n",
    )

    assert len(read.fixed_costs) == 3


def test_entitlements_may_pass_from_one_to_another(tmp_path: Path) -> None:
    read = load(
        tmp_path,
        rules=RULES + ",A,,,,,,\n,B,,,,,,\n,C,,,,,,\n",
        entitlements=ENTITLEMENTS + "runs,A,70,2026-01,2026-06\nruns,B,30,2026-01,\n"
        "runs,A,10,2026-07,\nruns,C,60,2026-07,\napi_calls,A,100,2026-01,\n",
    )

    assert [row[3] for row in read.rows("finance_entitlements")] == [
        7_000,
        3_000,
        1_000,
        6_000,
        10_000,
    ]


def test_spreadsheets_write_a_byte_order_mark_and_crlf(tmp_path: Path) -> None:
    read = load(
        tmp_path,
        rates=RATES + "runs,1,EUR,2026-10-01,\n",
        rules=(RULES + '10,"A, B",,"say ""x""\nand y",,,,\n').replace("\n", "\r\n"),
        encoding="utf-8-sig",
    )

    assert read.rates[0].meter == "runs"
    assert read.rules[0].cost_center == "A, B"
    assert read.rules[0].space == 'say "x"\nand y'


def test_optional_columns_may_be_left_out(tmp_path: Path) -> None:
    read = load(tmp_path, rules="cost_center,priority,space\nFinance,1,Finance\n")

    assert read.rules[0].valid_to is None
    assert read.rules[0].owner == ""


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.csv: no such file"):
        finance.load(Charge(rate_card=tmp_path / "none.csv"), "EUR")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    rules = RULES + "1,Qualität,,,,,,"

    with pytest.raises(ConfigError, match=r"rules\.csv, line 2: not UTF-8"):
        load(tmp_path, rules=rules, encoding="latin-1")
