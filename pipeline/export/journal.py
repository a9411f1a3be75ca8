"""Statements → a journal for a general ledger: one balanced document each."""

from pipeline.export.csvs import to_csv
from pipeline.export.scope import Scope


def journal_file(scope: Scope) -> dict[str, bytes]:
    """The postings of a month.

    Raises:
        CheckError: A document's debits are not its credits.
    """
    scope.define("document_heads")
    scope.define("journal")
    scope.verify("assert_journal_balances")
    return {
        f"{scope.stem}-journal.csv": to_csv(scope.ask_part("journal"), scope.digits)
    }
