"""The finance files: whether they can be read, and whether today has a price."""

from collections.abc import Iterator
from datetime import date

from pipeline.build import finance_files
from pipeline.config import Charge, Settings
from pipeline.config.ledger import ledger
from pipeline.doctor.finding import Finding, fail, ok, warn
from pipeline.errors import FinanceFilesError, PipelineError
from pipeline.finance import UNALLOCATED, FinanceFiles, is_valid

_NAMES = {
    "rate_card": "prices",
    "cost_centers": "cost centre rules",
    "fixed_costs": "fixed costs",
    "entitlements": "entitlements",
    "budgets": "budgets",
    "markups": "markups",
    "values": "values of runs",
    "exchange_rates": "exchange rates",
    "notes": "notes",
}

_MOST_ERRORS = 20

# Files that only some have: without a line, nothing is said of them.
_SELDOM = {"markups", "values", "exchange_rates", "notes"}


def finance(settings: Settings, today: date) -> Iterator[Finding]:
    """Whether a build could read the files, and which meters have a price."""
    charge = settings.charge
    try:
        files = finance_files(settings)
    except FinanceFilesError as exc:
        yield from _each(exc)
        return
    except PipelineError as exc:
        remedy = "correct the file; until then no warehouse can be built"
        yield fail("finance files", exc, remedy, exc.exit_code)
        return
    counts = _counts(files)
    words = ", ".join(
        f"{count} {_NAMES[key]}"
        for key, count in counts.items()
        if key not in _SELDOM or count
    )
    yield ok("finance files", words)
    for key, path in charge.files:
        if key in counts and not counts[key]:
            remedy = f"add lines, or take charge.{key} out of the configuration"
            yield warn("finance files", f"{path}: no line below the header", remedy)
    yield from _exchange(charge, files, today)
    yield from _ledger(charge, files)
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


def _each(exc: FinanceFilesError) -> Iterator[Finding]:
    """A finding for each error, and one for what to do."""
    for one in exc.each[:_MOST_ERRORS]:
        yield fail("finance files", one, "", exc.exit_code)
    others = len(exc.each) - _MOST_ERRORS
    more = f"and {others} more" if others > 0 else f"{len(exc.each)} errors"
    remedy = "correct them all; until then no warehouse can be built"
    yield fail("finance files", more, remedy, exc.exit_code)


def _exchange(charge: Charge, read: FinanceFiles, today: date) -> Iterator[Finding]:
    """Whether there is a rate of the second currency today."""
    display = charge.display_currency
    if display is None:
        return
    known = [one for one in read.exchange_rates if one.currency == display]
    last = max(
        (one for one in known if one.valid_from <= today),
        key=lambda one: one.valid_from,
        default=None,
    )
    if last is None:
        first = min(one.valid_from for one in known)
        found = f"the first rate of {display} is of {first}"
        remedy = "add the rate of an earlier day; until then no amount is shown in it"
        yield warn("exchange rates", found, remedy)
        return
    rate = f"1 {read.currency} = {last.rate:f} {display}"
    yield ok("exchange rates", f"{rate}, since {last.valid_from}")


def _ledger(charge: Charge, read: FinanceFiles) -> Iterator[Finding]:
    """Whether what the finance files name can be booked."""
    if charge.ledger is None:
        return
    try:
        keys = ledger(charge.ledger)
    except PipelineError as exc:
        remedy = "correct the file; until then no journal is made, and no month closed"
        yield fail("ledger", exc, remedy, exc.exit_code)
        return
    codes = {one.cost_center: one.code for one in read.centers} | keys.cost_centers
    named = [name for name in read.cost_centers if name != UNALLOCATED]
    lacking = sorted(name for name in named if not codes.get(name))
    if lacking:
        found = f"{charge.ledger}: no code for {', '.join(lacking[:_MOST_ERRORS])}"
        yield warn("ledger", found, "write them into [cost_centers] of the file")
    if keys.unallocated is None:
        found = f"{charge.ledger}: what no rule takes is not booked"
        yield warn("ledger", found, "name where to in [unallocated] of the file")
    if not keys.sending_cost_center:
        found = f"{charge.ledger}: no cost centre is credited"
        yield warn("ledger", found, "set sending_cost_center in the file")
    layouts = ", ".join(keys.layouts) or "generic"
    yield ok(
        "ledger", f"{layouts}; {len(named) - len(lacking)} cost centres have codes"
    )


def _counts(read: FinanceFiles) -> dict[str, int]:
    """The lines that count of each file, by its key."""
    return {
        "rate_card": len(read.rates),
        "cost_centers": sum(one.priority is not None for one in read.rules),
        "fixed_costs": len(read.fixed_costs),
        "entitlements": len(read.entitlements),
        "budgets": len(read.budgets),
        "markups": len(read.markups),
        "values": len(read.values),
        "exchange_rates": len(read.exchange_rates),
        "notes": len(read.notes),
    }
