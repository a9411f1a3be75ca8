"""Whether a file is a statement that was issued: by its bytes, else by its numbers."""

import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from functools import cached_property
from hashlib import sha256
from pathlib import Path, PurePosixPath

from pipeline.closing.issued import key_of
from pipeline.closing.register import Entry, Register
from pipeline.errors import ConfigError
from pipeline.report import statement_page
from pipeline.seeds import minor_digits

# What is looked through for numbers: so many bytes of a file, unpacked too.
_MOST_BYTES = 32 * 2**20
_MOST_MAIL = 256 * 2**20
_CHUNK = 2**20

_NUMBER_END = re.compile(r"-\d{4}-\d{2}-C?\d{3,9}")
_SEAL = re.compile(r"\b[0-9a-f]{12,64}\b")
_MOST_NAMED = 3

# What an odd archive makes the library raise.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of a file in a line, and whether it was issued."""

    text: str
    is_issued: bool


def check_paths(paths: Iterable[Path]) -> None:
    """Refuse what is no file.

    Raises:
        ConfigError: The message names it.
    """
    for path in paths:
        if path.is_dir():
            raise ConfigError(f"{path}: a folder; name the files in it")
        if not path.exists():
            raise ConfigError(f"{path}: there is no such file")
        if not path.is_file():
            raise ConfigError(f"{path}: not a file that can be read to its end")


@dataclass(frozen=True)
class Verifier:
    """Looks files up in the register."""

    register: Register

    def answers(self, path: Path) -> Iterator[Answer]:
        """What is known of the file *path*; of a mail, of each of its attachments.

        Raises:
            ConfigError: It cannot be read.
        """
        try:
            if path.suffix.lower() == ".eml" and path.stat().st_size <= _MOST_MAIL:
                yield from self._mail(path)
            else:
                yield self._file(path)
        except OSError as exc:
            raise ConfigError(f"{path}: {exc.strerror or exc}") from exc

    def _file(self, path: Path) -> Answer:
        digest = sha256()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
            file.seek(0)
            known = self._known.get(digest.hexdigest())
            beginning = b"" if known else file.read(_MOST_BYTES)
        if known:
            return Answer(f"{path}: {self._issued(*known)}", is_issued=True)
        return self._unknown(str(path), _words(path, beginning))

    def _mail(self, path: Path) -> Iterator[Answer]:
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        count = 0
        for count, part in enumerate(message.iter_attachments(), 1):
            content = part.get_payload(decode=True)
            content = content if isinstance(content, bytes) else b""
            name = f"{path}: {part.get_filename() or f'attachment {count}'!s}"
            name = "".join(sign if sign.isprintable() else "?" for sign in name)
            if known := self._known.get(sha256(content).hexdigest()):
                yield Answer(f"{name}: {self._issued(*known)}", is_issued=True)
            else:
                yield self._unknown(name, content[:_MOST_BYTES].decode(errors="ignore"))
        if not count:
            text = f"{path}: a mail without attachments, by which it could be verified"
            yield Answer(text, is_issued=False)

    @cached_property
    def _known(self) -> dict[str, tuple[Entry, str]]:
        """The closing and the name of each file by its hash; the first one counts."""
        found: dict[str, tuple[Entry, str]] = {}
        for entry in self.register.closings:
            for name, digest in entry.files.items():
                found.setdefault(digest, (entry, name))
        return found

    def _issued(self, closing: Entry, name: str) -> str:
        """The statements that the file *name* of a *closing* shows."""
        together = [
            one
            for one in self.register.documents
            if one.kind == "statement"
            and (one.month, one.issued_at) == (closing.month, closing.issued_at)
        ]
        own = [one for one in together if _is_of(name, one)]
        if own:
            return "issued: " + "; ".join(map(self._described, own))
        total = sum(one.amount for one in together)
        first = together[0].name if together else "no statement"
        taken_back = sum(one.name in self._credits for one in together)
        since = f"; {taken_back} were reversed since" if taken_back else ""
        digits = minor_digits(closing.currency)
        return (
            f"issued: all of {closing.month}, {len(together)} statements from {first}"
            f" on, {total:.{digits}f} {closing.currency}, on {closing.day}{since}"
        )

    def _described(self, one: Entry) -> str:
        digits = minor_digits(one.currency)
        text = (
            f"{one.name}, {one.cost_center}, {one.month}, {one.amount:.{digits}f}"
            f" {one.currency}, on {one.day}, seal {one.seal[:12]}"
        )
        credit = self._credits.get(one.name)
        if credit is None:
            return text
        return f"{text}; reversed on {credit.day} by {credit.number}: {credit.reason}"

    @cached_property
    def _credits(self) -> dict[str, Entry]:
        """The credit notes by what they reverse."""
        return {one.reverses: one for one in self.register.documents if one.reverses}

    def _unknown(self, name: str, words: str) -> Answer:
        """What is said of bytes that were not issued."""
        seals = {one.seal for one in self.register.documents}
        found = sorted(self._named(words))
        shown = {seal[:12] for seal in seals}
        if not found and not shown.isdisjoint(one[:12] for one in _SEAL.findall(words)):
            found = ["a seal of the register"]
        if "PROVISIONAL" in words:
            text = "not issued: a draft of a month that was not closed"
        elif found:
            named = ", ".join(found[:_MOST_NAMED])
            more = f" and {len(found) - 3} more" if len(found) > _MOST_NAMED else ""
            text = f"not as issued: names {named}{more}, but was changed since"
        else:
            text = "not issued: the register knows neither its bytes nor a number in it"
        return Answer(f"{name}: {text}", is_issued=False)

    def _named(self, words: str) -> set[str]:
        """The numbers in *words* that were given."""
        numbers = {one.number for one in self.register.documents if one.number}
        by_end: dict[str, list[str]] = defaultdict(list)
        for number in numbers:
            by_end[_NUMBER_END.findall(number)[-1]].append(number)
        return {
            number
            for match in _NUMBER_END.finditer(words)
            for number in by_end.get(match.group(), ())
            if words.endswith(number, 0, match.end())
        }


def _is_of(name: str, statement: Entry) -> bool:
    """Whether the file *name* of a closed month is of that *statement*."""
    parts = PurePosixPath(name).parts
    if parts[0] == "issued":
        return parts[1] == key_of(statement.cost_center)
    facts = {
        "tenant": statement.tenant,
        "month": statement.first_day,
        "cost_center": statement.cost_center,
    }
    return parts[-1] == statement_page(facts)


def _words(path: Path, beginning: bytes) -> str:
    """The text of a file, as far as it is looked through; that of a workbook too."""
    if not zipfile.is_zipfile(path):
        return beginning.decode(errors="ignore")
    members: list[bytes] = []
    left = _MOST_BYTES
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                if left <= 0 or not member.endswith(".xml"):
                    continue
                with archive.open(member) as file:
                    members.append(file.read(left))
                left -= len(members[-1])
    except _BROKEN:
        pass  # what could be read is looked through
    return b" ".join(members).decode(errors="ignore")
