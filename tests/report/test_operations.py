"""The page of savings: what schedules came to by month."""

import re
from pathlib import Path

import duckdb
import pytest

from pipeline import report
from worlds.report import AS_OF, make_warehouse
from worlds.runs import run_of

pytestmark = pytest.mark.slow

# As many as have a row of their own, so that months without usage are among them.
SCHEDULED = """
insert into pages.report_savings by name
select
    'schedules' as kind,
    row_number() over (order by amount desc, entity_id) as position,
    month, tenant, entity_id, label, amount,
    false as is_rest, 1 as entity_count, count(*) over () as kind_automations
from usage_monthly
where dimension = 'automation' and month = date '2026-11-01' and amount > 0
"""
BARS = re.compile(
    r'<svg width="96" height="20".*?aria-label="([^"]*)">(.*?)</svg>', re.DOTALL
)


def test_a_schedule_has_a_bar_for_each_month_and_the_running_one_is_hatched(
    tmp_path: Path,
) -> None:
    database = make_warehouse(tmp_path)
    with duckdb.connect(database) as connection:
        connection.execute("use warehouse.marts")
        connection.execute(SCHEDULED)
        charged = connection.execute(
            "select cast(amount as varchar) from usage_monthly as usage semi join"
            " pages.report_savings as listed on usage.entity_id = listed.entity_id"
            " and listed.kind = 'schedules' and listed.position = 1"
            " where dimension = 'automation' order by month"
        ).fetchall()
    index = report.render(database, tmp_path / "pages", run_of(tmp_path, AS_OF))
    page = index.with_name("operations.html").read_text()
    (_, section) = page.split('<section id="schedules">')

    words, drawn = BARS.findall(section)[0]
    shown = re.findall(r"€([\d.]+)", words)
    assert words.startswith("September 2026: €")
    known = [f"{float(amount):.2f}" for (amount,) in charged]
    assert shown == ["0.00", *known], "in September it was not used"
    assert len(shown) == 3
    assert drawn.count("<path") == 2
    assert '<path class="hatched" d="M' in drawn
    assert "Hatched: November 2026 so far." in section
