"""Finance files as spreadsheets write them: read, or refused where two are meant."""

from pathlib import Path

import pytest

from pipeline.errors import ConfigError, FinanceFilesError
from pipeline.finance.numerals import decimal_sign, with_point
from worlds.finance_files import BUDGETS, FIXED, RATES, RULES, load


@pytest.mark.parametrize(
    ("text", "others", "separator", "read"),
    [
        ("0,5", [], ";", "0.5"),
        ("0,5", [], ",", "0.5"),
        ("-12,25", [], ";", "-12.25"),
        ("0,125", [], ";", "0.125"),
        ("1234,567", [], ";", "1234.567"),
        ("1,234", [], ";", None),
        ("1,234", ["0,5"], ";", "1.234"),
        ("1,234", ["0.5"], ";", None),
        ("1,234", ["0.5"], ",", None),
        ("1.234", [], ",", "1.234"),
        ("1.234", [], ";", None),
        ("1.234", [], "\t", None),
        ("1.234", ["0.5"], ";", "1.234"),
        ("1.234", ["0,5"], ";", None),
        ("1.234", ["0,5", "0.5"], ",", "1.234"),
        ("0,5", ["0,5", "0.5"], ",", None),
        ("0.5", ["0,5", "0.5"], ";", None),
        ("12", ["0,5"], ";", "12"),
        ("1.234,56", [], ";", "1.234,56"),
        ("1,234,567", [], ";", "1,234,567"),
    ],
)
def test_a_number_is_read_where_its_sign_means_one_thing(
    text: str, others: list[str], separator: str, read: str | None
) -> None:
    assert with_point(text, decimal_sign([text, *others]), separator) == read


@pytest.mark.parametrize("number", ["1.234,56", "1,234.56", "1,234", "1 234,5"])
def test_a_number_with_thousands_is_named(tmp_path: Path, number: str) -> None:
    rates = f"{RATES}runs,0.5,EUR,2026-10-01,\n".replace(",", ";")
    rates += f"duration_hours;{number};EUR;2026-10-01;\n"

    with pytest.raises(ConfigError, match=r"rates\.csv, line 3, column unit_price"):
        load(tmp_path, rates=rates)


def test_a_number_that_may_mean_two_is_named_with_both(tmp_path: Path) -> None:
    budgets = f"{BUDGETS}A,2026-10,1.000\n".replace(",", ";")

    with pytest.raises(ConfigError) as caught:
        load(tmp_path, rules=f"{RULES}1,A,,,,,,\n", budgets=budgets)

    what, remedy = str(caught.value).split("\n")
    assert what.endswith("found '1.000', which may be 1000 or 1.000")
    assert "1000; or, if decimals are meant, with one more of them: 1.0000" in remedy
    clear = budgets.replace("1.000", "1.0000")
    read = load(tmp_path, rules=f"{RULES}1,A,,,,,,\n", budgets=clear)
    assert [one.amount for one in read.budgets] == [1]


def test_every_cost_centre_that_is_unknown_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(FinanceFilesError) as caught:
        load(
            tmp_path,
            rules=f"{RULES}1,A,,,,,,\n",
            budgets=f"{BUDGETS}A,2026-10,1\nB,2026-10,2\nC,2026-10,3\n",
        )

    assert [str(one).rpartition("found ")[2][:3] for one in caught.value.each] == [
        "'B'",
        "'C'",
    ]


def test_lines_are_counted_as_the_file_has_them(tmp_path: Path) -> None:
    budgets = "sep=;\n" + BUDGETS.replace(",", ";") + "A;2026-10;1\nA;2026;1\n"

    with pytest.raises(ConfigError, match=r"budgets\.csv, line 4, column month"):
        load(tmp_path, rules=f"{RULES}1,A,,,,,,\n", budgets=budgets)


def test_a_cell_beyond_the_columns_is_named(tmp_path: Path) -> None:
    rates = RATES.strip() + ",,\nruns,1,EUR,2026-10-01,,,x\n"

    with pytest.raises(ConfigError, match="line 2: expected 5 columns, found 7"):
        load(tmp_path, rates=rates)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    fixed = f"{FIXED}F,x,USD,2026-13,,fair,,,\nG,1,USD,2026-10,,even,,,\n"

    with pytest.raises(FinanceFilesError) as caught:
        load(
            tmp_path,
            rates=f"{RATES}runs,a,EUR,2026-10-01,\nlookups,1,EUR,2026-10-01,\n",
            rules=f"{RULES}1,A,,,,,,\nx,B,,,,,,\n",
            budgets=f"{BUDGETS}A,2026-10,1\nA,2026-10,2\nA,2026-10,3\n",
            fixed=fixed,
        )

    said = [str(one).removeprefix(f"{tmp_path}/") for one in caught.value.each]
    assert [one.partition(":")[0] for one in said] == [
        "rates.csv, line 2, column unit_price",
        "rates.csv, line 3, column meter",
        "rules.csv, line 3, column priority",
        "budgets.csv, line 3, column month",
        "budgets.csv, line 4, column month",
        "fixed.csv, line 2, column amount",
        "fixed.csv, line 2, column valid_from",
        "fixed.csv, line 3, column currency",
    ]
    assert "; and 7 more" in str(caught.value)


def test_a_column_that_is_misspelled_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'unit_prise'; did you mean unit_price"):
        load(tmp_path, rates=RATES.replace("price", "prise"))
