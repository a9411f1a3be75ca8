"""A licence of some tenants: included, tiers and fee are of what these use together."""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tools.documented import DOCS, row_of
from worlds.closing import FEBRUARY, MARCH, Company
from worlds.small_builds import small_builds

pytestmark = pytest.mark.slow

FIXED = (
    "item,amount,currency,valid_from,valid_to,split,meter,shares,tenant\n"
    "Licence fee,100,EUR,2026-03,2026-03,proportional,runs,,beta; acme\n"
    "Unused fee,7.01,EUR,2026-03,2026-03,proportional,bandwidth_gb,,gamma; beta\n"
)
USED = {
    "acme": {FEBRUARY: {"a1": 40}, MARCH: {"a1": 200, "a2": 100}},
    "beta": {MARCH: {"a1": 100}},
    "gamma": {MARCH: {"a2": 50}},
}


def card() -> str:
    """The card of the documentation's example."""
    section = DOCS.partition("### Licences of some tenants")[2]
    (found,) = re.findall(r"```csv\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    made = Company(tmp_path_factory.mktemp("licence"), tuple(USED))
    made.start(date(2026, 1, 1), rates=card(), fixed=FIXED)
    for tenant, months in USED.items():
        for day, runs in months.items():
            made.use(day, runs, tenant)
    with small_builds():
        made.build("2026-04-02")
    return made


def plain(number: Any) -> str:
    return f"{Decimal(number).normalize():f}"


def test_the_example_of_the_documentation_is_what_is_charged(company: Company) -> None:
    rows = company.ask(
        "select monthname(month), tenant, sum(base_quantity),"
        " sum(included_base_quantity),"
        " coalesce(sum(billable_quantity) filter (unit_price = 0.10), 0),"
        " coalesce(sum(billable_quantity) filter (unit_price = 0.05), 0),"
        " coalesce(sum(billable_quantity) filter (unit_price = 0.04), 0),"
        " cast(sum(amount) as decimal(18, 2)) from charges where kind = 'usage'"
        " group by month, tenant order by month, tenant"
    )

    shown = [
        row_of(month, tenant, *map(plain, counts), amount)
        for month, tenant, *counts, amount in rows
    ]
    assert len(shown) == 4
    assert "\n".join(shown) in DOCS


def test_its_fee_is_divided_by_what_its_tenants_used(company: Company) -> None:
    """Of 400 runs; what nobody used a meter for is the first tenant's, unallocated."""
    found = company.ask(
        "select item, tenant, cost_center, cast(sum(amount) as varchar) from charges"
        " where kind = 'fixed' group by all order by all"
    )

    assert found == [
        ("Licence fee", "acme", "Finance", "50.000"),
        ("Licence fee", "acme", "Sales", "25.000"),
        ("Licence fee", "beta", "Finance", "25.000"),
        ("Unused fee", "beta", "Unallocated", "7.010"),
    ]


def test_policies_are_compared_with_each_licence_apart(company: Company) -> None:
    done = company.chargeback("simulate", "2026-03", "--format", "json")

    total = json.loads(done.stdout)[-1]
    assert total["cost_center"] == "Total"
    assert {total[f"{one}_included"] for one in ("pro_rata", "first_come")} == {100}


def test_prices_of_two_licences_have_two_ids_in_focus(company: Company) -> None:
    company.write("rates", card() + "runs,0.2,EUR,2026-03-01,,,,,gamma\n")
    company.build("2026-04-02")
    path = company.path / "focus"

    assert not company.chargeback(
        *("export", "2026-03", "--format", "focus", "--out", str(path))
    ).returncode

    (file,) = (one for one in path.rglob("*.csv") if "SkuPriceId" in one.read_text())
    prices: dict[str, set[str]] = {}
    lines = file.read_text().splitlines()
    names = lines[0].split(",")
    for line in lines[1:]:
        cells = dict(zip(names, line.split(","), strict=False))
        if cells["SkuId"] == "runs":
            prices.setdefault(cells["SkuPriceId"], set()).add(cells["ListUnitPrice"])
    assert len(prices) == 3
    assert all(len(some) == 1 for some in prices.values())


def test_a_renamed_tenant_keeps_its_licence(company: Company) -> None:
    """Files may go on naming it as it was called."""
    asked = (
        "select cost_center, meter, sum(amount) from charges group by all order by 1, 2"
    )
    before = company.ask(asked)
    file = company.path / "chargeback.toml"
    renamed = file.read_text().replace('"beta"', '"zeta"\nformerly = ["beta"]')
    file.write_text(renamed)

    with small_builds():
        company.build("2026-04-02")

    assert company.ask(asked) == before
    tenants = company.ask("select distinct tenant from charges order by all")
    assert tenants == [("acme",), ("gamma",), ("zeta",)]
