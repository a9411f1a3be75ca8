"""What the selects of `sql/exports` read beside tables: the variables of a session."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import msgspec

from pipeline import seeds
from pipeline.config import Charge
from pipeline.config.ledger import LedgerKeys, ledger

# The layout of a journal that no ledger prescribes.
GENERIC = "generic"

_MAP = "cast($1 as map(varchar, varchar))"


@dataclass(frozen=True, slots=True)
class Booked:
    """The ledger's file and the accounts of `[charge]` with which a month was closed.

    Months of earlier versions do not know their accounts.
    """

    ledger: Path | None
    expense_account: str | None
    clearing_account: str | None

    @property
    def accounts(self) -> tuple[str | None, str | None]:
        """What is debited, and what is credited."""
        return self.expense_account, self.clearing_account


def set_variables(
    connection: duckdb.DuckDBPyConnection, variables: Mapping[str, object]
) -> None:
    """Set each of *variables*; a mapping is one of texts to texts."""
    for name, value in variables.items():
        typed = _MAP if isinstance(value, dict) else "$1"
        connection.execute(f"set variable {name} = {typed}", [value])


def book(connection: duckdb.DuckDBPyConnection, booked: Booked | None) -> None:
    """Let the documents of *connection* be booked as they were; as today if None."""
    values = (booked.ledger and str(booked.ledger), *booked.accounts) if booked else ()
    connection.execute("set variable booked_by = $1", [list(values)])


def ledger_of(
    connection: duckdb.DuckDBPyConnection, charge: Charge, layout: str
) -> LedgerKeys:
    """The ledger by which the documents of a warehouse are booked, with its accounts.

    What is closed, was reversed, or is a credit note has that with which it was closed,
    so that one is the mirror of the other; unless it had no such *layout* then.

    Raises:
        ConfigError: Its file cannot be read.
    """
    ((found,),) = connection.execute("select getvariable('booked_by')").fetchall()
    path, expense, clearing = found or (None, None, None)
    keys = ledger(Path(path)) if path else LedgerKeys()
    was_booked = path or (expense and layout == GENERIC)
    if not was_booked or layout not in {GENERIC, *keys.layouts}:
        keys, expense, clearing = ledger(charge.ledger), None, None
    return msgspec.structs.replace(
        keys,
        expense_account=keys.expense_account or expense or charge.expense_account,
        clearing_account=keys.clearing_account or clearing or charge.clearing_account,
    )


def ledger_variables(keys: LedgerKeys) -> dict[str, object]:
    """How postings are booked: accounts, codes, and what meters are called."""
    unallocated, sap = keys.unallocated, keys.sap
    return {
        "export_ledger": {
            "expense_account": keys.expense_account,
            "clearing_account": keys.clearing_account,
            "sending_cost_center": keys.sending_cost_center,
            "account": unallocated.account if unallocated else None,
            "cost_center": unallocated.cost_center if unallocated else None,
            "company_code": keys.company_code,
            "tax_code": keys.tax_code,
            "document_type": sap.document_type if sap else None,
            "debit_key": sap.debit_key if sap else None,
            "credit_key": sap.credit_key if sap else None,
        },
        "export_expense_accounts": keys.expense_accounts,
        "export_codes": keys.cost_centers,
        "export_meters": {
            meter: label for meter, label, *_ in seeds.rows("seed_meters")
        },
    }
