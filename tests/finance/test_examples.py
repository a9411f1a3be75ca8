"""The example files: they fit each other, the sandbox, and the tables of the models."""

from pathlib import Path
from shutil import copyfile

import duckdb
import msgspec

from pipeline import finance
from pipeline.config import Charge
from pipeline.finance import (
    TABLES,
    Budget,
    Entitlement,
    ExchangeRate,
    FixedCost,
    Markup,
    Rate,
    Rule,
)
from pipeline.resources import resource
from pipeline.sandbox.world.names import SPACES

FOLDER = resource("examples")
EXAMPLES = Charge(
    rate_card=FOLDER / "rates.csv",
    cost_centers=FOLDER / "cost_centers.csv",
    budgets=FOLDER / "budgets.csv",
    fixed_costs=FOLDER / "fixed_costs.csv",
    entitlements=FOLDER / "entitlements.csv",
    markups=FOLDER / "markups.csv",
    values=FOLDER / "value.csv",
    exchange_rates=FOLDER / "exchange_rates.csv",
    notes=FOLDER / "notes.csv",
)
PAGE = Path(__file__).parents[2] / "docs" / "finance-files.md"
DOCUMENTATION = PAGE.read_text(encoding="utf-8")


def test_rows_have_the_types_of_their_table() -> None:
    """The database takes the largest that the files may hold, as it is."""
    read = finance.load(EXAMPLES, "EUR")

    with duckdb.connect() as connection:
        for name, columns in TABLES.items():
            typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            connection.execute(f"create table {name} ({typed})")
            places = ", ".join("?" for _ in columns)
            rows = read.rows(name)
            connection.executemany(f"insert into {name} values ({places})", rows)
            assert connection.execute(f"from {name}").fetchall() == rows


def test_copies_of_the_files_say_the_same(tmp_path: Path) -> None:
    """A closed month is read again from what was copied, wherever that is then."""
    for key, path in EXAMPLES.files:
        copyfile(path, tmp_path / f"{key}.csv")

    copied = Charge.in_folder(tmp_path)

    assert finance.load(copied, "EUR") == finance.load(EXAMPLES, "EUR")
    assert [key for key, _ in copied.files] == [key for key, _ in EXAMPLES.files]
    (tmp_path / "budgets.csv").unlink()
    assert Charge.in_folder(tmp_path).budgets is None


def test_example_files_fit_together_and_the_sandbox() -> None:
    read = finance.load(EXAMPLES, "EUR")

    ruled = {rule.cost_center for rule in read.rules}
    named = {row[1] for row in read.rows("finance_fixed_shares")}
    named |= {budget.cost_center for budget in read.budgets}
    named |= {entitlement.cost_center for entitlement in read.entitlements}
    assert named <= ruled
    spaces = {name for name, _ in SPACES}
    for rule in read.rules:
        pattern = rule.space.rstrip("*")
        assert pattern in {"", "personal"} or any(
            name.startswith(pattern) for name in spaces
        )
    rates = read.rows("finance_rates")
    assert any(rate[4] > 1 for rate in rates)
    assert any(rate[7] > 0 for rate in rates)
    assert any(rule.percent == 60 for rule in read.rules)
    assert read.fixed_costs


def test_the_examples_of_the_documentation_are_right(tmp_path: Path) -> None:
    """Each section is headed by the name of a file, and shows one."""
    keys = {path.name: key for key, path in EXAMPLES.files}
    for section in DOCUMENTATION.split("\n## "):
        name = section.partition("\n")[0].partition("`")[2].rstrip("`")
        if name in keys:
            _, _, example = section.partition("```csv\n")
            copy = tmp_path / f"{keys[name]}.csv"
            copy.write_text(example.partition("```")[0], encoding="utf-8")

    read = finance.load(Charge.in_folder(tmp_path), "EUR", tenants=("acme",))

    assert all(read.rows(name) for name in TABLES)


def test_the_example_of_a_hierarchy_is_right(tmp_path: Path) -> None:
    _, _, section = DOCUMENTATION.partition("**Above and below.**")
    _, _, example = section.partition("```csv\n")
    path = tmp_path / "cost_centers.csv"
    path.write_text(example.partition("```")[0], encoding="utf-8")

    read = finance.load(Charge(cost_centers=path), "EUR")

    assert [one.path for one in read.centers] == [
        ("1000 Group",),
        ("1000 Group", "1100 Finance"),
        ("1000 Group", "1100 Finance", "1110 Accounts"),
        ("1000 Group", "2100 Sales"),
    ]
    assert read.centers[1].owner_email == "anna@example.com"


def test_the_documentation_names_every_column() -> None:
    for kind in (Rate, Entitlement, Rule, FixedCost, Budget, Markup, ExchangeRate):
        names = [one.name for one in msgspec.structs.fields(kind)]
        missing = [n for n in names if f"`{n}`" not in DOCUMENTATION]
        assert missing == ["line"], kind
