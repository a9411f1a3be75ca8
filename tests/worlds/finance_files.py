"""Finance files as text, and what is read of them."""

from pathlib import Path

from pipeline import finance
from pipeline.config import Charge

RATES = "meter,unit_price,currency,valid_from,valid_to\n"
TIERS = f"{RATES.strip()},tier_from,included,policy\n"
RULES = "priority,cost_center,tenant,space,owner,automation,valid_from,valid_to\n"
SPLITS = f"{RULES.strip()},percent\n"
FIXED = "item,amount,currency,valid_from,valid_to,split,meter,shares,tenant\n"
ENTITLEMENTS = "meter,cost_center,percent,valid_from,valid_to\n"
NOTES = "month,cost_center,kind,date,author,text\n"
BUDGETS = "cost_center,month,amount\n"


def load(  # noqa: PLR0913 (a file each)
    folder: Path,
    *,
    rates: str | None = None,
    rules: str | None = None,
    budgets: str | None = None,
    fixed: str | None = None,
    entitlements: str | None = None,
    exchange: str | None = None,
    notes: str | None = None,
    currency: str = "EUR",
    tenants: tuple[str, ...] = (),
    encoding: str = "utf-8",
) -> finance.FinanceFiles:
    """What is read of files that hold these texts; None is not configured."""

    def file(name: str, text: str | None) -> Path | None:
        if text is None:
            return None
        path = folder / f"{name}.csv"
        path.write_text(text, encoding=encoding, newline="")
        return path

    charge = Charge(
        rate_card=file("rates", rates),
        cost_centers=file("rules", rules),
        budgets=file("budgets", budgets),
        fixed_costs=file("fixed", fixed),
        entitlements=file("entitlements", entitlements),
        exchange_rates=file("exchange", exchange),
        notes=file("notes", notes),
    )
    return finance.load(charge, currency, tenants)
