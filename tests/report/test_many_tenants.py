"""Pages of many tenants: what is said of some, and how many others there are."""

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.report.many_tenants import behind, busiest, conspicuous

if TYPE_CHECKING:
    from pipeline.report.marts import Marts
    from pipeline.warehouse import Row


def test_the_busiest_tenants_are_shown_and_the_others_counted() -> None:
    rows: list[Row] = [
        {"tenant": f"t{n}", "most_running": running}
        for n in range(10)
        for running in (0, n % 9)
    ]

    shown, others = busiest(rows)

    assert {row["tenant"] for row in shown} == {f"t{n}" for n in range(1, 9)}
    assert (len(shown), others) == (16, 2)


def test_a_tenant_that_was_not_read_last_says_until_when_it_was() -> None:
    rows: list[Row] = [
        {"tenant": tenant, "source": source, "date": date(2026, 11, day)} | status
        for tenant, source, last in (("a", "usage", 28), ("a", "runs", 26))
        for day in (25, 26, 27, 28)
        for status in [{"status": "complete" if day <= last else "missing"}]
    ]
    rows += [{**rows[3], "tenant": "b", "status": "partial"}]

    found = [
        (row["tenant"], row["source"], row["whole_until"])
        for row in behind(rows, date(2026, 11, 28))
    ]

    assert found == [("a", "runs", date(2026, 11, 26)), ("b", "usage", None)]


@pytest.mark.parametrize(("count", "listed"), [(8, 3), (9, 2)])
def test_of_many_tenants_days_are_listed_that_are_not_as_due(
    count: int, listed: int
) -> None:
    calendar: list[dict[str, Any]] = [
        {"counts": Counter(statuses)}
        for statuses in (["complete"], ["complete", "partial"], ["missing"])
    ]
    days: list[Row] = [
        {"status": status} for status in ("equal", "differs", "not_listed")
    ]
    marts: Marts = {
        "tenants": [{"tenant": f"t{n}"} for n in range(count)],
        "reconciliation_days": days,
    }

    months, differing = conspicuous(marts, calendar)

    assert months == calendar[-listed:]
    assert differing == days[-listed:]
