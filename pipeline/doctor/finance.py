"""The finance files: can they be read, and is there a price for today?"""

from collections.abc import Iterator
from datetime import date

from pipeline import seeds
from pipeline.config import Settings
from pipeline.doctor.finding import Finding, fail, ok, warn
from pipeline.errors import ConfigError


def finance(settings: Settings, today: date) -> Iterator[Finding]:
    """What a build would say to the files, and whether anything is priced."""
    charge = settings.charge
    try:
        read = seeds.load(
            charge.rate_card, charge.cost_centers, charge.budgets, settings.currency
        )
    except ConfigError as exc:
        mend = "correct the file; until then no warehouse can be built"
        yield fail("finance files", exc, mend, exc.exit_code)
        return
    counts = f"{len(read.rules)} cost centre rules, {len(read.budgets)} budgets"
    yield ok("finance files", counts)
    if charge.rate_card is None:
        mend = "set charge.rate_card; until then usage is shown, and nothing charged"
        yield warn("rate card", "none is configured", mend)
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
    meters = ", ".join(rate.meter for rate in valid)
    yield ok("rate card", f"prices today for {meters}")
