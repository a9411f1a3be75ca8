"""Whether a file is a document that was issued: by its bytes, else by its numbers."""

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from pipeline.closing.archive import Archive
from pipeline.closing.own_files import OwnFiles
from pipeline.closing.register import Entry, Register
from pipeline.closing.wording import issued
from pipeline.errors import ConfigError
from pipeline.files.archive import BROKEN

# What is looked through for numbers: so many bytes of a file, unpacked too.
_MOST_BYTES = 32 * 2**20
_MOST_MAIL = 256 * 2**20
_CHUNK = 2**20

_NUMBER_END = re.compile(r"-\d{4}-\d{2}-C?\d{3,9}")
_SEAL = re.compile(r"\b[0-9a-f]{12,64}\b")
_MOST_NAMED = 3


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
    """Looks files up in the register, and in the months that are *closed*."""

    closed: Archive

    @property
    def register(self) -> Register:
        """What was issued."""
        return self.closed.register

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
            is_known = digest.hexdigest() in self._known
            beginning = b"" if is_known else file.read(_MOST_BYTES)
        words = "" if is_known else _words(path, beginning)
        return self._answer(str(path), digest.hexdigest(), beginning, words)

    def _mail(self, path: Path) -> Iterator[Answer]:
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        count = 0
        for count, part in enumerate(message.iter_attachments(), 1):
            content = part.get_payload(decode=True)
            content = content if isinstance(content, bytes) else b""
            name = f"{path}: {part.get_filename() or f'attachment {count}'!s}"
            name = "".join(sign if sign.isprintable() else "?" for sign in name)
            beginning = content[:_MOST_BYTES]
            words = beginning.decode(errors="ignore")
            digest = sha256(content).hexdigest()
            yield self._answer(name, digest, beginning, words)
        if not count:
            text = f"{path}: a mail without attachments, by which it could be verified"
            yield Answer(text, is_issued=False)

    def _answer(self, name: str, digest: str, beginning: bytes, words: str) -> Answer:
        """What is known of the file *name*, of that hash, beginning and text."""
        known = self._known.get(digest)
        if known is None and "PROVISIONAL" not in words:
            known = self._own_files.find(digest, beginning)
        if known:
            said = issued(self.register, *known)
            return Answer(f"{name}: {said}", is_issued=True)
        return self._unknown(name, words)

    @cached_property
    def _own_files(self) -> OwnFiles:
        return OwnFiles(self.closed)

    @cached_property
    def _known(self) -> dict[str, tuple[Entry, str]]:
        """The closing or reversal and the name of each file by its hash: the first."""
        found: dict[str, tuple[Entry, str]] = {}
        events = {(str(one.kind), one.seal): one for one in self.register.entries}
        for entry in self.register.entries:
            event = entry
            if entry.kind == "redaction":
                event = events[entry.reason or "", entry.seal]
            for name, digest in entry.files.items():
                found.setdefault(digest, (event, name))
        return found

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
            text = (
                f"not as issued: names {named}{more}, but was changed since, or made"
                " before or after what was issued"
            )
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
    except BROKEN:
        pass  # what could be read is looked through
    return b" ".join(members).decode(errors="ignore")
