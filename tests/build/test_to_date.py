"""A running month stands beside the same days of the one before: like beside like."""

from datetime import date
from pathlib import Path

import pytest

from pipeline import warehouse
from worlds.report import make_warehouse

pytestmark = pytest.mark.slow


def test_the_days_cost_what_they_did_when_the_month_before_had_come_so_far(
    tmp_path: Path,
) -> None:
    """A build of November 8 compares with what a build of October 8 had charged."""
    compared = statements(tmp_path, date(2026, 11, 8), "comparable_prior_amount")
    charged = statements(tmp_path, date(2026, 10, 8), "amount")

    assert len(compared) == 4
    assert compared == {center: charged[center] for center in compared}


def statements(folder: Path, as_of: date, column: str) -> dict[str, object]:
    """A column of the statements of the month of *as_of*, by cost centre."""
    path = folder / str(as_of)
    path.mkdir()
    with warehouse.read(make_warehouse(path, as_of=as_of)) as connection:
        rows = connection.execute(
            f"select cost_center, {column} from statement where month = $1",
            [as_of.replace(day=1)],
        ).fetchall()
    return dict(rows)
