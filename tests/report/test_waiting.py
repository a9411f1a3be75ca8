"""Runs that waited: which limit is said to let more of them run at once."""

from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.formats.language import ENGLISH
from pipeline.report.waiting import waiting

if TYPE_CHECKING:
    from pipeline.report.marts import Marts
    from pipeline.warehouse import Row

TOGETHER, EACH = "maxConcurrentAutomationRuns", "maxConcurrentRunsPerAutomation"


def day(number: int, running: int, seconds: int | None, of: str | None = "a1") -> "Row":
    return {
        "tenant": "acme",
        "date": date(2026, 10, number),
        "most_running": running,
        "most_queued": 4,
        "longest_queue_seconds": seconds,
        "longest_automation_id": of,
    }


# On two days a run of a1 waited for minutes while five ran, on others nobody for long.
DAYS = [day(1, 5, 600), day(2, 8, 59), day(3, 4, 60), day(4, 0, None, None)]


@pytest.mark.parametrize(
    ("own", "limits", "said"),
    [
        (1, {EACH: 10, TOGETHER: 6}, "its own: 1 run at once, to 10 at most"),
        (3, {TOGETHER: 6}, "its own: 3 runs at once"),
        (10, {EACH: 10, TOGETHER: 6}, "that of the tenant: 10 runs of an automation"),
        (10, {EACH: 10, TOGETHER: 5}, "that of the licence: 5 runs at once"),
        (None, {TOGETHER: 6}, "its own, not known"),
        (3, {}, "its own: 3 runs at once; or that of the licence, not known"),
    ],
)
def test_the_limit_that_was_reached_is_named(
    own: int | None, limits: dict[str, int], said: str
) -> None:
    one = {"tenant": "acme", "automation_id": "a1", "label": "Invoices"}
    marts: Marts = {
        "concurrency": DAYS,
        "limited": [{**one, "max_concurrent_runs": own}],
        "run_limits": [
            {"tenant": "acme", "meter": name, "quota": quota}
            for name, quota in limits.items()
        ],
    }

    shown = waiting(marts, {"acme"}, ENGLISH)

    (row,) = shown["waited"]
    assert (row["days"], row["longest_queue_seconds"]) == (2, 600)
    assert str(row["raise"]).startswith(said)
    (tenant,) = shown["limits"]
    assert (tenant["most_running"], tenant["together"]) == (8, limits.get(TOGETHER))


def test_where_nobody_waited_no_limit_is_named() -> None:
    shown = waiting(
        {"concurrency": DAYS[1:2], "limited": [], "run_limits": []}, (), ENGLISH
    )

    assert shown["waited"] == []
