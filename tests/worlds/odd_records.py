"""Records that two engines are apt to see differently, beside those of a sandbox."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from pipeline.endpoints import AUTOMATIONS, RUNS, USAGE
from pipeline.endpoints.run_metrics import RUN_METRICS
from pipeline.lake import Lake
from worlds.lake import cover, put

_MOST = 2**63 - 1
_EVENING = datetime(2025, 10, 31, 23, 59, 59, 999_999, UTC)


def put_odd_records(lake: Lake) -> None:
    """Times at the ends of months, spaces of Unicode, figures of 63 bits, and nulls.

    A snapshot that is stored as changes: an automation of another name, one that is
    new, one that is no longer listed, and some that stay.

    The tenant `idle` has a run and nothing else; `odd` has days before the first one.
    """
    day, later = date(2025, 10, 30), date(2025, 11, 3)
    hours, days = timedelta(hours=3, microseconds=1), timedelta(days=4)
    runs = [
        _run("a", "o1", _EVENING, _EVENING + hours),
        _run("b", "o2", _EVENING, _EVENING + days),
        _run("c", None, _EVENING, None),
        _run("d", "", None, None),
        _run("e", "o1", _EVENING, _EVENING, stopped_at=_EVENING - hours),
        _run("f", "\u00e9", _EVENING, _EVENING, status="unheard of", billable=None),
        _run("g", "Z", _EVENING, _EVENING, stopped_at=None, duration_seconds=7),
        _run("h", "o3", _EVENING, _EVENING - timedelta(days=700)),
    ]
    put(lake, RUNS.table, day, runs, "odd")
    put(lake, RUNS.table, later, [_run("a", "o9", _EVENING, _EVENING)], "odd")
    put(lake, RUNS.table, later, [_run("i", "o1", _EVENING, _EVENING)], "idle")
    sizes = {"bandwidth_in_bytes": _MOST, "bandwidth_out_bytes": _MOST, "api_calls": 3}
    put(lake, RUN_METRICS, later, [{"run_id": "b", **sizes}], "odd")
    put(lake, USAGE.table, date(2025, 10, 31), _metered(), "odd")
    put(lake, USAGE.table, date(2024, 2, 29), _metered(), "odd")
    put(lake, AUTOMATIONS.table, day, _listed("abcdef"), "odd")
    put(lake, AUTOMATIONS.table, _EVENING.date(), _listed("Abcdeg"), "odd")
    for table in (USAGE.table, RUNS.table):
        cover(lake, table, date(2025, 10, 31), "odd")


def _listed(names: str) -> list[dict[str, Any]]:
    """What a tenant lists: ids are the small letters of the *names*."""
    return [
        {"automation_id": name.lower(), "name": name, "owner_id": "o1", "space_id": ""}
        for name in names
    ]


def _metered() -> list[dict[str, Any]]:
    rows = [
        ("x", "runs", 1000, "\u00a0\u3000Name of\u2003it \u00a0"),
        ("x", "duration", 7, ""),
        ("x", "bandwidthIn", _MOST, None),
        ("x", "somethingNew", _MOST - 1, "x" * 60),
        ("only metered", "duration", 0, "\u202fx"),
    ]
    columns = ("automation_id", "metric", "value", "automation_name")
    return [{**dict(zip(columns, row, strict=True)), "owner_id": "o1"} for row in rows]


def _run(
    name: str,
    owner: str | None,
    created: datetime | None,
    started: datetime | None,
    **more: Any,
) -> dict[str, Any]:
    stopped = started and started + timedelta(seconds=59, microseconds=999_999)
    return {
        "run_id": name,
        "automation_id": "x",
        "space_id": "s" if owner else "",
        "owner_id": owner,
        "executed_by_id": "",
        "status": "finished",
        "billable": owner == "o1",
        "created_at": created,
        "started_at": started,
        "stopped_at": stopped,
        "updated_at": stopped or created,
        **more,
    }
