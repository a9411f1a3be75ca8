"""What is not as documented, as an error: a page, records of it, rows made of them."""

import msgspec
import polars as pl

from pipeline.endpoints import Record
from pipeline.tenant import quarantine
from pipeline.tenant.failures import Found, Invalid, InvalidPageError
from pipeline.tenant.quarantine import Salvaged
from pipeline.tenant.responses import clean, generic
from pipeline.tenant.session import Session

NOTHING_KEPT = "nothing of this listing was kept"

_NO_RECORDS = Found()


def invalid_page(
    session: Session,
    target: str,
    exc: msgspec.ValidationError,
    kept: bytes,
    found: Found = _NO_RECORDS,
) -> InvalidPageError:
    """The error of the whole page at *target*."""
    remedy = f"the answer is not what is documented; {NOTHING_KEPT}"
    message = session.message(f"GET {target}", exc, remedy)
    place = quarantine.place(exc)
    return InvalidPageError(message, _invalid(session, target, place, kept, found))


def invalid_records(
    session: Session, target: str, salvaged: Salvaged[Record], record: type[Record]
) -> InvalidPageError:
    """The error of those records of a page that are not as documented."""
    found, first = salvaged.found, salvaged.first
    remedy = (
        f"{len(salvaged.invalid)} of the page's records are not what is documented"
        f" ({clean(', '.join(found.ids))}); they are set aside"
    )
    message = session.message(f"GET {target}", first, remedy)
    kept = quarantine.redacted(salvaged.invalid, record)
    place = quarantine.place(first)
    return InvalidPageError(message, _invalid(session, target, place, kept, found))


def invalid_rows(
    session: Session, request: str, what: str, rows: pl.DataFrame, found: Found
) -> InvalidPageError:
    """The error of *rows* that cannot be kept, with their ids and days."""
    described = rows.select(pl.all().cast(pl.String)).to_dicts()
    kept = msgspec.json.encode({"data": described})
    message = session.message(request, what, "set aside; all others were kept")
    return InvalidPageError(message, _invalid(session, request, "$.data", kept, found))


def salvaged_page(
    session: Session, target: str, body: bytes, record: type[Record]
) -> Salvaged[Record]:
    """The page at *target*, which has invalid records, without them.

    Raises:
        InvalidPageError: The page itself is not as documented.
        httpx.DecodingError: It is not JSON, or not all of it.
    """
    try:
        return quarantine.salvage(body, record, session.redact)
    except msgspec.ValidationError as exc:
        kept = quarantine.redacted(generic(body), record)
        raise invalid_page(session, target, exc, kept) from exc


def _invalid(
    session: Session, request: str, place: str, kept: bytes, found: Found
) -> Invalid:
    return Invalid(
        request=clean(session.redact(request)),
        place=place,
        kept=session.redact(kept.decode()).encode(),
        ids=tuple(map(session.redact, found.ids)),
        days=found.days,
        count=found.count,
    )
