"""Amounts up to 10^15 and exabytes, in every currency, from the files to the mail."""

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipeline.endpoints import RUNS, USAGE
from pipeline.lake import Lake
from worlds.closing import JANUARY, Company
from worlds.lake import cover, keep

pytestmark = [pytest.mark.slow, pytest.mark.endurance]

AS_OF = date(2026, 3, 15)
MOST = 10**15
EXABYTE = 10**18
TENANTS = ("acme", "beta")

CONFIG = """
first_day = 2026-01-01
currency = "{0}"
{1}
[charge]
rate_card = "rates.csv"
cost_centers = "rules.csv"
fixed_costs = "fixed.csv"
budgets = "budgets.csv"
display_currency = "BHD"
exchange_rates = "exchange.csv"
[mail]
host = "localhost"
from = "chargeback@acme.example"
recipients = ["finance@acme.example"]
"""
TENANT = """
[[tenant]]
name = "{0}"
url = "https://{0}.example"
api_key = "env:COMPANY_KEY"
"""
# An exabyte costs 10^15; tiers and allowances of each policy reach beyond it.
RATES = """\
meter,unit_price,currency,valid_from,valid_to,tier_from,included,policy
bandwidth_gb,1000000,{0},2026-01-01,,0,1000000.5,pro_rata
bandwidth_gb,999999.999999,{0},2026-01-01,,2000000,,
runs,999999999.123456,{0},2026-01-01,,,300,first_come
duration_hours,3.25,{0},2026-01-01,,0,100000000000000,by_entitlement
"""
RATE = "99999999.9999999999"  # the most that a file may have
RULES = """\
priority,cost_center,automation,percent
10,Finance,a1,60
10,Sales,a1,40
20,Ops,a2,
"""
FIXED = """\
item,amount,currency,valid_from,valid_to,split,meter,shares,tenant
Even,{1},{0},2026-01,,even,,,
Proportional,{2},{0},2026-01,,proportional,bandwidth_gb,,
Percent,{2},{0},2026-01,,percent,,Finance=33.33; Sales=66.67,
By budget,{2},{0},2026-01,,budget,,,
Credit,-{1},{0},2026-02,,proportional,duration_hours,,acme
"""


def company(path: Path, currency: str, digits: int) -> Company:
    made = Company(path, TENANTS)
    below = Decimal(MOST) - Decimal(1).scaleb(-digits)
    made.write("rates", RATES.format(currency))
    made.write("rules", RULES)
    made.write("fixed", FIXED.format(currency, below, MOST))
    lines = [
        f"{name},2026-0{month},{MOST}\n"
        for name in ("Finance", "Ops", "Sales")
        for month in (1, 2, 3)
    ]
    made.write("exchange", f"currency,valid_from,rate\nBHD,2026-01-01,{RATE}\n")
    made.write("budgets", "cost_center,month,amount\n" + "".join(lines))
    sections = "".join(TENANT.format(name) for name in TENANTS)
    (path / "chargeback.toml").write_text(CONFIG.format(currency, sections))
    for tenant in TENANTS:
        for number in range((AS_OF - JANUARY).days):
            use(made, JANUARY + timedelta(days=number), tenant)
    return made


def use(made: Company, day: date, tenant: str, factor: int = 1) -> None:
    """More than an exabyte in a month, and 10^18 seconds in four days."""
    sizes = {
        "a1": (1000, 10**17, EXABYTE // 31),
        "a2": (2000, 2 * 10**17, 10**17),
        "a3": (30, 7, EXABYTE // 7),
    }
    rows = [
        {"automation_id": name, "metric": metric, "value": value, "owner_id": "o1"}
        for name, (runs, seconds, size) in sizes.items()
        for metric, value in {
            "runs": factor * runs,
            "duration": seconds,
            "bandwidthIn": size,
            "bandwidthOut": size // 3,
        }.items()
    ]
    lake = Lake(made.path / "data" / "lake")
    keep(lake, USAGE.table, day, rows, tenant)
    cover(lake, RUNS.table, day, tenant)


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("KWD", 3)])
def test_a_month_at_the_edge_is_charged_closed_corrected_and_written(
    tmp_path: Path, currency: str, digits: int
) -> None:
    made = company(tmp_path, currency, digits)
    below = Decimal(MOST) - Decimal(1).scaleb(-digits)

    closed = made.close("2026-01", str(AS_OF))
    use(made, date(2026, 1, 5), "acme", factor=2)
    made.build(str(AS_OF))
    shown = made.chargeback("report", "--as-of", str(AS_OF), "--quiet")
    mailed = made.chargeback(
        "deliver", "--as-of", str(AS_OF), "--dry-run", "mail", "--quiet"
    )

    assert (closed.returncode, closed.stderr) == (0, "")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert (mailed.returncode, mailed.stderr) == (0, "")
    fixed = made.ask(
        "select item, sum(amount) from charges where kind = 'fixed'"
        " and month = date '2026-02-01' group by item order by item"
    )
    assert fixed == [
        ("By budget", MOST),
        ("Credit", -below),
        ("Even", below),
        ("Percent", MOST),
        ("Proportional", MOST),
    ]
    ((corrections,),) = made.ask(
        "select count(*) from charges where kind = 'adjustment' and amount != 0"
    )
    assert corrections > 0
    ((usage, exact),) = made.ask(
        "select sum(billed_amount), sum(exact_amount) from tie_out"
        " where month = date '2026-02-01'"
    )
    assert usage > 10 * MOST
    assert abs(usage - exact) < 30


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("IDR", 2)])
def test_files_of_a_month_at_the_edge_sum_to_its_statements(
    tmp_path: Path, currency: str, digits: int
) -> None:
    made = company(tmp_path, currency, digits)
    made.build(str(AS_OF))
    for form, out in (
        ("csv", "csv"),
        ("xlsx", "book.xlsx"),
        ("focus", "focus"),
        ("journal", "journal.csv"),
    ):
        written = made.chargeback("export", "2026-02", "--format", form, "--out", out)
        assert (written.returncode, written.stderr) == (0, "")

    ((total,),) = made.ask(
        "select sum(amount) from statement where month = date '2026-02-01'"
    )
    statements = cells(tmp_path / "csv/chargeback-2026-02-statement.csv")
    assert sum(Decimal(row["amount"]) for row in statements) == total
    focus = cells(tmp_path / "focus/chargeback-2026-02-CostAndUsage.csv")
    assert sum(Decimal(row["BilledCost"]) for row in focus) == total
    assert sum(Decimal(row["EffectiveCost"]) for row in focus) == total
    journal = cells(tmp_path / "journal.csv")
    debits = sum(Decimal(row["debit"]) for row in journal)
    assert debits == sum(Decimal(row["credit"]) for row in journal)
    book = load_workbook(tmp_path / "book.xlsx")["Statement"]
    rows = list(book.iter_rows(values_only=True))
    place = rows[0].index("Amount")
    written_amounts = [row[place] for row in rows[1 : 1 + len(statements)]]
    assert [Decimal(str(one)) for one in written_amounts] == [
        Decimal(row["amount"]) for row in statements
    ]
    assert re.match("Amounts of more than 15 digits are text", str(rows[-1][0]))
