"""Dynamics 365 Finance: the General journal entity (LedgerJournalEntity).

Its fields, what is required, and that VOUCHER and TRANSDATE together are a voucher, by
learn.microsoft.com, dynamics365/fin-ops-core/dev-itpro/data-entities,
entity-general-journal. ACCOUNTDISPLAYVALUE is the account with its dimensions, in the
ledger dimension format that is set there. The company is the one that is imported into:
the entity has no transactions between companies. Days are YYYY-MM-DD, amounts have a
decimal point.

Lengths are those of the data types of the fields, by learn.microsoft.com, the reference
of AX 2012, where these began: Voucher 20, LedgerJournalTransTxt 60, MainAccountNum 20,
DimensionValue 30, TaxItemGroup 10, LedgerJournalNameId and LedgerJournalId 10.
"""

import re

from pipeline.config.ledger import DynamicsKeys
from pipeline.export.ledgers.book import Book
from pipeline.export.ledgers.postings import Posting
from pipeline.export.ledgers.rows import to_rows

COLUMNS = (
    *("JOURNALBATCHNUMBER", "LINENUMBER", "JOURNALNAME", "DESCRIPTION"),
    *("ACCOUNTTYPE", "ACCOUNTDISPLAYVALUE", "TRANSDATE", "VOUCHER", "TEXT"),
    *("CURRENCYCODE", "DEBITAMOUNT", "CREDITAMOUNT"),
    *("SALESTAXGROUP", "ITEMSALESTAXGROUP"),
)
_VOUCHER, _TEXT = 20, 60
_ACCOUNT, _DIMENSION = 20, 30
_WHOLE, _DECIMALS = 15, 6


def dynamics(book: Book) -> bytes:
    """The file of *book*: one journal, whose number the import may replace."""
    keys = book.ledger.dynamics
    assert keys is not None  # noqa: S101 (the layout has its section)
    rows = (_row(book, keys, *each) for each in enumerate(book.postings, 1))
    return to_rows(COLUMNS, rows)


def _row(book: Book, keys: DynamicsKeys, number: int, one: Posting) -> tuple[str, ...]:
    tax = book.setting("tax_code", book.ledger.tax_code, r".{0,10}", "10 signs at most")
    amount = f"{book.money(one.amount, _WHOLE, _DECIMALS):f}"
    return (
        f"CB{book.month:%y%m}",
        f"{number}",
        keys.journal_name,
        f"Chargeback {book.month:%Y-%m}",
        "Ledger",
        _account(book, keys, one),
        f"{one.day:%Y-%m-%d}",
        book.document(one.document, _VOUCHER),
        book.text(one, _TEXT),
        one.currency,
        amount if one.debit else "0",
        amount if one.credit else "0",
        keys.sales_tax_group,
        tax,
    )


def _account(book: Book, keys: DynamicsKeys, one: Posting) -> str:
    """The account and its cost centre, neither of which has a sign between them."""
    between = re.escape(re.sub(r"\{\w+\}", "", keys.account))
    sign = f"[^{between}]" if between else "."
    words = f"signs at most, none of them of {keys.account!r}"
    return keys.account.format(
        account=book.account(one, f"{sign}{{1,{_ACCOUNT}}}", f"{_ACCOUNT} {words}"),
        cost_center=book.code(
            one, f"{sign}{{1,{_DIMENSION}}}", f"{_DIMENSION} {words}"
        ),
    )
