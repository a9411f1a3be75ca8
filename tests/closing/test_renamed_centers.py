"""Cost centres that are called otherwise after a month was closed: nothing moves."""

from pathlib import Path
from shutil import copytree

import pytest

from worlds.closing import FIXED, MARCH, Company

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_tables")]

HEAD = "priority,cost_center,cost_center_name,parent,automation_id\n"
ONE_COLUMN = "10,1100 Finance,,Group,a1\n20,Sales,,,a2\n,Group,,,\n"
BUDGETS = "cost_center,month,amount\n1100,2026-01,200\n1100,2026-02,300\n"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """January is closed; February is read whole."""
    company = Company(tmp_path_factory.mktemp("done"), ("acme", "other"))
    fixed = FIXED + "Fee,10,EUR,2026-01,,percent,,1100=50;Sales=50,\n"
    company.start(MARCH, rules=HEAD + ONE_COLUMN, budgets=BUDGETS, fixed=fixed)
    assert company.close("2026-01", "2026-03-01").returncode == 0
    return company


@pytest.fixture
def closed(tmp_path: Path, done: Company) -> Company:
    company = Company(tmp_path / "company", done.tenants)
    copytree(done.path, company.path)
    return company


@pytest.mark.parametrize(
    ("rules", "label"),
    [
        (ONE_COLUMN.replace("Finance", "Finance and Tax"), "1100 Finance and Tax"),
        (ONE_COLUMN.replace("1100 Finance,", "1100,Tax"), "1100 Tax"),
        (ONE_COLUMN.replace("1100 Finance,", "1100,Finance"), "1100 Finance"),
        (ONE_COLUMN.replace("1100 Finance", "1100 FINANCE"), "1100 FINANCE"),
    ],
)
def test_another_name_of_a_code_moves_nothing(
    closed: Company, rules: str, label: str
) -> None:
    before = closed.ask("from statement order by all")
    assert "1100 Finance" in {row[2] for row in before}
    closed.write("rules", HEAD + rules)

    closed.build("2026-03-01")

    assert closed.adjustments() == {}
    assert closed.ask("from statement order by all") == before
    assert closed.ask("select label from cost_centers where code = '1100'") == [
        (label,)
    ]


def test_a_name_in_another_case_moves_nothing(closed: Company) -> None:
    """Once it is so in all files."""
    for name in ("rules", "fixed"):
        text = (closed.path / f"{name}.csv").read_text()
        closed.write(name, text.replace("Sales", "SALES"))

    closed.build("2026-03-01")

    assert closed.adjustments() == {}
    assert closed.ask("select distinct cost_center from statement order by all") == [
        ("1100 Finance",),
        ("Sales",),
    ]


def test_late_usage_is_of_the_name_that_was_issued(closed: Company) -> None:
    closed.write("rules", HEAD + ONE_COLUMN.replace("Finance", "Tax"))
    closed.write(
        "rates", "meter,unit_price,currency,valid_from\nruns,1,EUR,2026-01-01\n"
    )

    closed.build("2026-03-01")

    assert {(key[2], key[4]) for key in closed.adjustments()} == {
        ("1100 Finance", "prices"),
        ("Sales", "prices"),
    }


@pytest.mark.whole
def test_a_closed_month_keeps_what_is_above_a_cost_centre(closed: Company) -> None:
    rules = ONE_COLUMN.replace("Sales,,,", "Sales,,1100,").replace(",Group,a1", ",,a1")
    closed.write("rules", HEAD + rules)

    closed.build("2026-03-01")

    total = closed.ask(
        "select strftime(month, '%m'), cost_center, parent, sum(amount),"
        " sum(total_amount) from cost_center_rollup group by all order by all"
    )
    assert [row[:3] for row in total] == [
        ("01", "1100 Finance", "Group"),
        ("01", "Group", None),
        ("01", "Sales", None),
        ("02", "1100 Finance", None),
        ("02", "Sales", "1100 Finance"),
    ]
    january = {row[1]: row[3:] for row in total if row[0] == "01"}
    assert january["Group"] == (0, january["1100 Finance"][0])
    assert january["Sales"][0] == january["Sales"][1]
    february = {row[1]: row[3:] for row in total if row[0] == "02"}
    assert february["1100 Finance"][1] == sum(row[0] for row in february.values())
