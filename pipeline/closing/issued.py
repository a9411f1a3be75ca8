"""The files in which statements were issued: kept with their month, given for ever."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from pipeline import warehouse
from pipeline.closing.archive import Archive
from pipeline.closing.derived import NUMBERS, derived
from pipeline.closing.months import ClosedMonth, content
from pipeline.config import Charge, Settings
from pipeline.config.ledger import ledger
from pipeline.export import FORMS, GENERIC, Past, Selection, contents

ISSUED = "issued"

# The forms that a cost centre's own statement is issued in; all of a month has each. Of
# the other forms it has its rows of those of the month.
_OWN_FORMS = ("csv", "xlsx")

_HASH_LENGTH = 16


def made(
    database: Path, month: date, settings: Settings, past: Past
) -> Iterator[tuple[str, bytes]]:
    """The files of *month* by the names that they have in its folder.

    Who has no statement any more has files of those that were reversed. All of a month
    has a journal in each layout that the ledger's file names.

    Raises:
        CheckError: The sums of a file are not those of the statements.
        ConfigError: A ledger does not take something.
    """
    charge, said = settings.charge, settings.report.language
    layouts = (GENERIC, *ledger(charge.ledger).layouts)
    with warehouse.read(database) as connection:
        rows = connection.execute(
            "select cost_center from statement where month = $1 union"
            " select cost_center from issued_statements where month = $1 order by all",
            [month],
        ).fetchall()
        for center in (None, *(name for (name,) in rows)):
            for one in _selections(month, center, charge, layouts):
                selection = replace(one, language=said, look=settings.look)
                for name, text in contents(connection, selection, past).items():
                    yield f"{_folder(center, selection.kept_as)}{name}", text


def _selections(
    month: date, center: str | None, charge: Charge, layouts: Sequence[str]
) -> Iterator[Selection]:
    """What is issued of a cost centre, or of all (None)."""
    for form in FORMS if center is None else _OWN_FORMS:
        for layout in layouts if form == "journal" else (GENERIC,):
            yield Selection(month, form, center, charge, layout=layout)


@dataclass(frozen=True)
class IssuedFiles:
    """The files that were issued of the months that are *closed*."""

    closed: Archive

    def __call__(
        self, month: date, center: str | None, form: str
    ) -> dict[str, bytes] | None:
        """The files of a cost centre, or of all (None); None if none were kept.

        Raises:
            CheckError: Something that is closed is not as it was.
        """
        last = self.last(month)
        if last is None:
            return None
        if center is not None and form in NUMBERS:
            return self.own_files(last, center, form)
        return _kept(last, center, form)

    def own_files(
        self, month: ClosedMonth, center: str, form: str
    ) -> dict[str, bytes] | None:
        """The files of a cost centre of a form that is kept of the whole month."""
        files = _kept(month, None, form)
        if files is None:
            return None
        numbers = {
            str(one.number)
            for one in self.closed.register.documents
            if one.first_day == month.month and one.cost_center == center
        }
        return derived(files, form, month.month, center, numbers)

    def last(self, month: date) -> ClosedMonth | None:
        """What was closed last of *month*, unless it was taken back since."""
        known = self.closed.register.entries
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
                for one in self.closed.months
                if one.month == month and one.manifest.closed_at == moment
            ),
            None,
        )


def _kept(month: ClosedMonth, center: str | None, form: str) -> dict[str, bytes] | None:
    folder = _folder(center, form)
    names = [name for name in month.manifest.files if name.startswith(folder)]
    return {
        name.removeprefix(folder): content(month.folder / name) for name in names
    } or None


def _folder(center: str | None, form: str) -> str:
    return f"{ISSUED}/{key_of(center)}/{form}/"


def key_of(center: str | None) -> str:
    """What the files of a cost centre are found by: a hash of its name."""
    if center is None:
        return "all"
    return sha256(center.encode()).hexdigest()[:_HASH_LENGTH]
