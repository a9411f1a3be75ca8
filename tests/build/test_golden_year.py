"""A year of charges, worked out by hand in a sheet, reproduced to the cent.

`golden_year/usage.csv` is what four automations used on a day of each month, the
other files are finance's. `golden_year/lines.csv` has every line of every statement
with the formula that a spreadsheet would work it out by, and its amount:

* a1 is in the space Finance, a2 in Sales, a3 in a space that both share 60/40; a4 is
  of nobody until July, then of Sales;
* third-party runs cost 0.085 each; from July on 100 a month are included, pro rata,
  the next 200 cost 0.08 and the rest 0.05, for everybody in the same mix;
* a licence fee is shared evenly by those whom a rule names, a refund in March by
  percent, an invoice in November by third-party runs.
"""

import ast
import operator
from collections.abc import Callable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import duckdb
import pytest

from pipeline import build, finance, warehouse
from pipeline.build import checks
from pipeline.lake import Lake
from worlds.golden_year import AS_OF, FILES, fill, rows_of
from worlds.runs import run_of

SIGNS: dict[type, Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
TOTALS = {"Finance": "965.78", "Sales": "782.63", "Unallocated": "5.16"}


@pytest.fixture(scope="module")
def year(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("year")
    fill(Lake(folder / "lake"))
    with warehouse.replacing(folder / "warehouse.duckdb") as connection:
        run = run_of(folder, AS_OF, tenants=("acme",), first_day=date(2026, 1, 1))
        build.build(connection, run, finance.load(FILES, "EUR"))
        checks.check(connection)
    with warehouse.read(folder / "warehouse.duckdb") as connection:
        yield connection


def worked_out(formula: str) -> Decimal:
    """What a spreadsheet makes of *formula*: four operations and ROUND."""
    value = _value(ast.parse(formula.removeprefix("="), mode="eval").body)
    return Decimal(value.numerator) / value.denominator


def _value(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Fraction(str(number))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=sign, right=right):
            return SIGNS[type(sign)](_value(left), _value(right))
        case ast.Call(func=ast.Name(id="ROUND"), args=[value, ast.Constant(value=2)]):
            exact = _value(value)
            quotient = Decimal(exact.numerator) / exact.denominator
            return Fraction(quotient.quantize(Decimal("0.01"), ROUND_HALF_UP))
    raise AssertionError(ast.dump(node))


def test_every_formula_comes_to_its_amount() -> None:
    for row in rows_of("lines.csv"):
        assert worked_out(row["formula"]) == Decimal(row["amount"]), row


def test_every_line_is_the_one_worked_out_by_hand(
    year: duckdb.DuckDBPyConnection,
) -> None:
    found = year.execute(
        "select strftime(month, '%Y-%m'), cost_center, coalesce(item, meter ||"
        " case when meter = 'third_party_runs' then ' tier ' || tier else '' end),"
        " amount from statement_lines where month < date '2027-01-01'"
    ).fetchall()

    expected = {
        (row["month"], row["cost_center"], row["line"]): Decimal(row["amount"])
        for row in rows_of("lines.csv")
    }
    assert {row[:3]: row[3] for row in found} == expected
    assert len(found) == len(expected) == 98


def test_the_year_comes_to_what_its_lines_do(
    year: duckdb.DuckDBPyConnection,
) -> None:
    found = year.execute(
        "select cost_center, ytd_amount from statement where month = '2026-12-01'"
        " union all select 'all', sum(amount) from charges where month < '2027-01-01'"
    ).fetchall()

    assert dict(found) == {
        "Finance": Decimal(TOTALS["Finance"]),
        "Sales": Decimal(TOTALS["Sales"]),
        "all": sum(map(Decimal, TOTALS.values())),
    }
