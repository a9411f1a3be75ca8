"""Exports say what a cost centre is called, and what is above and below it."""

import csv
import io
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest

from pipeline import warehouse
from pipeline.export import Selection, contents
from worlds.report import make_warehouse
from worlds.rollup import OCTOBER, PARENTS, TENANTS

pytestmark = pytest.mark.slow

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hierarchy")
    return make_warehouse(folder, names=TENANTS, parents=PARENTS)


def exported(database: Path, form: str) -> Files:
    with warehouse.read(database) as connection:
        return contents(connection, Selection(OCTOBER, form))


def rows_of(files: Files, ending: str) -> list[dict[str, str]]:
    (content,) = (text for name, text in files.items() if name.endswith(ending))
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_a_statement_has_code_name_and_what_is_above_it(database: Path) -> None:
    rows = rows_of(exported(database, "csv"), "-statement.csv")

    assert {
        (row["cost_center"], row["cost_center_code"], row["cost_center_name"])
        for row in rows
    } == {
        ("Unallocated", "", "Unallocated"),
        ("CC-100 Finance", "CC-100", "Finance"),
        ("CC-200 Sales", "CC-200", "Sales"),
        ("CC-300 Operations", "CC-300", "Operations"),
        ("CC-900 Research", "CC-900", "Research"),
    }
    paths = {row["cost_center"]: row["hierarchy_path"] for row in rows}
    assert paths["CC-900 Research"] == "CC-900 Research"
    assert paths["CC-100 Finance"] == (
        "Company / IT / CC-300 Operations / CC-100 Finance"
    )


def test_what_is_below_a_cost_centre_is_not_in_its_amount(database: Path) -> None:
    rows = rows_of(exported(database, "csv"), "-statement.csv")

    amounts: dict[tuple[str, str], list[Decimal]] = {
        (row["tenant"], row["cost_center"]): [
            Decimal(row["amount"]),
            Decimal(row["rolled_up_amount"]),
        ]
        for row in rows
    }
    for tenant in ("acme", "globex"):
        own, both = amounts[tenant, "CC-300 Operations"]
        below = amounts[tenant, "CC-100 Finance"]
        assert below[0] == below[1] > 0
        assert both == own + below[0]


def test_the_total_of_a_workbook_is_that_of_own_amounts(database: Path) -> None:
    (content,) = exported(database, "xlsx").values()
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Statement"]
    head, *rows = ([cell.value for cell in row] for row in sheet.iter_rows())

    own, both, name = (
        head.index(title) for title in ("Amount", "With all below it", "Cost centre")
    )
    (total,) = (row for row in rows if row[name] == "Total of all tenants")
    statements = [row for row in rows if not str(row[name]).startswith("Total")]
    assert total[own] == pytest.approx(sum(float(str(row[own])) for row in statements))
    assert total[both] is None


def test_a_cost_centre_may_be_named_by_its_code(database: Path) -> None:
    with warehouse.read(database) as connection:
        by_name, by_code = (
            contents(connection, Selection(OCTOBER, "csv", name))
            for name in ("CC-200 Sales", "CC-200")
        )

    assert by_code == by_name
    assert {row["cost_center"] for row in rows_of(by_code, "-lines.csv")} == {
        "CC-200 Sales"
    }


def test_focus_has_the_cost_centre_by_its_issued_name_and_its_label(
    database: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes(database.read_bytes())
    with duckdb.connect(copy) as connection:
        connection.execute(
            "update marts.cost_center_rollup set label = 'CC-200 Key Accounts'"
            " where code = 'CC-200'"
        )

    rows = rows_of(exported(copy, "focus"), "-CostAndUsage.csv")

    found = defaultdict(set)
    for row in rows:
        found[row["SubAccountId"]].add((row["SubAccountName"], row["x_CostCenterCode"]))
    assert found["CC-200 Sales"] == {("CC-200 Key Accounts", "CC-200")}
    assert found["CC-100 Finance"] == {("CC-100 Finance", "CC-100")}
