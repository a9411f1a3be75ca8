"""Further examples of docs/finance-files.md: what is charged, whose it is, and where.

A company of two tenants has a month for each of them.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.endpoints import AUTOMATIONS, RUNS, SPACES, USAGE
from pipeline.lake import DayCoverage, Lake
from tools.documented import held_by_the_docs, row_of
from worlds.closing import FEBRUARY, JANUARY, MARCH, Company
from worlds.lake import keep, put

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_tables")]

AS_OF = date(2026, 8, 2)
APRIL, MAY, JUNE = (date(2026, month, 1) for month in (4, 5, 6))
RATES = (
    "meter,unit_price,currency,valid_from,valid_to,included\n"
    "runs,0.0795,EUR,2026-01-01,2026-03-31,50\n"
    "runs,0.5,EUR,2026-04-01,,\n"
    "duration_hours,1,EUR,2026-04-01,,\nbandwidth_gb,1,EUR,2026-04-01,,\n"
)
RULES = (
    "priority,cost_center,automation_id,space,space_id\n"
    "10,Finance,f1,,\n10,Sales,s1,,\n10,Metered,l1,,\n"
    "20,Named,,*,\n20,Personal,,personal,\n20,Unknown,,,unknown\n,Legal,,,\n"
)
FIXED = (
    "item,amount,currency,valid_from,valid_to,split,meter,shares,tenant\n"
    "Licence,100,EUR,2026-01,,even,,,acme\n"
    "even,100,EUR,2026-04,2026-04,even,,,\n"
    "percent,100,EUR,2026-04,2026-04,percent,,Legal=100,\n"
    "budget,100,EUR,2026-04,2026-04,budget,,,\n"
)
BUDGETS = (
    "cost_center,month,amount\nFinance,2026-04,300\nSales,2026-04,100\n"
    "Legal,2026-04,0\n"
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    made = Company(tmp_path_factory.mktemp("charges"), ("acme", "beta"))
    made.start(JANUARY, rates=RATES, rules=RULES, fixed=FIXED, budgets=BUDGETS)
    for month, runs in ((JANUARY, 137), (FEBRUARY, 20), (MARCH, 137)):
        made.use(month, {"f1": runs})
    made.use(APRIL, {"f1": 1})
    made.use(APRIL, {"f1": 1, "s1": 1}, "beta")
    lake = Lake(made.path / "data/lake")
    owners(lake)
    listed_only(lake)
    spaces(lake)
    made.use(date(2026, 7, 3), {"f1": 3})
    made.use(AS_OF, {"f1": 9})
    part = date(2026, 7, 4)
    use(lake, part, f1=2)
    read = DayCoverage("partial", datetime(2026, 7, 4, 8, tzinfo=UTC))
    lake.cover(USAGE.table, "acme", {part: read})
    made.build(str(AS_OF))
    return made


def use(lake: Lake, day: date, **runs: int) -> None:
    rows = [
        {"automation_id": name, "metric": "runs", "value": count}
        for name, count in runs.items()
    ]
    put(lake, USAGE.table, day, rows)


def run(name: str, automation: str, day: date, **more: Any) -> Mapping[str, Any]:
    """A run of a minute, which ended."""
    start = datetime.combine(day, time(23, 59, 30), UTC)
    return {
        "run_id": name,
        "automation_id": automation,
        "space_id": "",
        "owner_id": "cleo",
        "status": "finished",
        "created_at": start,
        "started_at": start,
        "stopped_at": start + timedelta(seconds=60),
        **more,
    }


def owners(lake: Lake) -> None:
    """Of h1, and a run that is listed."""
    for day in (5, 12, 19, 20):
        use(lake, date(2026, 5, day), h1=1)
    put(lake, RUNS.table, date(2026, 5, 12), [run("r1", "h1", date(2026, 5, 12))])
    for day, owner in ((10, "anna"), (20, "ben")):
        one = {"automation_id": "h1", "name": "H", "owner_id": owner, "space_id": ""}
        keep(lake, AUTOMATIONS.table, date(2026, 5, day), [one])


def listed_only(lake: Lake) -> None:
    """A day of l1 that is not metered."""
    day = date(2026, 5, 6)
    still = {"status": "running", "stopped_at": None}
    runs = [run("r2", "l1", day), run("r3", "l1", day, status="failed", is_test=True)]
    put(lake, RUNS.table, day, [*runs, run("r4", "l1", day, **still)])


def spaces(lake: Lake) -> None:
    """What is used in a space with a name, a personal one, and two others."""
    day = date(2026, 5, 25)
    use(lake, day, n1=1, p1=1, x1=1, u1=1)
    listed = {"n1": "s-named", "p1": "", "x1": "s-nameless"}
    rows = [
        {"automation_id": name, "name": name, "owner_id": "o1", "space_id": space}
        for name, space in listed.items()
    ]
    keep(lake, AUTOMATIONS.table, day, rows)
    names = [{"space_id": "s-named", "name": "Finance"}, {"space_id": "s-nameless"}]
    keep(lake, SPACES.table, day, names)


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def test_what_was_read_of_a_day_is_charged(company: Company) -> None:
    charged = dict(
        company.ask(
            "select date, runs from automation_daily where date >= date '2026-07-01'"
        )
    )
    read = dict(
        company.ask(
            "select date, status from coverage where source = 'usage'"
            " and date >= date '2026-07-01' and tenant = 'acme'"
        )
    )

    days = [(date(2026, 7, 3), "3 July"), (date(2026, 7, 4), "4 July")]
    words = {"complete": "whole", "partial": "in part"}
    rows = [row_of(name, words[read[day]], charged[day]) for day, name in days]
    assert charged.keys() == {day for day, _ in days}
    rows.append(row_of("2 August, the day of the run", "so far", "not yet"))
    assert held_by_the_docs(rows), rows


def test_a_day_is_of_whom_runs_or_else_snapshots_say(company: Company) -> None:
    found = company.ask(
        "select date, owner_id from automation_daily where automation_id = 'h1'"
        " order by date"
    )

    known = (
        "no snapshot yet; the first, of the 10th, says Anna",
        "a run is listed for Cleo",
        "no run is listed; the last snapshot says Anna",
        "no run is listed; the snapshot of the day says Ben",
    )
    rows = [
        row_of(f"{day.day} May", text, owner)
        for (day, owner), text in zip(found, known, strict=True)
    ]
    assert held_by_the_docs(rows), rows


def test_what_is_only_listed_is_charged_as_far_as_it_is_known(company: Company) -> None:
    charged = dict(
        company.ask(
            "select meter, sum(base_quantity) from charges"
            " where cost_center = 'Metered' and kind = 'usage' group by all"
        )
    )

    assert charged.keys() == {"runs", "duration_hours"}
    rows = [
        row_of("runs: two that ended, one that runs", plain(charged["runs"])),
        row_of("seconds: 60 each", f"{charged['duration_hours']:.0f}"),
        row_of("bytes", None),
    ]
    assert held_by_the_docs(rows), rows


def test_a_pattern_needs_a_name(company: Company) -> None:
    paid = dict(
        company.ask(
            "select automation_id, cost_center from charges"
            " where automation_id in ('n1', 'p1', 'x1', 'u1')"
        )
    )

    spaces = {
        "n1": "Finance",
        "p1": "personal",
        "x1": "listed, but without a name",
        "u1": "not known at all",
    }
    rows = [row_of(space, paid[name]) for name, space in spaces.items()]
    assert held_by_the_docs(rows), rows


@pytest.mark.whole
def test_allowances_and_fixed_amounts_are_of_whole_months(company: Company) -> None:
    lines = company.ask(
        "select month, quantity, included_quantity, billable_quantity, gross_amount,"
        " included_amount, amount from statement_lines where kind = 'usage'"
        " and month < date '2026-04-01' order by month"
    )
    fees = dict(
        company.ask(
            "select month, sum(amount) from charges where item = 'Licence' group by all"
        )
    )

    rows = [
        row_of(
            f"{month:%B}",
            *map(plain, quantities[:3]),
            *(f"{amount:.2f}" for amount in quantities[3:]),
            f"{fees[month]:.2f}",
        )
        for month, *quantities in lines
    ]
    rows.append(row_of("June, nothing was read", *[None] * 6, f"{fees[JUNE]:.2f}"))
    assert held_by_the_docs(rows), rows
    assert max(fees) == date(2026, 8, 1)  # which has run for a day


def test_a_part_stands_with_the_first_tenant(company: Company) -> None:
    found: dict[str, dict[str, str]] = {}
    for center, item, tenant, amount in company.ask(
        "select cost_center, item, tenant, sum(amount) from charges"
        " where item in ('even', 'percent', 'budget') group by all"
    ):
        found.setdefault(center, {})[item] = f"{amount:.2f}"
        assert found[center].setdefault("tenant", tenant) == tenant
    used = {
        center: ", ".join(tenants)
        for center, tenants in company.ask(
            "select cost_center, list_sort(list(distinct tenant)) from charges"
            " where kind = 'usage' and month = date '2026-04-01' group by all"
        )
    }

    rows = [
        row_of(
            center,
            used.get(center),
            *(parts.get(item) for item in ("even", "percent", "budget", "tenant")),
        )
        for center, parts in sorted(found.items())
    ]
    assert held_by_the_docs(rows), rows


def of_usage_alone(folder: Path, rates: str, rules: str) -> Company:
    """A company without fixed costs and budgets."""
    company = Company(folder)
    company.start(JANUARY, rates=rates, rules=rules, fixed="", budgets="")
    path = folder / "chargeback.toml"
    lines = path.read_text().splitlines()
    kept = [one for one in lines if not one.startswith(("fixed_costs", "budgets"))]
    path.write_text("\n".join(kept))
    return company


@pytest.mark.whole
def test_a_running_month_is_compared_with_the_same_days(tmp_path: Path) -> None:
    rates = "meter,unit_price,currency,valid_from,included\nruns,1,EUR,2026-01-01,50\n"
    rules = "priority,cost_center,automation_id\n10,Finance,a1\n"
    company = of_usage_alone(tmp_path, rates, rules)
    for n in range(31 + 7):
        company.use(JANUARY + timedelta(n), {"a1": 10 if n < 31 else 12})
    company.build("2026-02-08")

    (amounts,) = company.ask(
        "select amount, comparable_prior_amount, prior_amount from statement"
        " where month = date '2026-02-01'"
    )

    row = row_of("Finance", *(f"{amount:.2f}" for amount in amounts))
    assert held_by_the_docs([row]), row


def test_a_correction_tells_usage_prices_and_rules_apart(tmp_path: Path) -> None:
    rates = "meter,unit_price,currency,valid_from\nruns,0.50,EUR,2026-01-01\n"
    rules = "priority,cost_center,automation_id\n10,Finance,a1\n,Sales,\n"
    company = of_usage_alone(tmp_path, rates, rules)
    company.use(date(2026, 1, 10), {"a1": 10})
    closed = company.close("2026-01", "2026-02-02", "--accept-incomplete", "A day.")
    assert closed.returncode == 0, closed.stderr

    company.use(date(2026, 1, 10), {"a1": 12})
    company.write("rates", rates.replace("0.50", "0.40"))
    company.write("rules", rules.replace("Finance,a1", "Sales,a1"))
    company.use(FEBRUARY, {"a1": 1})
    company.build("2026-02-02")

    causes = ("usage", "prices", "allocation")
    amounts = {
        (center, cause): amount
        for (_, _, center, _, cause), amount in company.adjustments().items()
    }
    assert {month for month, *_ in company.adjustments()} == {"2026-02"}
    rows = [
        row_of(center, cause, f"{amounts[center, cause]:.2f}")
        for center in ("Finance", "Sales")
        for cause in causes
        if (center, cause) in amounts
    ]
    assert held_by_the_docs(rows), rows
