"""What the selects of `sql/exports` read beside tables: the variables of a session."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from pipeline import seeds
from pipeline.config import Charge
from pipeline.config.ledger import LedgerKeys, ledger

_MAP = "cast($1 as map(varchar, varchar))"


def set_variables(
    connection: duckdb.DuckDBPyConnection, variables: Mapping[str, object]
) -> None:
    """Set each of *variables*; a mapping is one of texts to texts."""
    for name, value in variables.items():
        typed = _MAP if isinstance(value, dict) else "$1"
        connection.execute(f"set variable {name} = {typed}", [value])


def ledger_of(connection: duckdb.DuckDBPyConnection, charge: Charge) -> LedgerKeys:
    """The ledger by which the documents of a warehouse are booked.

    What was reversed, and its credit notes, have that with which it was closed, so that
    one is the mirror of the other.

    Raises:
        ConfigError: Its file cannot be read.
    """
    (frozen,) = connection.execute("select getvariable('document_ledger')").fetchall()[
        0
    ]
    return ledger(Path(frozen) if frozen else charge.ledger)


def ledger_variables(charge: Charge, keys: LedgerKeys) -> dict[str, object]:
    """How postings are booked: accounts, codes, and what meters are called."""
    unallocated, sap = keys.unallocated, keys.sap
    return {
        "export_ledger": {
            "expense_account": keys.expense_account or charge.expense_account,
            "clearing_account": keys.clearing_account or charge.clearing_account,
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
