"""The delivery ledger: a file for each message that was accepted.

A delivery is recorded when the server has accepted the message, so that a repeat sends
only what is missing. If the process dies between the two, the message is sent again
with the same Message-ID: each is delivered at least once, and at worst twice.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import msgspec

from pipeline.errors import DeliveryError
from pipeline.files import move, replacing, sync

log = logging.getLogger(__name__)

_BEGINNINGS = "recipients.json"

_T = TypeVar("_T")

Reader = tuple[str, str | None]


class Delivery(msgspec.Struct, frozen=True):
    """One message that was accepted; *number* counts those about the same month.

    *lines* are what it was made of, as `changes.summed` has them; messages of earlier
    versions have none, nor *covered_days*.
    """

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
    lines: dict[str, Decimal] = {}
    covered_days: int | None = None

    @property
    def reader(self) -> Reader:
        """The recipient, and the cost centre or None for all."""
        return self.recipient, self.cost_center


class Beginning(msgspec.Struct, frozen=True):
    """The first month that is sent to a reader."""

    recipient: str
    cost_center: str | None
    first_month: date


class NotNotedError(Exception):
    """A message cannot be noted: the disk is full, or may not be written to."""

    remedy = "make room in data/state/delivered, and let it be written to"

    def __init__(self, cause: OSError) -> None:
        where = cause.filename or "the note of what is delivered"
        self.reason = f"{where}: {cause.strerror or cause}"
        super().__init__(self.reason)


class DeliveryLedger:
    """The deliveries recorded in *folder*; the last of each reader and month.

    *renamed* has today's names of tenants by former ones: versions go by today's.
    *unreadable* are the months of deliveries that are not as they were written.
    """

    def __init__(self, folder: Path, renamed: Mapping[str, str]) -> None:
        self._folder = folder
        self._renamed = renamed
        self._last: dict[tuple[Reader, date], Delivery] = {}
        self._first_months: dict[Reader, date] = {}
        self.unreadable: dict[date, DeliveryError] = {}
        for path in sorted(folder.glob("*/*.json")):
            try:
                self._remember(_decode(path, Delivery))
            except DeliveryError as exc:
                month = _month(path)
                if month is None:
                    raise
                self.unreadable.setdefault(month, exc)
        self._is_damaged = self._read_first_months()

    def last(self, reader: Reader, month: date) -> Delivery | None:
        """The last delivery to *reader* about *month*."""
        return self._last.get((reader, month))

    def first_month(self, reader: Reader) -> date | None:
        """The first month that is sent to *reader*; None if the reader is new."""
        return self._first_months.get(reader)

    def begin(self, readers: Iterable[Reader], month: date) -> None:
        """Record *month* as the first of those *readers* that are new.

        Raises:
            DeliveryError: It cannot be written.
        """
        new = {reader: month for reader in readers if reader not in self._first_months}
        if not new and not self._is_damaged:
            return
        self._first_months |= new
        known = [
            Beginning(recipient, center, first)
            for (recipient, center), first in self._first_months.items()
        ]
        path = self._folder / _BEGINNINGS
        try:
            if self._is_damaged:
                move(path, path.with_name(f"{path.name}.damaged"))
            with replacing(path) as partial:
                partial.write_bytes(msgspec.json.format(msgspec.json.encode(known)))
        except OSError as exc:
            failed = NotNotedError(exc)
            raise DeliveryError(
                f"nothing is delivered: {failed.reason}\n{failed.remedy}"
            ) from exc

    def _read_first_months(self) -> bool:
        """Read who began when; where that is damaged, by the first delivery to each.

        Returns whether it is damaged.
        """
        path = self._folder / _BEGINNINGS
        try:
            known = _decode(path, list[Beginning]) if path.exists() else []
        except DeliveryError as exc:
            log.warning(
                "%s: set aside: each recipient began with the first month that was"
                " delivered, and one without any begins with the last month",
                str(exc).partition("\n")[0],
            )
            for reader, month in self._last:
                first = self._first_months.get(reader, month)
                self._first_months[reader] = min(month, first)
            return True
        for one in known:
            self._first_months[one.recipient, one.cost_center] = one.first_month
        return False

    @contextmanager
    def noted(self, delivery: Delivery) -> Iterator[None]:
        """Record *delivery* at the end of the block that sends it, if it does not fail.

        The note is on the disk before: what could not be noted would be sent again
        each night.

        Raises:
            NotNotedError: It cannot be written, and nothing was sent; or it cannot get
                its name after the message was.
        """
        name = hashlib.sha256(delivery.message_id.encode()).hexdigest()[:32]
        path = self._folder / f"{delivery.month:%Y-%m}" / f"{name}.json"
        try:
            with replacing(path) as partial:
                partial.write_bytes(msgspec.json.format(msgspec.json.encode(delivery)))
                sync(partial)
                yield
        except OSError as exc:
            raise NotNotedError(exc) from exc
        self._remember(delivery)

    def _remember(self, delivery: Delivery) -> None:
        key = delivery.reader, delivery.month
        versions: dict[str, int] = {}
        for tenant, version in delivery.versions.items():
            name = self._renamed.get(tenant, tenant)
            versions[name] = max(version, versions.get(name, version))
        delivery = msgspec.structs.replace(delivery, versions=versions)
        known = self._last.get(key)
        if known is None or known.number <= delivery.number:
            self._last[key] = delivery


def _month(path: Path) -> date | None:
    """The month that a recorded delivery is about, by its folder."""
    try:
        return date.fromisoformat(f"{path.parent.name}-01")
    except ValueError:
        return None


def _decode(path: Path, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else exc
        raise DeliveryError(
            f"{path}: not readable as what was delivered ({reason})\n"
            "restore it from a backup; if it is moved away, its mail is sent again"
        ) from exc
