"""Markups: percents of usage as lines of their own, read, charged and corrected."""

from decimal import Decimal
from pathlib import Path

import pytest

from pipeline import finance
from pipeline.config import Charge
from pipeline.errors import ConfigError
from worlds.closing import JANUARY, MARCH, Company

HEADER = "item,percent,valid_from,valid_to,cost_center,meter\n"


def read(folder: Path, text: str) -> tuple[finance.Markup, ...]:
    path, rules = folder / "markups.csv", folder / "rules.csv"
    path.write_text(HEADER + text)
    rules.write_text("priority,cost_center,owner\n10,Sales,x\n")
    charge = Charge(markups=path, cost_centers=rules)
    return finance.load(charge, "EUR").markups


def test_a_markup_may_be_of_all_or_of_a_cost_centre_or_meter(
    tmp_path: Path,
) -> None:
    markups = read(
        tmp_path,
        "Overhead,5,2026-10,,,\nOverhead,-7.25,2026-10,2026-12,Sales,runs\n"
        "Overhead,1,2026-10,,Unallocated,\n",
    )

    assert [one.percent for one in markups] == [5, Decimal("-7.25"), 1]
    assert [one.cost_center for one in markups] == ["", "Sales", "Unallocated"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A,0,2026-10,,,", "line 2, column percent: expected a percent other than 0"),
        ("A,5.125,2026-10,,,", "line 2, column percent: expected at most 2 decimals"),
        ("A,-100.5,2026-10,,,", "line 2, column percent: expected a number up to 100"),
        ("A,nan,2026-10,,,", "line 2, column percent: expected a number"),
        ("A,5,2026-10,2026-09,,", "line 2, column valid_to: expected no month before"),
        ("A,5,2026-10,,,seats", "line 2, column meter: expected one of runs"),
        (",5,2026-10,,,", "line 2, column item: expected"),
        ("A,5,2026-10,,Nobody,", "line 2, column cost_center: .*Nobody"),
        (
            "A,5,2026-10,,,\nA,6,2026-11,,,",
            "line 3, column valid_from: expected",
        ),
    ],
)
def test_what_is_wrong_in_it_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"markups\.csv, {said}"):
        read(tmp_path, text)


@pytest.mark.slow
def test_a_markup_is_charged_exported_closed_and_corrected(tmp_path: Path) -> None:
    """5 % of 93 runs at 0.50 is 2.33; a run that comes late makes it 2.35."""
    made = Company(tmp_path)
    rules = "priority,cost_center,automation_id\n10,Finance,a1\n10,Sales,a2\n"
    made.start(JANUARY, rules=rules)
    made.write("markups", HEADER + "Overhead,5,2026-01,,Finance,runs\n")
    with (tmp_path / "chargeback.toml").open("a") as config:
        config.write('markups = "markups.csv"\n')
    for day in range(1, 32):
        made.use(JANUARY.replace(day=day), {"a1": 3, "a2": 2})
    made.use(MARCH.replace(month=2), {"a1": 1})

    closed = made.close("2026-01", str(MARCH), "--accept-incomplete", "a test")
    made.use(JANUARY, {"a1": 4, "a2": 2})
    made.build(str(MARCH))

    assert (closed.returncode, closed.stderr) == (0, "")
    lines = made.ask(
        "select strftime(month, '%Y-%m'), kind, amount from statement_lines"
        " where item = 'Overhead' order by month, kind"
    )
    assert lines == [
        ("2026-01", "fixed", Decimal("2.33")),
        ("2026-02", "adjustment", Decimal("0.02")),
        ("2026-02", "fixed", Decimal("0.03")),
    ]
    for form, out in (("csv", "c"), ("xlsx", "x"), ("focus", "f"), ("journal", "j")):
        done = made.chargeback("export", "2026-01", "--format", form, "--out", out)
        assert (done.returncode, done.stderr) == (0, "")
    assert "Overhead" in (tmp_path / "j").read_text()
