"""The finance files: what is read of them, and how their mistakes are told."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline import seeds
from pipeline.errors import ConfigError
from pipeline.resources import resource
from pipeline.seeds import METERS, TABLES, Budget, Rate, Rule, Seeds

RATES = "meter,unit_price,currency,valid_from,valid_to\n"
RULES = "priority,cost_center,tenant,space,owner,automation,valid_from,valid_to\n"
BUDGETS = "cost_center,month,amount\n"


def load(  # noqa: PLR0913 (a file each)
    folder: Path,
    *,
    rates: str | None = None,
    rules: str | None = None,
    budgets: str | None = None,
    currency: str = "EUR",
    encoding: str = "utf-8",
) -> Seeds:
    paths: dict[str, Path] = {}
    for name, text in (("rates", rates), ("rules", rules), ("budgets", budgets)):
        if text is not None:
            paths[name] = folder / f"{name}.csv"
            paths[name].write_text(text, encoding=encoding, newline="")
    return seeds.load(
        paths.get("rates"), paths.get("rules"), paths.get("budgets"), currency
    )


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
            valid_from=date(2026, 10, 1),
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
            valid_from=date(2026, 10, 1),
        ),
    )
    assert read.budgets == (
        Budget(
            line=2,
            cost_center="Finance",
            month=date(2026, 10, 1),
            amount=Decimal("1000.50"),
        ),
    )


def test_files_that_are_not_configured_are_empty() -> None:
    read = seeds.load(None, None, None, "EUR")

    assert read == Seeds("EUR")
    assert {name: len(read.rows(name)) for name in TABLES} == {
        "seed_meters": len(METERS),
        "seed_rates": 0,
        "seed_cost_centers": 0,
        "seed_budgets": 0,
    }


def test_rows_have_the_columns_of_their_table(tmp_path: Path) -> None:
    read = load(
        tmp_path,
        rates=RATES + "runs,1,EUR,2026-10-01,",
        rules=RULES + "10,Finance,,,,,,",
        budgets=BUDGETS + "Finance,2026-10,1",
    )

    for name, columns in TABLES.items():
        assert {len(row) for row in read.rows(name)} == {len(columns)}
    assert read.rows("seed_cost_centers") == [
        (2, 10, "Finance", "", "", "", "", None, None)
    ]


def test_spreadsheets_write_a_byte_order_mark_and_crlf(tmp_path: Path) -> None:
    read = load(
        tmp_path,
        rates=RATES + "runs,1,EUR,2026-10-01,\n",
        rules=(RULES + '10,"A, B\nand C",,"say ""x""",,,,\n').replace("\n", "\r\n"),
        encoding="utf-8-sig",
    )

    assert read.rates[0].meter == "runs"
    assert read.rules[0].cost_center == "A, B\nand C"
    assert read.rules[0].space == 'say "x"'


def test_optional_columns_may_be_left_out(tmp_path: Path) -> None:
    read = load(tmp_path, rules="cost_center,priority,space\nFinance,1,Finance\n")

    assert read.rules[0].valid_to is None
    assert read.rules[0].owner == ""


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ("", "line 1: column meter is missing"),
        ("meter,unit_price,valid_from\n", "line 1: column currency is missing"),
        ("meter;unit_price;currency;valid_from\n", "separated by commas"),
        (f"{RATES.strip()},tier\n", "line 1: unknown column 'tier'"),
        (f"{RATES.strip()},meter\n", "line 1: a column is there twice"),
        (f"{RATES}runs,1,EUR\n", "line 2: expected 5 columns, found 3"),
        (f'{RATES}runs,"1"x,EUR,2026-10-01,\n', "line 2: "),
        (f"{RATES}\nlookups,1,EUR,2026-10-01,\n", "line 3, column meter: .*lookups"),
        (f"{RATES},1,EUR,2026-10-01,\n", "column meter: expected .*nothing"),
        (f"{RATES}runs,1 €,EUR,2026-10-01,\n", "column unit_price: expected a number"),
        (f"{RATES}runs,,EUR,2026-10-01,\n", "column unit_price: .*found nothing"),
        (f"{RATES}runs,NaN,EUR,2026-10-01,\n", "column unit_price: .*0 or more"),
        (f"{RATES}runs,Infinity,EUR,2026-10-01,\n", "column unit_price: .*0 or more"),
        (f"{RATES}runs,-1,EUR,2026-10-01,\n", "column unit_price: .*0 or more"),
        (f"{RATES}runs,0.0000001,EUR,2026-10-01,\n", "at most 6 decimals"),
        (f"{RATES}runs,1e12,EUR,2026-10-01,\n", "a smaller number"),
        (f'{RATES}runs,"0,5",EUR,2026-10-01,\n', "a number with a decimal point"),
        (f"{RATES}runs,1,USD,2026-10-01,\n", "column currency: expected EUR.*USD"),
        (f"{RATES}runs,1,EUR,01.10.2026,\n", "column valid_from: expected a date"),
        (f"{RATES}runs,1,EUR,2026-02-30,\n", "column valid_from: expected a date"),
        (f"{RATES}runs,1,EUR,,\n", "column valid_from: .*found nothing"),
        (
            f"{RATES}runs,1,EUR,2026-10-02,2026-10-01\n",
            "column valid_to: expected no day before 2026-10-02, found '2026-10-01'",
        ),
        (
            f"{RATES}runs,1,EUR,2026-10-31,\nruns,2,EUR,2026-01-01,2026-10-31\n",
            "line 2, column valid_from: .*the price of line 3",
        ),
        (
            f"{RATES}runs,1,EUR,2026-01-01,\nruns,2,EUR,2026-10-01,\n",
            "line 3, column valid_from: .*the price of line 2",
        ),
    ],
)
def test_a_rate_card_that_is_wrong_is_refused(
    tmp_path: Path, rates: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=rf"rates\.csv, {said}|rates\.csv.*{said}"):
        load(tmp_path, rates=rates)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("1.5,A,,,,,,", "line 2, column priority: expected a whole number"),
        ("9999999999,A,,,,,,", "line 2, column priority: expected a smaller number"),
        ("1,,,,,,,", "line 2, column cost_center: expected some text"),
        ("1,unallocated,,,,,,", "column cost_center: expected another name"),
        ("1,A,,,,,2026-10-02,2026-10-01", "column valid_to: expected no day before"),
    ],
)
def test_a_cost_centre_rule_that_is_wrong_is_refused(
    tmp_path: Path, rules: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=rf"rules\.csv.*{said}"):
        load(tmp_path, rules=RULES + rules)


@pytest.mark.parametrize(
    ("budgets", "said"),
    [
        ("A,October,1", "line 2, column month: expected a month such as 2026-10"),
        ("A,2026-13,1", "line 2, column month: expected a month such as 2026-10"),
        ("A,2026-10,1.2345", "line 2, column amount: expected at most 3 decimals"),
        ("A,2026-10,1\nB,2026-10,1\nA,2026-10,2", "line 4, column month: .*line 2"),
    ],
)
def test_a_budget_that_is_wrong_is_refused(
    tmp_path: Path, budgets: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=rf"budgets\.csv.*{said}"):
        load(tmp_path, budgets=BUDGETS + budgets)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.csv: no such file"):
        seeds.load(tmp_path / "none.csv", None, None, "EUR")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    rules = RULES + "1,Qualität,,,,,,"

    with pytest.raises(ConfigError, match=r"rules\.csv: not UTF-8"):
        load(tmp_path, rules=rules, encoding="latin-1")


def test_example_files_are_right() -> None:
    folder = resource("seeds")

    read = seeds.load(
        folder / "rates.csv",
        folder / "cost_centers.csv",
        folder / "budgets.csv",
        "EUR",
    )

    assert {rate.meter for rate in read.rates} <= {meter for meter, *_ in METERS}
    assert {budget.cost_center for budget in read.budgets} <= {
        rule.cost_center for rule in read.rules
    }
