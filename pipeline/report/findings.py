"""What checks found → the values of the first exception, as pages show them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from pipeline.warehouse import Row

_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
# The columns of checks that are days or months.
_DAYS = ("date", "month", "provider_date", "first_period_start")


def with_first(finding: Row) -> Row:
    """*finding* with its `first` exception, values by name; {} if it is not known."""
    text = finding.get("example_values")  # a warehouse of before has none
    values = _DECODER.decode(text) if text else {}
    return {**finding, "first": values | _days(values)}


def _days(values: Mapping[str, Any]) -> dict[str, date]:
    known = ((name, values.get(name)) for name in _DAYS)
    return {name: date.fromisoformat(value) for name, value in known if value}
