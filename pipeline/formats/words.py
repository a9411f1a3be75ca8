"""The words for finance of the names that tenants and marts use."""

from pipeline import seeds

_WORDS = {
    **{one.meter: one.label for one in seeds.meters()},
    **{one.context: one.label for one in seeds.contexts()},
    "failed_runs": "Failed runs",
    "duration_seconds": "Duration, seconds",
    "bandwidth_in_gb": "Received",
    "bandwidth_out_gb": "Sent",
    "usage": "Usage",
    "prices": "prices",
    "allocation": "allocation",
    "fixed": "fixed amounts",
    "cost_center": "cost centre",
    "spike": "costs more than usual",
    "new": "new, high cost",
    "not_metered": "not metered",
    "not_listed": "not listed",
}


def words(name: str) -> str:
    """The words for a meter, measure or status; any other name as it is."""
    return _WORDS.get(name, name)
