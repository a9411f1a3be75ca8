"""The finance files as typed rows: prices, cost centres, fixed costs, notes."""

from collections.abc import Callable, Iterable
from typing import Any

from pipeline.config import Charge, Settings
from pipeline.finance.agreement import agreed, agreed_frozen, check_mail
from pipeline.finance.budgets import Budget, read_budgets
from pipeline.finance.centers import CostCenter
from pipeline.finance.changes import RuleChange, rule_changes, words_of
from pipeline.finance.entitlements import Entitlement, read_entitlements
from pipeline.finance.exchange import ExchangeRate, read_exchange_rates
from pipeline.finance.fields import is_valid
from pipeline.finance.files import FinanceFiles, center_rows
from pipeline.finance.fixed import FixedCost, read_fixed_costs
from pipeline.finance.lines import Problems
from pipeline.finance.markups import Markup, read_markups
from pipeline.finance.names import UNALLOCATED, name_key
from pipeline.finance.notes import NOTE_KINDS, Note, read_notes
from pipeline.finance.rates import POLICIES, Rate, read_rates
from pipeline.finance.rules import Rule, read_rules
from pipeline.finance.schema import TABLES
from pipeline.finance.values import Value, read_values

__all__ = [
    "NOTE_KINDS",
    "POLICIES",
    "TABLES",
    "UNALLOCATED",
    "Budget",
    "CostCenter",
    "Entitlement",
    "ExchangeRate",
    "FinanceFiles",
    "FixedCost",
    "Markup",
    "Note",
    "Rate",
    "Rule",
    "RuleChange",
    "Value",
    "center_rows",
    "is_valid",
    "load",
    "load_frozen",
    "name_key",
    "read",
    "rule_changes",
    "words_of",
]


def read(settings: Settings, earlier: Iterable[str] = ()) -> FinanceFiles:
    """The finance files of *settings*, whose mail names cost centres as they do.

    *earlier* tenants, and former names of others, may have prices and fixed costs too.

    Errors are those of `load`.
    """
    charge = settings.charge
    tenants = settings.tenant_names and (
        *settings.tenant_names,
        *sorted({*settings.renamed, *earlier} - {*settings.tenant_names}),
    )
    read = _read(charge, settings.currency, tenants)
    files, names = agreed(charge, read)
    if settings.mail is not None:
        check_mail(settings.mail, names)
    return files


def load(charge: Charge, currency: str, tenants: tuple[str, ...] = ()) -> FinanceFiles:
    """Read the files that *charge* names; all amounts are in *currency*.

    If *tenants* are named, prices and fixed costs may be of none but these.

    Raises:
        ConfigError: A file cannot be read or contradicts itself or another; the
            message names file, line and column, and says what was expected.
    """
    return agreed(charge, _read(charge, currency, tenants))[0]


def load_frozen(charge: Charge, currency: str) -> FinanceFiles:
    """The files that were frozen with a closed month, which are not checked again.

    They were when the month was closed. What is refused since then must not stop
    anything: a closed month stands.

    Raises:
        ConfigError: A file cannot be read at all.
    """
    return agreed_frozen(charge, _read(charge, currency, is_frozen=True))


def _read(
    charge: Charge,
    currency: str,
    tenants: tuple[str, ...] = (),
    *,
    is_frozen: bool = False,
) -> FinanceFiles:
    """Each file by itself."""
    frozen, display = is_frozen, charge.display_currency
    readers: dict[str, Callable[[Any], tuple[Any, ...]]] = {
        "rate_card": lambda path: read_rates(path, currency, tenants, is_frozen=frozen),
        "cost_centers": lambda path: read_rules(path, is_frozen=frozen),
        "budgets": lambda path: read_budgets(path, currency, is_frozen=frozen),
        "fixed_costs": lambda path: read_fixed_costs(
            path, currency, tenants, is_frozen=frozen
        ),
        "entitlements": lambda path: read_entitlements(path, is_frozen=frozen),
        "markups": lambda path: read_markups(path, is_frozen=frozen),
        "values": lambda path: read_values(path, is_frozen=frozen),
        "notes": lambda path: read_notes(path, tenants, is_frozen=frozen),
        "exchange_rates": lambda path: read_exchange_rates(path, currency, display),
    }
    if frozen:  # a closed month has its rate in its statements
        del readers["exchange_rates"]
    fields = {"rate_card": "rates", "cost_centers": "rules"}
    rows, problems = {}, Problems()
    for key, path in charge.files:
        if key in readers:
            with problems.collected():
                rows[fields.get(key, key)] = readers[key](path)
    problems.check()
    return FinanceFiles(currency, **rows)
