"""What finance calls what the tenant and the marts have short names for."""

_WORDS = {
    "runs": "Runs",
    "third_party_runs": "Third-party runs",
    "failed_runs": "Failed runs",
    "api_calls": "API calls",
    "duration_hours": "Duration",
    "duration_seconds": "Duration, seconds",
    "bandwidth_gb": "Bandwidth",
    "bandwidth_in_gb": "Received",
    "bandwidth_out_gb": "Sent",
    "usage": "Usage",
    "prices": "prices",
    "allocation": "allocation",
    "fixed": "fixed amounts",
    "api_sync": "API, waited for",
    "api_async": "API, not waited for",
    "api": "API",
    "test_run": "test run",
    "cost_center": "cost centre",
    "spike": "costs more than usual",
    "new": "new and dear",
    "not_metered": "not metered",
    "not_listed": "not listed",
}


def words(name: str) -> str:
    """What finance calls a meter or a metric; any other name as it is."""
    return _WORDS.get(name, name)
