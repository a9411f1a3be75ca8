"""The finance files: can they be read, and is there a price for today?"""

from collections.abc import Iterator
from datetime import date

from pipeline.config import Settings
from pipeline.doctor.finding import Finding, fail, ok, warn
from pipeline.errors import ConfigError
from pipeline.finance import FinanceFiles, load


def finance(settings: Settings, today: date) -> Iterator[Finding]:
    """What a build would say to the files, and whether anything is priced."""
    charge = settings.charge
    names = tuple(tenant.name for tenant in settings.tenants)
    try:
        read = load(charge, settings.currency, names)
    except ConfigError as exc:
        remedy = "correct the file; until then no warehouse can be built"
        yield fail("finance files", exc, remedy, exc.exit_code)
        return
    yield ok("finance files", _counts(read))
    if charge.rate_card is None:
        remedy = "set charge.rate_card; until then usage is shown, but not priced"
        yield warn("rate card", "none is configured", remedy)
        return
    valid = [
        rate
        for rate in read.rates
        if rate.valid_from <= today
        and (rate.valid_to is None or today <= rate.valid_to)
    ]
    if not valid:
        found = f"{charge.rate_card}: no price is valid on {today}"
        yield warn("rate card", found, "add lines with valid_from up to today")
        return
    # A meter may have a line for each of its tiers.
    meters = ", ".join(dict.fromkeys(rate.meter for rate in valid))
    yield ok("rate card", f"prices today for {meters}")


def _counts(read: FinanceFiles) -> str:
    lines = {
        "prices": read.rates,
        "cost centre rules": read.rules,
        "fixed costs": read.fixed_costs,
        "entitlements": read.entitlements,
        "budgets": read.budgets,
    }
    return ", ".join(f"{len(rows)} {name}" for name, rows in lines.items())
