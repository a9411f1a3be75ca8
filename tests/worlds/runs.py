"""Runs as the command line would make them, of whatever a test has."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from pipeline.config import Charge, Report, Run, Settings, TenantAccess

HOUR = time(2, tzinfo=UTC)


def run_of(
    data_dir: Path,
    as_of: date,
    *,
    tenants: tuple[str, ...] = (),
    locale: str = "en",
    charge: Charge | None = None,
    **settings: Any,
) -> Run:
    """A run for *as_of* over the lake and the files in *data_dir*."""
    accesses = tuple(TenantAccess(name, "http://127.0.0.1:1") for name in tenants)
    made = Settings(
        accesses,
        data_dir,
        charge=charge or Charge(),
        report=settings.pop("report", Report(locale=locale)),
        **settings,
    )
    now = datetime.combine(as_of, HOUR)
    return Run(made, as_of, now, tenants=accesses, version="1.2.3")
