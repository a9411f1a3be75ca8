"""What was delivered to whom: a file for each mail that a server has taken.

A delivery is noted when the server has said that it has the mail, so that a repeat
sends just what is missing. If the process dies between the two, the mail goes out again
under the same Message-ID: never none, at worst two of the same.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import msgspec

from pipeline.errors import DeliveryError
from pipeline.files import replacing

_BEGINNINGS = "recipients.json"

_T = TypeVar("_T")

Reader = tuple[str, str | None]


class Delivery(msgspec.Struct, frozen=True):
    """One mail: what it said, when, and to whom; which one about its month it is."""

    message_id: str
    number: int
    recipient: str
    month: date
    cost_center: str | None
    is_final: bool
    versions: dict[str, int]
    amounts: dict[str, Decimal]
    fingerprint: str
    as_of: date
    accepted_at: datetime

    @property
    def reader(self) -> Reader:
        """Who reads what: a recipient, and the cost centre or all of them."""
        return self.recipient, self.cost_center


class Beginning(msgspec.Struct, frozen=True):
    """The first month of which a reader is sent anything."""

    recipient: str
    cost_center: str | None
    first_month: date


class DeliveryLedger:
    """The deliveries noted in *folder*, and the last one of each reader and month."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: dict[tuple[Reader, date], Delivery] = {}
        self._first_months: dict[Reader, date] = {}
        for path in sorted(folder.glob("*/*.json")):
            self._remember(_decode(path, Delivery))
        if (path := folder / _BEGINNINGS).exists():
            for one in _decode(path, list[Beginning]):
                self._first_months[one.recipient, one.cost_center] = one.first_month

    def last(self, reader: Reader, month: date) -> Delivery | None:
        """The last mail to *reader* about *month*."""
        return self._last.get((reader, month))

    def first_month(self, reader: Reader) -> date | None:
        """From where on *reader* is written to; None for one who is new."""
        return self._first_months.get(reader)

    def begin(self, readers: Iterable[Reader], month: date) -> None:
        """Note that *readers* are written to from *month* on, if they are new."""
        new = {reader: month for reader in readers if reader not in self._first_months}
        if not new:
            return
        self._first_months |= new
        known = [
            Beginning(recipient, center, first)
            for (recipient, center), first in self._first_months.items()
        ]
        with replacing(self._folder / _BEGINNINGS) as partial:
            partial.write_bytes(msgspec.json.format(msgspec.json.encode(known)))

    def add(self, delivery: Delivery) -> None:
        """Keep *delivery*, before anything else is sent."""
        name = hashlib.sha256(delivery.message_id.encode()).hexdigest()[:32]
        place = self._folder / f"{delivery.month:%Y-%m}" / f"{name}.json"
        with replacing(place) as partial:
            partial.write_bytes(msgspec.json.format(msgspec.json.encode(delivery)))
        self._remember(delivery)

    def _remember(self, delivery: Delivery) -> None:
        key = delivery.reader, delivery.month
        known = self._last.get(key)
        if known is None or known.number <= delivery.number:
            self._last[key] = delivery


def _decode(path: Path, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except msgspec.DecodeError as exc:
        raise DeliveryError(
            f"{path}: not readable as what was delivered ({exc})\n"
            "restore it from a backup; without it, its mail is sent again"
        ) from exc
