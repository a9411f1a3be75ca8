"""NetSuite: the CSV import of journal entries.

Its fields, that each entry has balancing lines, and that amounts have ten digits before
and two after the point, by docs.oracle.com, NetSuite Online Help, "Journal Entry and
Intercompany Journal Entry Header Fields" and "… Line-Level Fields". Entries with one
External ID are one entry, and an ID that is known is not imported again. Days are as
the account's preference has them.

By the same help, an External ID has letters, digits, `_` and `-` ("Using External
IDs"), an entry 10,000 lines ("Transactions Import Type"), an import 25,000 ("General
CSV File Conventions"). Lengths are those of the columns in Oracle's Connect Browser
(department_extid 255, name 60) and of the tables of NetSuite Analytics Warehouse (memo
999).
"""

from pipeline.config.ledger import NetsuiteKeys
from pipeline.export.ledgers.book import Book
from pipeline.export.ledgers.postings import Posting
from pipeline.export.ledgers.rows import to_rows

_ID, _MEMO, _NAME = 255, 999, 60
_ID_SIGNS = r"[A-Za-z0-9_-]*"
_WHOLE, _DECIMALS = 10, 2
_MOST_ROWS, _MOST_LINES = 25_000, 10_000
_DAYS = {
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD/MM/YYYY": "%d/%m/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "YYYY-MM-DD": "%Y-%m-%d",
}


def netsuite(book: Book) -> bytes:
    """The file of *book*, in UTF-8."""
    keys = book.ledger.netsuite
    assert keys is not None  # noqa: S101 (the layout has its section)
    book.lines_at_most(_MOST_LINES)
    if len(book.postings) > _MOST_ROWS:
        book.problems.add(
            f"--layout netsuite: {len(book.postings):,} lines: an import takes"
            f" {_MOST_ROWS:,}",
            "take --layout generic, and divide the file",
        )
    return to_rows(columns(keys), (_row(book, keys, one) for one in book.postings))


def columns(keys: NetsuiteKeys) -> tuple[str, ...]:
    """The columns, one of which is called as a cost centre is."""
    return (
        *("External ID", "Date", "Subsidiary", "Currency", "Memo"),
        *("Account", "Debit", "Credit", "Line Memo", keys.cost_center_is, "Tax Code"),
    )


def _row(book: Book, keys: NetsuiteKeys, one: Posting) -> tuple[str, ...]:
    ledger = book.ledger
    amount = f"{book.money(one.amount, _WHOLE, _DECIMALS):f}"
    return (
        book.document(one.document, _ID, _ID_SIGNS),
        one.day.strftime(_DAYS[keys.date_format]),
        ledger.company_code or "",
        one.currency,
        book.head(one, _MEMO),
        book.account(one, f".{{1,{_NAME}}}", f"{_NAME} signs at most"),
        amount if one.debit else "",
        amount if one.credit else "",
        book.text(one, _MEMO),
        book.code(one, f".{{1,{_NAME}}}", f"{_NAME} signs at most"),
        ledger.tax_code or "",
    )
