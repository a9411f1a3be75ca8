"""DATEV: EXTF, a Buchungsstapel of version 13 with a head of version 700.

The head's 31 fields, the 125 columns, and what each of them takes, by
developer.datev.de, DATEV-Format, Header and Buchungsstapel. A row has two accounts, so
that each posting is one against the transfer account, which is zero after each
document; KOST1 is the cost centre. Texts stand in quotation marks, amounts have a
decimal comma, Belegdatum is day and month; Windows-1252, CR LF. Files of a stack begin
with `EXTF_`. The stack is not committed (Festschreibung 0).
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from pipeline.config.ledger import DatevKeys
from pipeline.export.ledgers.book import Book
from pipeline.export.ledgers.datev_columns import COLUMNS, QUOTED
from pipeline.export.ledgers.postings import Posting

ENCODING = "cp1252"

_WHOLE, _DECIMALS = 10, 2
_BELEGFELD, _TEXT = 36, 60
_DOCUMENT = r"[\w$&%*+\-/]*"
_KOST = r"[A-Za-z0-9_ ]{1,36}"


def datev(book: Book) -> bytes:
    """The file of *book*: head, names of columns, a row for each posting."""
    keys = book.ledger.datev
    assert keys is not None  # noqa: S101 (the layout has its section)
    rows = [_row(book, keys, one) for one in book.postings]
    lines = [_head(book, keys), ";".join(COLUMNS), *rows]
    return "".join(f"{line}\r\n" for line in lines).encode(ENCODING, "replace")


def _head(book: Book, keys: DatevKeys) -> str:
    days = [one.day for one in book.postings] or [book.month]
    first, last = min(days).replace(day=1), _end(max(days))
    begins = date(first.year, keys.year_begins_in_month, 1)
    if begins > first:
        begins = begins.replace(year=first.year - 1)
    currencies = {one.currency for one in book.postings}
    fields = (
        *("EXTF", 700, 21, "Buchungsstapel", 13),
        *(int(f"{last:%Y%m%d}000000000"), None),  # created: no clock, its last day
        *("CB", "chargeback", "", keys.consultant, keys.client),
        *(int(f"{begins:%Y%m%d}"), keys.account_length),
        *(int(f"{first:%Y%m%d}"), int(f"{last:%Y%m%d}")),
        *(
            f"Chargeback {book.month:%Y/%m}",
            "",
            1,
            0,
            0,
            min(currencies, default="EUR"),
        ),
        *(None, "", None, None, "", None, None, "", ""),
    )
    return _line(fields)


def _row(book: Book, keys: DatevKeys, one: Posting) -> str:
    accounts = rf"[0-9]{{1,{keys.account_length}}}"
    words = f"{keys.account_length} digits at most"
    tax = book.setting("tax_code", book.ledger.tax_code, r"(\d{4})?", "4 digits")
    amount = book.money(one.amount, _WHOLE, _DECIMALS)
    filled = {
        "Umsatz (ohne Soll/Haben-Kz)": f"{amount:.2f}".replace(".", ","),
        "Soll/Haben-Kennzeichen": "S" if one.debit else "H",
        "WKZ Umsatz": one.currency,
        "Konto": book.account(one, accounts, words),
        "Gegenkonto (ohne BU-Schlüssel)": book.setting(
            "datev.transfer_account", keys.transfer_account, accounts, words
        ),
        "BU-Schlüssel": tax,
        "Belegdatum": f"{one.day:%d%m}",
        "Belegfeld 1": book.document(one.document, _BELEGFELD, _DOCUMENT),
        "Buchungstext": book.text(one, _TEXT, ENCODING),
        "KOST1 - Kostenstelle": book.code(
            one, _KOST, "letters, digits, _ and blanks, 36 at most"
        ),
        "Festschreibung": "0",
    }
    return ";".join(
        _quoted(filled.get(name, "")) if name in QUOTED else filled.get(name, "")
        for name in COLUMNS
    )


def _end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _line(fields: Iterable[object]) -> str:
    return ";".join(
        _quoted(one) if isinstance(one, str) else "" if one is None else f"{one}"
        for one in fields
    )


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
