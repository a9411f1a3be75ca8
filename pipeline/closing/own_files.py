"""FOCUS files and journals of one cost centre, which are not kept, looked up."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from pipeline.closing.archive import Archive
from pipeline.closing.derived import form_of, is_same_parquet, numbers_in
from pipeline.closing.issued import ISSUED, IssuedFiles, key_of
from pipeline.closing.register import Entry


@dataclass(frozen=True)
class OwnFiles:
    """The files of cost centres, made again of those of the months *closed*."""

    closed: Archive

    def find(self, digest: str, content: bytes) -> tuple[Entry, str] | None:
        """The closing and the name of a file with that hash and *content*, or None."""
        form = form_of(content)
        if form is None:
            return None
        numbers = numbers_in(content, self._most_rows)
        of = {
            (one.month, one.cost_center)
            for one in self.closed.register.documents
            if one.number in numbers
        }
        if len(of) != 1:
            return None
        month, center = of.pop()
        for closing, files in self._of(month, str(center), form):
            for name, own in files.items():
                if sha256(own).hexdigest() == digest or is_same_parquet(content, own):
                    return closing, f"{ISSUED}/{key_of(center)}/{form}/{name}"
        return None

    def _of(
        self, month: str, center: str, form: str
    ) -> Iterator[tuple[Entry, dict[str, bytes]]]:
        """The files of a cost centre in each version of *month*, with its closing."""
        kept = IssuedFiles(self.closed)
        seals = {one.seal: one for one in self.closed.register.closings}
        for one in (*self.closed.months, *self.closed.reversed):
            if one.manifest.month == month:
                files = kept.own_files(one, center, form) or {}
                yield seals[one.manifest.seal], files

    @property
    def _most_rows(self) -> int:
        """The rows of the largest file that was issued."""
        return max(
            (
                file.rows or 0
                for month in (*self.closed.months, *self.closed.reversed)
                for file in month.manifest.files.values()
            ),
            default=0,
        )
