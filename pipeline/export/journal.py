"""Statements → a journal in the general layout: one balanced document each."""

from pipeline.export.csvs import to_csv
from pipeline.export.scope import Scope


def journal_file(scope: Scope) -> dict[str, bytes]:
    """The postings of a month.

    Raises:
        CheckError: A document's debits are not its credits.
    """
    for view in ("document_heads", "postings"):
        scope.define(view)
    scope.verify("assert_journal_balances")
    return {
        f"{scope.stem}-journal.csv": to_csv(scope.ask_part("journal"), scope.digits)
    }
