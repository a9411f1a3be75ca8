"""NetSuite: the CSV import of journal entries.

Its fields, that each entry has balancing lines, and that amounts have ten digits before
and two after the point, by docs.oracle.com, NetSuite Online Help, "Journal Entry and
Intercompany Journal Entry Header Fields" and "… Line-Level Fields". Entries with one
External ID are one entry, and an ID that is known is not imported again. Days are as
the account's preference has them; a file has 25,000 lines at most.
"""

from pipeline.config.ledger import NetsuiteKeys
from pipeline.export.ledgers.book import Book
from pipeline.export.ledgers.postings import Posting
from pipeline.export.ledgers.rows import to_rows

_ID, _MEMO = 40, 999
_WHOLE, _DECIMALS = 10, 2
_MOST_ROWS = 25_000
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
        book.document(one.document, _ID),
        one.day.strftime(_DAYS[keys.date_format]),
        ledger.company_code or "",
        one.currency,
        book.head(one, _MEMO),
        book.account(one, r".{1,60}", "60 signs at most"),
        amount if one.debit else "",
        amount if one.credit else "",
        book.text(one, _MEMO),
        book.code(one, r".{1,60}", "60 signs at most"),
        ledger.tax_code or "",
    )
