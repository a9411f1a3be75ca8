"""The finance files: whether they can be read, and whether today has a price."""

from collections.abc import Iterator
from datetime import date

from pipeline.config import Settings
from pipeline.doctor.finding import Finding, fail, ok, warn
from pipeline.errors import ConfigError
from pipeline.finance import FinanceFiles, is_valid, read


def finance(settings: Settings, today: date) -> Iterator[Finding]:
    """Whether a build could read the files, and which meters have a price."""
    charge = settings.charge
    try:
        files = read(settings)
    except ConfigError as exc:
        remedy = "correct the file; until then no warehouse can be built"
        yield fail("finance files", exc, remedy, exc.exit_code)
        return
    yield ok("finance files", _counts(files))
    if charge.rate_card is None:
        remedy = "set charge.rate_card; until then usage is shown, but not priced"
        yield warn("rate card", "none is configured", remedy)
        return
    valid = [rate for rate in files.rates if is_valid(rate, today)]
    if not valid:
        found = f"{charge.rate_card}: no price is valid on {today}"
        yield warn("rate card", found, "add lines with valid_from up to today")
        return
    # A meter has a line for each of its tiers.
    meters = ", ".join(dict.fromkeys(rate.meter for rate in valid))
    yield ok("rate card", f"prices today for {meters}")


def _counts(read: FinanceFiles) -> str:
    lines = {
        "prices": read.rates,
        "cost centre rules": [one for one in read.rules if one.priority is not None],
        "fixed costs": read.fixed_costs,
        "entitlements": read.entitlements,
        "budgets": read.budgets,
    }
    return ", ".join(f"{len(rows)} {name}" for name, rows in lines.items())
