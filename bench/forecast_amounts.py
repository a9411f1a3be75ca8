"""What months were forecast to come to on two of their days, where runs are included.

    python bench/forecast_amounts.py data

Of the sandbox's lake in that folder each month is built as of its 4th and its 16th,
with an allowance of 1,500 runs a month; the forecast of its usage is held against what
it came to. Of an earlier revision: with its checkout in PYTHONPATH.
"""

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from pipeline import build, config, warehouse
from pipeline.config import Charge, Run, Settings, TenantAccess
from pipeline.resources import resource

CARD = """meter,unit_price,currency,valid_from,tier_from,included,policy
third_party_runs,0.0795,EUR,2025-01-01,0,1500,pro_rata
duration_hours,0.42,EUR,2025-01-01,,,
bandwidth_gb,2.5,EUR,2025-01-01,,,
"""
MONTHS = [date(2025, 12, 1), *(date(2026, month, 1) for month in range(1, 11))]
LAST = date(2026, 11, 29)

Amounts = dict[str, float]


def main() -> None:
    """Print for both days what all months were off, and how often the band had it."""
    with tempfile.TemporaryDirectory() as folder:
        card = Path(folder) / "rates.csv"
        card.write_text(CARD, "utf-8")
        settings = _settings(Path(sys.argv[1]), card)
        came = dict(_came_to(settings))
        for day in (4, 16):
            off: dict[str, float] = defaultdict(float)
            held = banded = 0
            for month in MONTHS:
                for center, amount, low, high in _expected(settings, month, day):
                    actual = came.get((month, center), 0)
                    off["sum" if center == "" else "cost centres"] += abs(
                        amount - actual
                    )
                    if center == "" and low is not None:
                        banded += 1
                        held += low <= actual <= high
            total = sum(came[month, ""] for month in MONTHS)
            shares = ", ".join(
                f"{name} {100 * each / total:.1f} %" for name, each in off.items()
            )
            print(f"as of the {day}th: {shares} off; in the band {held} of {banded}")


def _settings(folder: Path, card: Path) -> Settings:
    examples = resource("examples")
    more: dict[str, Any] = {}  # an earlier revision knows no holidays
    if hasattr(config, "holidays"):
        more["report"] = config.Report(holidays="DE")
    return Settings(
        tenants=(TenantAccess("sandbox", "http://127.0.0.1:1"),),
        data_dir=folder,
        first_day=date(2025, 10, 1),
        charge=Charge(
            rate_card=card,
            cost_centers=examples / "cost_centers.csv",
            entitlements=examples / "entitlements.csv",
        ),
        **more,
    )


def _rows(settings: Settings, as_of: date, query: str) -> list[tuple[object, ...]]:
    files = build.finance_files(settings)
    run = Run(settings, as_of, datetime.combine(LAST, time(), UTC))
    with (
        tempfile.TemporaryDirectory() as folder,
        warehouse.replacing(Path(folder) / "warehouse.duckdb") as connection,
    ):
        build.build(connection, run, files, only=["forecast_levels", "statement"])
        return connection.execute(query).fetchall()


def _came_to(settings: Settings) -> Iterator[tuple[tuple[date, str], float]]:
    query = (
        "select month, coalesce(cost_center, ''), sum(usage_amount)::double"
        " from statement group by grouping sets ((month, cost_center), (month))"
    )
    for month, center, amount in _rows(settings, LAST, query):
        yield (month, center), amount  # type: ignore[misc]


def _expected(
    settings: Settings, month: date, day: int
) -> list[tuple[str, float, float | None, float]]:
    query = (
        "select cost_center, forecast_amount::double, low_amount::double,"
        " high_amount::double from forecast_levels where tenant != ''"
    )
    return _rows(settings, month.replace(day=day), query)  # type: ignore[return-value]


if __name__ == "__main__":
    main()
