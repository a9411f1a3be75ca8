"""A second currency: converted once, frozen with the month, never booked."""

import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from worlds.closing import JANUARY, MARCH, Company

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_tables")]

HEADER = "currency,valid_from,rate\n"
RATES = f"{HEADER}USD,2026-01-15,1.0845\nCHF,2026-01-01,0.93\nUSD,2026-02-10,1.2\n"
DISPLAY = {"display_amount", "display_currency", "exchange_rate", "exchange_rate_from"}


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """Two months that are over, and rates of two currencies."""
    made = Company(tmp_path)
    made.start(MARCH)
    made.write("exchange_rates", RATES)
    return made


def show(company: Company, currency: str) -> None:
    """Configure that amounts are shown in *currency* too."""
    company.configure()
    with (company.path / "chargeback.toml").open("a") as config:
        config.write(f'display_currency = "{currency}"\n')
        config.write('exchange_rates = "exchange_rates.csv"\n')


def close(company: Company, month: str) -> None:
    done = company.close(month, str(MARCH))
    assert (done.returncode, done.stderr) == (0, "")


def shown(company: Company) -> list[str]:
    """A line for each statement, by month and cost centre."""
    rows = company.ask(
        "select strftime(month, '%m'), cost_center, amount, display_currency,"
        " display_amount, exchange_rate, exchange_rate_from from statement"
        " order by month, cost_center"
    )
    return [" ".join(_text(value) for value in row) for row in rows]


def _text(value: object) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


@pytest.mark.whole
def test_a_month_has_the_rate_of_its_last_day(company: Company) -> None:
    show(company, "USD")

    company.build(str(MARCH))

    assert shown(company) == [
        "01 Finance 96.5 USD 104.65 1.0845 2026-01-15",
        "01 Sales 81 USD 87.84 1.0845 2026-01-15",
        "02 Finance 92 USD 110.4 1.2 2026-02-10",
        "02 Sales 78 USD 93.6 1.2 2026-02-10",
    ]
    lines = company.ask(
        "select amount, display_amount from statement_lines"
        " where month = date '2026-01-01' and cost_center = 'Finance'"
        " order by position"
    )
    assert lines == [
        (Decimal("46.5"), Decimal("50.43")),
        (Decimal(50), Decimal("54.22")),
    ]


def test_a_running_month_has_the_rate_of_the_day(company: Company) -> None:
    """On 9 February the rate of the 10th does not hold yet."""
    show(company, "USD")

    company.build("2026-02-09")
    before = shown(company)[2:]
    company.build("2026-02-10")

    assert [one.split()[-1] for one in before] == ["2026-01-15"] * 2
    assert [one.split()[-1] for one in shown(company)[2:]] == ["2026-02-10"] * 2


def test_before_the_first_rate_nothing_is_guessed(company: Company) -> None:
    company.write("exchange_rates", f"{HEADER}USD,2026-02-01,1.2\n")
    show(company, "USD")

    company.build(str(MARCH))

    assert shown(company)[:2] == [
        "01 Finance 96.5 USD None None None",
        "01 Sales 81 USD None None None",
    ]
    close(company, "2026-01")
    company.write("exchange_rates", f"{HEADER}USD,2026-01-01,1.1\n")
    company.build(str(MARCH))
    assert shown(company)[0] == "01 Finance 96.5 USD None None None"


def test_a_closed_month_keeps_what_it_showed(company: Company) -> None:
    """Other rates, another currency and none book nothing and change no byte."""
    show(company, "USD")
    close(company, "2026-01")
    closed, january = company.files(), shown(company)[:2]

    company.write("exchange_rates", RATES.replace("1.0845", "1.5"))
    company.build(str(MARCH))
    assert shown(company)[:2] == january
    show(company, "CHF")
    company.build(str(MARCH))
    assert shown(company)[:2] == january
    assert shown(company)[2].endswith("CHF 85.56 0.93 2026-01-01")
    company.configure()
    company.build(str(MARCH))

    assert shown(company)[:2] == january
    assert shown(company)[2].endswith("92 None None None None")
    assert company.adjustments() == {}
    assert company.files() == closed
    verified = company.chargeback("verify")
    assert (verified.returncode, verified.stderr) == (0, "")
    assert company.manifest("2026-01")["display"] == {
        "currency": "USD",
        "rate": "1.0845000000",
        "rate_from": "2026-01-15",
    }


def test_a_credit_note_takes_back_what_was_shown(company: Company) -> None:
    """At the rate of version 1, whatever it is when the month is closed again."""
    show(company, "USD")
    close(company, "2026-01")
    company.write("exchange_rates", RATES.replace("1.0845", "1.5"))

    reversed_ = company.chargeback(
        "close", "--reverse", "2026-01", "The price.", "--as-of", str(MARCH), "--quiet"
    )
    close(company, "2026-01")

    assert reversed_.returncode == 0
    documents = company.ask(
        "select version, kind, display_amount, statement_display_balance"
        " from issued_statements where cost_center = 'Finance' order by entry"
    )
    balance = Decimal("144.75")
    assert documents == [
        (1, "statement", Decimal("104.65"), balance),
        (1, "credit note", Decimal("-104.65"), balance),
        (2, "statement", balance, balance),
    ]
    verified = company.chargeback("verify")
    assert (verified.returncode, verified.stderr) == (0, "")


def test_a_month_that_was_closed_without_it_has_none(company: Company) -> None:
    """As months of earlier versions: what they lack stays unknown."""
    company.configure()
    close(company, "2026-01")
    frozen = pl.read_parquet_schema(company.folder("2026-01") / "statement.parquet")
    manifest = json.dumps(company.manifest("2026-01"))
    show(company, "USD")

    company.build(str(MARCH))

    assert not DISPLAY & frozen.keys()
    assert "display" not in manifest
    assert shown(company)[0] == "01 Finance 96.5 None None None None"
    assert shown(company)[2].startswith("02 Finance 92 USD 110.4")


@pytest.mark.whole
def test_tenants_of_two_currencies_have_no_sum(tmp_path: Path) -> None:
    """One of them closed the month in another currency than the other has now."""
    company = Company(tmp_path, tenants=("acme",))
    company.start(MARCH)
    company.write("exchange_rates", RATES)
    show(company, "USD")
    close(company, "2026-01")
    company.tenants = ("acme", "beta")
    for day in range(1, 32):
        company.use(JANUARY.replace(day=day), {"a1": 1}, "beta")
    show(company, "CHF")

    company.build(str(MARCH))

    sums = company.ask(
        "select display_amount, display_month_amount from report_cost_centers"
        " where month = date '2026-01-01' and cost_center = 'Finance'"
    )
    assert sums == [(None, None)]
