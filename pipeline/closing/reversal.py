"""A closed month taken back: a credit note for each statement, from there on."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import msgspec

from pipeline.closing.archive import Archive, ClosedMonth
from pipeline.closing.register import Entry
from pipeline.config import Run
from pipeline.dates import next_month
from pipeline.errors import CheckError, ConfigError
from pipeline.seeds import minor_digits

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Reversal:
    """The month from which on all is taken back, and why."""

    run: Run
    month: date
    reason: str

    @property
    def label(self) -> str:
        """The month as people write it."""
        return f"{self.month:%Y-%m}"


def worded(reason: str) -> str:
    """*reason* in one line.

    Raises:
        ConfigError: It has no words, or is too long to be printed.
    """
    words = " ".join(reason.split())
    if not any(sign.isalnum() for sign in words):
        raise ConfigError("--reverse: say why, in words that can be kept")
    if len(words) > _LONGEST_REASON or not words.isprintable():
        raise ConfigError(
            f"--reverse: the reason is printed on credit notes; write at most"
            f" {_LONGEST_REASON} signs, and no control signs"
        )
    return words


def reversing(reversal: Reversal, existing: Archive) -> list[Entry]:
    """The entries that take back a month and those after it, the newest first.

    There are none if the month was taken back before, and not closed again.

    Raises:
        CheckError: The month was never closed, or has not ended on the day of the run,
            or something was issued on a later day.
    """
    if reversal.run.as_of < next_month(reversal.month):
        raise CheckError(f"{reversal.label} has not ended: it cannot be closed yet")
    closed = [one for one in existing.months if one.month >= reversal.month]
    tenants = {one.tenant for one in closed if one.month == reversal.month}
    if not tenants:
        _refuse_open(reversal, existing)
    else:
        existing.register.check_day(reversal.run.as_of)
    booked = {name: next_month(existing.of(name)[-1]) for name in tenants}
    return [
        entry
        for one in reversed(closed)
        if one.tenant in tenants
        for entry in _entries(reversal, existing, one, booked)
    ]


def described(entry: Entry) -> str:
    """What was taken back: a line for a month, and one for each of its statements."""
    amount = f"{entry.amount:.{minor_digits(entry.currency)}f}"
    if entry.number is None:
        return (
            f"{entry.tenant} {entry.month}: version {entry.version} is reversed,"
            f" {amount} {entry.currency}, booked in {entry.booked_month}"
        )
    return f"{entry.number}  {amount}  {entry.cost_center}  reverses {entry.reverses}"


def _refuse_open(reversal: Reversal, existing: Archive) -> None:
    known = existing.register
    months = sorted({one.month for one in known.closings})
    if reversal.label in months:
        return
    there_is = f"; there is {months[0]} to {months[-1]}" if months else ""
    raise CheckError(
        f"{reversal.label} is not closed: there is nothing to take back{there_is}"
    )


def _entries(
    reversal: Reversal,
    existing: Archive,
    month: ClosedMonth,
    booked: Mapping[str, date],
) -> Iterator[Entry]:
    manifest = month.manifest
    taken_back = Entry(
        kind="reversal",
        version=month.version,
        tenant=month.tenant,
        month=manifest.month,
        amount=-manifest.totals.amount,
        currency=manifest.currency,
        issued_at=reversal.run.now,
        day=reversal.run.as_of,
        seal=manifest.seal,
        booked_month=f"{booked[month.tenant]:%Y-%m}",
        reason=reversal.reason,
    )
    yield taken_back
    known = existing.register
    numbers = known.credit_numbers(month.tenant, manifest.month)
    for one in known.statements(month.tenant, manifest.month, month.version):
        credit = msgspec.structs.replace(
            taken_back,
            kind="credit note",
            number=next(numbers),
            version=1,
            cost_center=one.cost_center,
            amount=-one.amount,
            display_amount=one.display_amount and -one.display_amount,
            display_currency=one.display_currency,
            seal="",
            reverses=one.name,
        )
        yield msgspec.structs.replace(credit, seal=_seal(credit, one))


def _seal(credit: Entry, statement: Entry) -> str:
    """A hash over what the credit note says, and the seal of the statement."""
    content = msgspec.json.encode([credit, statement.seal])
    return hashlib.sha256(content).hexdigest()
