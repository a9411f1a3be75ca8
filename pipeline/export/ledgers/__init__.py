"""Postings → a file that a general ledger imports, in the layout of its maker."""

from collections.abc import Callable, Mapping

from pipeline.config.ledger import LedgerKeys, NetsuiteKeys
from pipeline.errors import ConfigError
from pipeline.export.ledgers.book import Book
from pipeline.export.ledgers.datev import datev
from pipeline.export.ledgers.datev_columns import COLUMNS as DATEV
from pipeline.export.ledgers.dynamics import COLUMNS as DYNAMICS
from pipeline.export.ledgers.dynamics import dynamics
from pipeline.export.ledgers.netsuite import columns as netsuite_columns
from pipeline.export.ledgers.netsuite import netsuite
from pipeline.export.ledgers.postings import postings_of
from pipeline.export.ledgers.sap import COLUMNS as SAP
from pipeline.export.ledgers.sap import sap
from pipeline.export.scope import Scope

_MAKERS: Mapping[str, Callable[[Book], bytes]] = {
    "sap": sap,
    "datev": datev,
    "dynamics": dynamics,
    "netsuite": netsuite,
}


def ledger_file(scope: Scope, layout: str, ledger: LedgerKeys) -> dict[str, bytes]:
    """The postings of the documents in *scope* in a *layout*, by the file's name.

    Raises:
        ConfigError: The ledger does not take something: a code is missing, or a text
            too long. The message says which, why, and what to add to `ledger.toml`.
        CheckError: A document's debits are not its credits.
    """
    if layout not in ledger.layouts:
        raise ConfigError(
            f"--layout {layout}: there is no [{layout}] in the ledger's file\n"
            "name one as charge.ledger, and write the section into it: docs/exports.md"
        )
    for view in ("document_heads", "postings"):
        scope.define(view)
    scope.verify("assert_journal_balances")
    book = Book(ledger, scope.month, scope.digits, layout, postings_of(scope, ledger))
    content = _MAKERS[layout](book)
    book.problems.check()
    return {name_of(scope.stem, layout): content}


def name_of(stem: str, layout: str) -> str:
    """The name of a file, which begins as DATEV wants it."""
    return f"{'EXTF_' * (layout == 'datev')}{stem}-{layout}.csv"


def columns_of() -> dict[str, tuple[str, ...]]:
    """The columns of each layout, all of which are texts of its maker's."""
    netsuite_names = netsuite_columns(NetsuiteKeys())
    names = (SAP, DATEV, DYNAMICS, netsuite_names)
    return dict(zip(_MAKERS, names, strict=True))
