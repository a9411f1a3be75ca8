"""The files in which statements were issued: kept with their month, given for ever."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from pipeline import warehouse
from pipeline.closing import archive
from pipeline.closing.months import ClosedMonth, content
from pipeline.config import Charge
from pipeline.export import FORMS, Selection, contents

ISSUED = "issued"

# The forms that a cost centre's own statement is issued in; all of a month has each.
_OWN_FORMS = ("csv", "xlsx")

_HASH_LENGTH = 16


def made(database: Path, month: date, charge: Charge) -> Iterator[tuple[str, bytes]]:
    """The files of *month* by the names that they have in its folder.

    Raises:
        CheckError: The sums of a file are not those of the statements.
    """
    with warehouse.read(database) as connection:
        rows = connection.execute(
            "select distinct cost_center from statement where month = $1 order by all",
            [month],
        ).fetchall()
        for center in (None, *(name for (name,) in rows)):
            for form in FORMS if center is None else _OWN_FORMS:
                selection = Selection(month, form, center, charge)
                for name, text in contents(connection, selection).items():
                    yield f"{_folder(center, form)}{name}", text


@dataclass(frozen=True)
class IssuedFiles:
    """The files that were issued of the months closed under *root*."""

    root: Path
    names: Mapping[str, str] = field(default_factory=dict)

    def __call__(
        self, month: date, center: str | None, form: str
    ) -> dict[str, bytes] | None:
        """The files of a cost centre, or of all (None); None if none were kept.

        Raises:
            CheckError: Something that is closed is not as it was.
        """
        last = self._last(month)
        if last is None:
            return None
        folder = _folder(center, form)
        files = [name for name in last.manifest.files if name.startswith(folder)]
        found = {
            name.removeprefix(folder): content(last.folder / name) for name in files
        }
        return found or None

    @cached_property
    def _archive(self) -> archive.Archive:
        return archive.load(self.root, self.names)

    def _last(self, month: date) -> ClosedMonth | None:
        """What was closed last of *month*, unless it was taken back since."""
        known = self._archive.register.entries
        events = [
            one
            for one in known
            if one.first_day == month and one.kind in {"closing", "reversal"}
        ]
        if not events or events[-1].kind == "reversal":
            return None
        moment = events[-1].issued_at
        return next(
            (
                one
                for one in self._archive.months
                if one.month == month and one.manifest.closed_at == moment
            ),
            None,
        )


def _folder(center: str | None, form: str) -> str:
    return f"{ISSUED}/{key_of(center)}/{form}/"


def key_of(center: str | None) -> str:
    """What the files of a cost centre are found by: a hash of its name."""
    if center is None:
        return "all"
    return sha256(center.encode()).hexdigest()[:_HASH_LENGTH]
