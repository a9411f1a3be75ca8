"""Statements → mail: to each recipient what is theirs, each version once."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import duckdb

from pipeline import formats, warehouse
from pipeline.config import Mail
from pipeline.files import replacing
from pipeline.mail import send
from pipeline.mail.content import Content
from pipeline.mail.due import WEBHOOK, Due, due, last_ended, readers
from pipeline.mail.ledger import Note, Notes
from pipeline.mail.message import Letters, Parts
from pipeline.mail.statements import Statement, cost_centers, lines, read
from pipeline.resources import resource

__all__ = ["Files", "deliver"]

log = logging.getLogger(__name__)

# The files of a month and cost centre (None: of all), by name.
Files = Callable[[duckdb.DuckDBPyConnection, date, str | None], dict[str, bytes]]


def deliver(  # noqa: PLR0913 (what, to whom, when, and in which words)
    database: Path,
    delivered: Path,
    mail: Mail,
    files: Files,
    *,
    as_of: date,
    now: datetime,
    locale: str = "en",
    issuer: str = "Internal chargeback",
    dry_run: Path | None = None,
) -> None:
    """Send what is due on *as_of*, and note in *delivered* what was taken.

    It is *now*, when the mails are written. With *dry_run* they are written into that
    folder; nothing is sent, and nothing noted.

    Raises:
        DeliveryError: Somebody was not reached; the next time just they are tried.
        PipelineError: There is no warehouse, or it cannot be read.
    """
    with warehouse.read(database) as connection:
        notes = Notes(delivered)
        statements = read(connection)
        _warn_of_strangers(mail, statements)
        _tell_what_waits(statements, as_of)
        owed = list(due(statements, notes, mail, as_of))
        content = Content(resource("templates"), formats.parse_locale(locale), issuer)
        desk = _Desk(connection, files, Letters(content, mail, as_of, now), notes)
        if dry_run is not None:
            desk.show(owed, dry_run)
            return
        # Before anything is sent: who is new is written to from this month on, also if
        # the server cannot be reached before the next one.
        notes.begin(readers(mail), last_ended(as_of))
        desk.send(owed)


@dataclass(slots=True)
class _Desk:
    """Where mails are written; the parts of the last statement are at hand."""

    connection: duckdb.DuckDBPyConnection
    files: Files
    letters: Letters
    notes: Notes
    _at_hand: tuple[Statement, Parts] | None = field(default=None, repr=False)

    def send(self, owed: Sequence[Due]) -> None:
        """Send all that is *owed*, and tell who was not reached."""
        mail = self.letters.mail
        mails = [one for one in owed if one.recipient != WEBHOOK]
        totals = [one for one in owed if one.recipient == WEBHOOK]
        failures = [
            *send.send_mails(mails, mail, self.write, self.note),
            *send.send_totals(totals, mail, self.totals, self.note),
        ]
        if failures:
            raise send.error(failures, len(owed))
        log.info("mail: %d delivered, nothing is left", len(owed))

    def show(self, owed: Sequence[Due], folder: Path) -> None:
        """Write what would be sent into *folder*."""
        for one in owed:
            name = self.letters.file_name(one)
            if one.recipient == WEBHOOK:
                name, content = f"{name}.txt", "\n".join(self.totals(one)).encode()
            else:
                content = self.write(one)
            with replacing(folder / name) as partial:
                partial.write_bytes(content)
            log.info("mail %s: %s", send.described(one), folder / name)
        log.info("mail: %d would be sent", len(owed))

    def write(self, one: Due) -> bytes:
        """The mail about *one*."""
        if self._at_hand is None or self._at_hand[0] is not one.statement:
            self._at_hand = one.statement, self._parts(one.statement)
        return self.letters.write(one, self._at_hand[1])

    def totals(self, one: Due) -> list[str]:
        """The lines for a chat about *one*."""
        return self.letters.content.totals(one, self.letters.as_of)

    def note(self, one: Due) -> None:
        """Keep that *one* was taken."""
        statement = one.statement
        self.notes.add(
            Note(
                message_id=self.letters.message_id(one),
                number=one.previous.number + 1 if one.previous else 1,
                recipient=one.recipient,
                month=statement.month,
                cost_center=statement.cost_center,
                is_final=statement.is_final,
                versions=dict(statement.versions),
                amounts=dict(statement.amounts),
                fingerprint=statement.fingerprint,
                as_of=self.letters.as_of,
                accepted_at=self.letters.now,
            )
        )

    def _parts(self, statement: Statement) -> Parts:
        return Parts(
            cost_centers=cost_centers(self.connection, statement),
            lines=lines(self.connection, statement),
            files=self.files(self.connection, statement.month, statement.cost_center),
        )


def _tell_what_waits(statements: Sequence[Statement], as_of: date) -> None:
    """An open month that has ended, but was not read whole: nobody is mailed it."""
    month = last_ended(as_of)
    for one in statements:
        is_whole = one.is_final or one.is_whole(as_of)
        if (one.month, one.cost_center) == (month, None) and not is_whole:
            days = f"{one.head['covered_days']} of {one.head['days_in_month']} days"
            log.warning("mail: %s waits: %s are read", f"{month:%Y-%m}", days)


def _warn_of_strangers(mail: Mail, statements: Sequence[Statement]) -> None:
    """Names of cost centres that nothing was ever charged to: misspelt, perhaps."""
    known = {statement.cost_center for statement in statements}
    for name in mail.cost_centers:
        if name not in known:
            log.warning("mail.cost_centers: %r has no statement in any month", name)
