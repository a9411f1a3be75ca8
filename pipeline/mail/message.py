"""A pending statement → its message as bytes, the same each time."""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import msgspec

from pipeline.config import Mail
from pipeline.files import slug
from pipeline.mail.content import CAPS, Content, Details
from pipeline.mail.headers import address_header, text_header
from pipeline.mail.pending import Pending
from pipeline.mail.plain import plain
from pipeline.warehouse import Row

# Gmail clips what is longer than about 102 KB.
_LARGEST_HTML = 100_000
_LONGEST_SUBJECT = 160
_DIGEST_LENGTH = 32

# ASCII only, which every server accepts.
_POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Parts:
    """What the messages of a statement share: its rows, and its files by name."""

    cost_centers: list[Row]
    lines: list[Row]
    notes: list[Row]
    causes: list[Row]
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class MessageWriter:
    """Writes the messages of a run."""

    content: Content
    mail: Mail
    as_of: date
    now: datetime

    def write(self, pending: Pending, parts: Parts) -> bytes:
        """The message about *pending*, to one recipient and nobody else."""
        message = EmailMessage(policy=_POLICY)
        message["Date"] = format_datetime(self.now)
        message["Message-ID"] = self.message_id(pending)
        # Asks for no automatic replies.
        message["Auto-Submitted"] = "auto-generated"
        self._body(message, pending, parts)
        for name, content in parts.files.items():
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            main, _, sub = kind.partition("/")
            message.add_attachment(content, main, sub, filename=_file_name(name))
        _name_boundaries(message, self.message_id(pending))
        return self._head(pending) + message.as_bytes()

    def message_id(self, pending: Pending) -> str:
        """A hash of statement, recipient and previous message: a repeat has the same.

        A correction has another, also one that reverts an earlier correction.
        """
        statement = pending.statement
        key = (
            sorted(statement.versions.items()),
            statement.month,
            statement.cost_center,
            statement.is_final,
            statement.fingerprint,
            pending.recipient,
            pending.previous and pending.previous.message_id,
        )
        digest = hashlib.sha256(msgspec.json.encode(key)).hexdigest()
        domain = self.mail.sender.rpartition("@")[2]
        return (
            f"<{statement.month:%Y-%m}.{digest[:_DIGEST_LENGTH]}.chargeback@{domain}>"
        )

    def file_name(self, pending: Pending) -> str:
        """The name of the message as a file: safe and unique."""
        statement = pending.statement
        center = statement.cost_center
        whose = "all" if center is None else slug(center) or "cost-center"
        digest = hashlib.sha256(self.message_id(pending).encode()).hexdigest()[:8]
        return f"{statement.month:%Y-%m}-{whose}-{slug(pending.recipient)}-{digest}.eml"

    def _head(self, pending: Pending) -> bytes:
        """The headers that hold what somebody typed."""
        subject = plain(self.content.subject(pending, self.as_of), _LONGEST_SUBJECT)
        return (
            text_header("Subject", subject)
            + address_header("From", self.mail.sender_name, self.mail.sender)
            + address_header("To", "", pending.recipient)
        )

    def _body(self, message: EmailMessage, pending: Pending, parts: Parts) -> None:
        """Add text and HTML with the same lines, as many as the size allows."""
        kinds = dict.fromkeys(name.rpartition(".")[2].upper() for name in parts.files)
        details = Details(
            parts.cost_centers, parts.lines, list(kinds), parts.notes, parts.causes
        )
        for cap in CAPS:
            html = _html(self.content.html(pending, self.as_of, details, cap))
            if len(html.as_bytes()) <= _LARGEST_HTML:
                break
        message.set_content(self.content.text(pending, self.as_of, details, cap))
        message.make_alternative()
        html.make_related()
        if logo := self.content.look.mailed_logo:
            kind = logo.media_type.partition("/")[2]
            html.add_related(logo.content, "image", kind, cid="<logo>")
        message.attach(html)
        message.make_mixed()


def _html(text: str) -> EmailMessage:
    part = EmailMessage(policy=_POLICY)
    part.set_content(text, subtype="html")
    del part["MIME-Version"]
    return part


def _file_name(name: str) -> str:
    """*name* in letters, digits, dashes and dots."""
    stem, dot, kind = name.rpartition(".")
    return f"{slug(stem, 120) or 'statement'}{dot}{slug(kind)}"


def _name_boundaries(message: EmailMessage, message_id: str) -> None:
    """Set boundaries made of the Message-ID; the library's would be random."""
    digest = hashlib.sha256(message_id.encode()).hexdigest()[:_DIGEST_LENGTH]
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"{digest}-{number}")
