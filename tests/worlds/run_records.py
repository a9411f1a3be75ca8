"""Run records as runs leave them, of whatever moment and end."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from pipeline.monitor import RunRecord
from pipeline.monitor.records import FORMAT, encode

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
CONFIGURATION = """
first_day = 2026-02-01
[[tenant]]
name = "acme"
url = "https://acme.eu.qlikcloud.com"
api_key = "env:NO_KEY_IS_SET"
"""


def record(hours_ago: float, command: str = "run", **values: object) -> RunRecord:
    """A run that took a minute and ended *hours_ago*, with exit code 0."""
    ended = NOW - timedelta(hours=hours_ago)
    started = ended - timedelta(minutes=1)
    run_id = f"{started:%Y%m%dT%H%M%SZ}-00000a"
    begun = RunRecord(FORMAT, run_id, "1.0", command, date(2026, 3, 3), started)
    end = {"state": "ended", "ended": ended, "seconds": 60.0, "exit_code": 0}
    return msgspec.structs.replace(begun, **{**end, **values})


def under_way(hours_ago: float) -> RunRecord:
    """A run that began *hours_ago*, and has not ended."""
    return record(hours_ago, state="running", ended=None, seconds=None, exit_code=None)


def written(data_dir: Path, *records: RunRecord) -> None:
    """Write *records* where runs of *data_dir* do."""
    folder = data_dir / "state" / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    for one in records:
        (folder / f"{one.id}.json").write_bytes(encode(one))
