"""SAP: a row for each item, by the fields of batch input for accounting documents.

Names and lengths are those of the structures BBKPF (head) and BBSEG (item), which
RFBIBL00 and LSMW's object 0100 read: sapdatasheet.org, and the SAP Library's
"Structuring Rules for the Accounting Document Transfer File". NEWBS is the posting key:
40 debits and 50 credits an account. An accounting document has 999 items at most: the
number of an item, BSEG-BUZEI, has three digits (SAP's notes 1483198 and 1801529). A
field that begins with `/`, the sign of no data, is passed over, and so is refused.
Days are YYYYMMDD, amounts have a decimal point.
"""

from pipeline.export.ledgers.book import Book
from pipeline.export.ledgers.postings import Posting
from pipeline.export.ledgers.rows import to_rows

COLUMNS = (
    *("BUKRS", "BLART", "BLDAT", "BUDAT", "WAERS", "XBLNR", "BKTXT"),
    *("NEWBS", "NEWKO", "WRBTR", "MWSKZ", "KOSTL", "SGTXT"),
)
_XBLNR, _BKTXT, _SGTXT = 16, 25, 50
_WHOLE, _DECIMALS = 11, 3  # of an amount, which is CURR 13 in BSEG
_MOST_ITEMS = 999


def sap(book: Book) -> bytes:
    """The file of *book*, in UTF-8."""
    book.lines_at_most(_MOST_ITEMS)
    return to_rows(COLUMNS, (_row(book, one) for one in book.postings))


def _row(book: Book, one: Posting) -> tuple[str, ...]:
    ledger, keys = book.ledger, book.ledger.sap
    assert keys is not None  # noqa: S101 (the layout has its section)
    company = book.setting("company_code", ledger.company_code, r".{1,4}", "4 signs")
    tax = book.setting("tax_code", ledger.tax_code, r".{0,2}", "2 signs at most")
    day = f"{one.day:%Y%m%d}"
    amount = book.money(one.amount, _WHOLE, _DECIMALS)
    return (
        company,
        keys.document_type,
        day,
        day,
        one.currency,
        book.document(one.document, _XBLNR),
        book.head(one, _BKTXT),
        keys.debit_key if one.debit else keys.credit_key,
        book.account(one, r"[A-Za-z0-9]{1,10}", "10 letters or digits at most"),
        f"{amount:f}",
        tax,
        book.code(one, r"[^/].{0,9}", "10 signs at most, the first not /"),
        book.text(one, _SGTXT, not_first="/"),
    )
