"""A statement that is due → the mail as it goes over the wire, the same each time."""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import msgspec

from pipeline.config import Mail
from pipeline.mail.content import CAPS, Content, Details
from pipeline.mail.due import Due
from pipeline.mail.statements import Row
from pipeline.mail.text import plain, slug

# Gmail clips what is longer than about 102 KB.
_LARGEST_HTML = 100_000
_LONGEST_SUBJECT = 160
_DIGEST_LENGTH = 32

# Seven bits a byte: what every server takes.
_POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Parts:
    """What the mails of a statement share: its rows, and its files by name."""

    cost_centers: list[Row]
    lines: list[Row]
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class MessageWriter:
    """What all mails of a run share."""

    content: Content
    mail: Mail
    as_of: date
    now: datetime

    def write(self, due: Due, parts: Parts) -> bytes:
        """The mail about *due*, one recipient in it and nobody else."""
        message = EmailMessage(policy=_POLICY)
        self._head(message, due)
        self._body(message, due, parts)
        for name, content in parts.files.items():
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            main, _, sub = kind.partition("/")
            message.add_attachment(content, main, sub, filename=_file_name(name))
        _name_boundaries(message, self.message_id(due))
        return message.as_bytes()

    def message_id(self, due: Due) -> str:
        """Of what is said to whom and after what: a repeat has the same.

        A correction has another, also one that takes an earlier correction back.
        """
        statement = due.statement
        said = (
            sorted(statement.versions.items()),
            statement.month,
            statement.cost_center,
            statement.is_final,
            statement.fingerprint,
            due.recipient,
            due.previous and due.previous.message_id,
        )
        digest = hashlib.sha256(msgspec.json.encode(said)).hexdigest()
        domain = self.mail.sender.rpartition("@")[2]
        return (
            f"<{statement.month:%Y-%m}.{digest[:_DIGEST_LENGTH]}.chargeback@{domain}>"
        )

    def file_name(self, due: Due) -> str:
        """What the mail is called as a file: safe, and another for each."""
        statement = due.statement
        center = statement.cost_center
        whose = "all" if center is None else slug(center) or "cost-center"
        digest = hashlib.sha256(self.message_id(due).encode()).hexdigest()[:8]
        return f"{statement.month:%Y-%m}-{whose}-{slug(due.recipient)}-{digest}.eml"

    def _head(self, message: EmailMessage, due: Due) -> None:
        sender = Address(self.mail.sender_name, addr_spec=self.mail.sender)
        subject = self.content.subject(due, self.as_of)
        message["Subject"] = plain(subject, _LONGEST_SUBJECT)
        message["From"] = sender
        message["To"] = Address(addr_spec=due.recipient)
        message["Date"] = format_datetime(self.now)
        message["Message-ID"] = self.message_id(due)
        # No answers by machines that are away.
        message["Auto-Submitted"] = "auto-generated"

    def _body(self, message: EmailMessage, due: Due, parts: Parts) -> None:
        """Text and HTML with the same lines; fewer of them until the HTML is small."""
        kinds = dict.fromkeys(name.rpartition(".")[2].upper() for name in parts.files)
        details = Details(parts.cost_centers, parts.lines, list(kinds))
        for cap in CAPS:
            html = _html(self.content.html(due, self.as_of, details, cap))
            if len(html.as_bytes()) <= _LARGEST_HTML:
                break
        message.set_content(self.content.text(due, self.as_of, details, cap))
        message.make_alternative()
        html.make_related()
        message.attach(html)
        message.make_mixed()


def _html(text: str) -> EmailMessage:
    part = EmailMessage(policy=_POLICY)
    part.set_content(text, subtype="html")
    del part["MIME-Version"]
    return part


def _file_name(name: str) -> str:
    """*name* in writer, digits, dashes and dots, whatever it is made of."""
    stem, dot, kind = name.rpartition(".")
    return f"{slug(stem, 120) or 'statement'}{dot}{slug(kind)}"


def _name_boundaries(message: EmailMessage, message_id: str) -> None:
    """Out of the Message-ID, where the library would draw lots."""
    digest = hashlib.sha256(message_id.encode()).hexdigest()[:_DIGEST_LENGTH]
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"{digest}-{number}")
