"""Statements → messages: to each recipient their own, each version once."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from pipeline import formats, warehouse
from pipeline.build import names_today
from pipeline.config import Mail, Run
from pipeline.dates import month_before
from pipeline.files import replacing
from pipeline.formats.language import language
from pipeline.mail import owners, send
from pipeline.mail.changes import summed
from pipeline.mail.content import Content
from pipeline.mail.ledger import Delivery, DeliveryLedger
from pipeline.mail.message import MessageWriter, Parts
from pipeline.mail.pending import WEBHOOK, Pending, pending, readers
from pipeline.mail.statements import (
    Statement,
    causes,
    cost_centers,
    lines,
    notes,
    read,
)
from pipeline.monitor import current
from pipeline.resources import resource

__all__ = ["Files", "deliver"]

log = logging.getLogger(__name__)

_MOST_NAMED = 5

# The files of a month and cost centre (None: of all), by name.
Files = Callable[[duckdb.DuckDBPyConnection, date, str | None], dict[str, bytes]]


def deliver(run: Run, mail: Mail, files: Files, dry_run: Path | None = None) -> None:
    """Send what is pending on the day of *run*, and record it in the ledger.

    With *dry_run* messages are written into that folder; nothing is sent or recorded.

    Raises:
        DeliveryError: Somebody was not reached; the next time just they are tried.
        PipelineError: There is no warehouse, or it cannot be read.
    """
    with warehouse.read(run.settings.warehouse) as connection:
        ledger = DeliveryLedger(run.settings.delivered, names_today(run.settings))
        for exc in ledger.unreadable.values():
            log.warning("%s", exc)
        statements = read(connection)
        centers = owners.read(connection)
        named = owners.named(mail.cost_centers, centers)
        mail = replace(mail, cost_centers=named)
        _warn_of_unknown(mail, statements)
        mail = replace(mail, cost_centers=owners.with_owners(named, centers))
        _log_what_waits(statements, mail, run.as_of)
        deliveries = list(pending(statements, ledger, mail, run.as_of))
        locale = formats.parse_locale(run.locale)
        said = language(run.language)
        content = Content(
            resource("templates"),
            locale,
            said,
            run.settings,
        )
        writer = MessageWriter(content, mail, run.as_of, run.now)
        outbox = _Outbox(connection, files, writer, ledger)
        if dry_run is not None:
            outbox.show(deliveries, dry_run)
            return
        # Before anything is sent, so that a new reader gets this month also if the
        # server cannot be reached before the next one.
        ledger.begin(readers(mail), month_before(run.as_of))
        outbox.send(deliveries)


@dataclass(slots=True)
class _Outbox:
    """Writes, sends and records messages; caches the parts of the last statement."""

    connection: duckdb.DuckDBPyConnection
    files: Files
    writer: MessageWriter
    ledger: DeliveryLedger
    _last_parts: tuple[Statement, Parts] | None = field(default=None, repr=False)

    def send(self, pending: Sequence[Pending]) -> None:
        """Send all that is *pending*, but of months of which is unknown what was sent.

        Raises:
            DeliveryError: Somebody was not reached.
        """
        mail, unknown = self.writer.mail, self.ledger.unreadable
        known = [one for one in pending if one.statement.month not in unknown]
        mails = [one for one in known if one.recipient != WEBHOOK]
        totals = [one for one in known if one.recipient == WEBHOOK]
        failures = [
            *(
                send.Failure.of(one.recipient, unknown[one.statement.month])
                for one in pending
                if one.statement.month in unknown
            ),
            *send.send_mails(mails, mail, self.write, self.noted),
            *send.send_totals(totals, mail, self.totals, self.noted),
        ]
        if failures:
            raise send.error(failures, len(pending))
        log.info("mail: %d delivered, nothing is left", len(pending))

    def show(self, pending: Sequence[Pending], folder: Path) -> None:
        """Write what would be sent into *folder*."""
        for one in pending:
            name = self.writer.file_name(one)
            if one.recipient == WEBHOOK:
                name, content = f"{name}.txt", "\n".join(self.totals(one)).encode()
            else:
                content = self.write(one)
            with replacing(folder / name) as partial:
                partial.write_bytes(content)
            log.info("mail %s: %s", send.described(one), folder / name)
        log.info("mail: %d would be sent", len(pending))

    def write(self, one: Pending) -> bytes:
        """The message about *one*."""
        if self._last_parts is None or self._last_parts[0] is not one.statement:
            self._last_parts = one.statement, self._parts(one.statement)
        return self.writer.write(one, self._last_parts[1])

    def totals(self, one: Pending) -> list[str]:
        """The lines for a chat about *one*."""
        return self.writer.content.totals(one, self.writer.as_of)

    def noted(self, one: Pending) -> AbstractContextManager[None]:
        """What records that *one* was accepted, if the block in it does not fail."""
        statement = one.statement
        return self.ledger.noted(
            Delivery(
                message_id=self.writer.message_id(one),
                number=one.previous.number + 1 if one.previous else 1,
                recipient=one.recipient,
                month=statement.month,
                cost_center=statement.cost_center,
                is_final=statement.is_final,
                versions=dict(statement.versions),
                amounts=dict(statement.amounts),
                fingerprint=statement.fingerprint,
                as_of=self.writer.as_of,
                accepted_at=self.writer.now,
                lines=self._lines(statement),
                covered_days=statement.head["covered_days"],
            )
        )

    def _lines(self, statement: Statement) -> dict[str, Decimal]:
        """What the message that was written is made of; to a chat go totals only."""
        known = self._last_parts
        return summed(known[1].lines) if known and known[0] is statement else {}

    def _parts(self, statement: Statement) -> Parts:
        month, center = statement.month, statement.cost_center
        return Parts(
            cost_centers=cost_centers(self.connection, statement),
            lines=lines(self.connection, statement),
            notes=notes(self.connection, statement),
            causes=causes(self.connection, statement),
            # A sum of statements is none itself, and has no files.
            files={}
            if statement.is_rolled_up
            else self.files(self.connection, month, center),
        )


def _log_what_waits(statements: Sequence[Statement], mail: Mail, as_of: date) -> None:
    """Log the month that has ended but was not read whole: for whom it waits, and why.

    What is closed does not wait.
    """
    month = month_before(as_of)
    for one in statements:
        is_whole = one.is_final or one.is_whole(as_of)
        if (one.month, one.cost_center) == (month, None) and not is_whole:
            days = f"{one.head['covered_days']} of {one.head['days_in_month']} days"
            tenants = one.head["incomplete_tenants"] or ()
            whose = f" of {', '.join(tenants)}" if tenants else ""
            failures = current().failures
            why = "".join(f"; {failures[name]}" for name in tenants if name in failures)
            log.warning(
                "mail: %s waits: %s%s are read%s; for %s",
                *(f"{month:%Y-%m}", days, whose, why, _named(mail)),
            )


def _named(mail: Mail) -> str:
    """Who would get a month, a few of them by name."""
    names = list(dict.fromkeys(name for name, _ in readers(mail)))
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _warn_of_unknown(mail: Mail, statements: Sequence[Statement]) -> None:
    """Warn of cost centres without any statement, whose name may be misspelt."""
    known = {statement.cost_center for statement in statements}
    for name in mail.cost_centers:
        if name not in known:
            log.warning("mail.cost_centers: %r has no statement in any month", name)
