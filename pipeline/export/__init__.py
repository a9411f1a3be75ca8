"""Marts → files for finance: the statements of a month as CSV, workbook or ledger."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Protocol

import duckdb

from pipeline import seeds, warehouse
from pipeline.config import Charge, Look
from pipeline.errors import ConfigError
from pipeline.export import asked, targets
from pipeline.export.csvs import csv_files
from pipeline.export.focus import focus_files
from pipeline.export.journal import journal_file
from pipeline.export.ledgers import ledger_file
from pipeline.export.scope import Scope, is_displayed, stem_of
from pipeline.export.variables import (
    GENERIC,
    Booked,
    book,
    ledger_of,
    ledger_variables,
    set_variables,
)
from pipeline.export.xlsx import xlsx_file
from pipeline.formats.language import language

__all__ = [
    "FORMS",
    "GENERIC",
    "Booked",
    "Focus",
    "Past",
    "Selection",
    "contents",
    "document",
    "export",
    "select",
    "stem_of",
]

_MAKERS = {
    "csv": csv_files,
    "xlsx": xlsx_file,
    "focus": focus_files,
    "journal": journal_file,
}
_FOLDERS = {"csv", "focus"}
FORMS = tuple(_MAKERS)

# Amounts are DECIMAL(30,3).
_THOUSANDTHS = 3


class Past(Protocol):
    """What was closed before: files that were issued, and what was reversed."""

    def files(
        self, month: date, center: str | None, form: str
    ) -> dict[str, bytes] | None:
        """The files of a cost centre, or of all (None), as they were issued, if any."""

    def booked_by(self, month: date) -> Booked | None:
        """The ledger and the accounts with which *month* was closed, if it is."""

    def reversed(
        self, month: date, statements: Sequence[str]
    ) -> Sequence[duckdb.DuckDBPyConnection]:
        """Warehouses of these *statements*, and of their credit notes, by version."""


@dataclass(frozen=True, slots=True)
class Focus:
    """The version of FOCUS; usage is *by* `day` or, as it is issued, by `month`."""

    version: str = "1.2"
    by: str = "month"


_AS_ISSUED = Focus()


@dataclass(frozen=True, slots=True)
class Selection:
    """The statements to export: of *month*, of one cost centre or of all (None).

    A cost centre may be named by its code. *form* is one of `FORMS`. Of *charge* the
    issuer and the accounts are used, *focus* where that is the form. A workbook speaks
    a *language* and has a *look*. A journal has a *layout*; one that a ledger imports
    has what stands, or the last credit notes.
    """

    month: date
    form: str
    cost_center: str | None = None
    charge: Charge = field(default_factory=Charge)
    language: str = "en"
    look: Look = field(default_factory=Look)
    focus: Focus = _AS_ISSUED
    layout: str = GENERIC
    is_mirror: bool = False

    @property
    def kept_as(self) -> str:
        """What the files are kept as, if they are issued: the form, and its layout."""
        return self.form if self.layout == GENERIC else f"{self.form}-{self.layout}"

    @property
    def is_issued(self) -> bool:
        """Whether a closed month keeps such files."""
        is_other = self.form == "focus" and self.focus != _AS_ISSUED
        return not is_other and not self.is_mirror


def export(
    database: Path,
    selection: Selection,
    out: Path,
    past: Past | None = None,
    kept: Sequence[Path] = (),
) -> list[Path]:
    """Write the selected statements to *out*; the files.

    Of a closed month they are those that were issued, as the *past* has them. Forms of
    several files make *out* a folder. All files are written beside their final paths
    before the first one is renamed. What is there is replaced if it is an earlier
    export; files and folders that are *kept* never are.

    Raises:
        ConfigError: There are no such statements, or *out* is a file where a folder
            is needed; or one would replace what is no export.
        PipelineError: The warehouse cannot be read, or *out* cannot be written.
    """
    form = selection.form
    if form in _FOLDERS and out.exists() and not out.is_dir():
        raise ConfigError(
            f"--out {out}: a file; {form} needs a folder, to write several"
        )
    with warehouse.read(database) as connection:
        files = contents(connection, selection, past)
    is_folder = form in _FOLDERS or out.is_dir()
    paths = {out / name if is_folder else out: text for name, text in files.items()}
    targets.replace(paths, kept, out)
    return list(paths)


def contents(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    past: Past | None = None,
) -> dict[str, bytes]:
    """The files of the selected statements, by name; of a closed month those issued.

    Without a *past* they have nothing of what was reversed but its list.

    Raises:
        ConfigError: There are no such statements.
        CheckError: The sums of the export are not those of the statements.
        PipelineError: The warehouse was made by another version.
    """
    month = selection.month
    cost_center = asked.on_statements(connection, selection.cost_center)
    digits = seeds.minor_digits(asked.currency_of(connection, month, cost_center))
    is_closed = asked.is_closed(connection, month)
    issued = past if is_closed and selection.is_issued else None
    if issued and (files := issued.files(month, cost_center, selection.kept_as)):
        return files
    is_frozen = past and is_closed and selection.form == "journal"
    book(connection, past.booked_by(month) if past and is_frozen else None)
    names = asked.reversed_statements(connection, month) if past else []
    connections = [*(past.reversed(month, names) if past and names else ()), connection]
    owners = {"export_owners": asked.owners(connection)}
    for one in connections:
        select(one, selection, cost_center, digits)
        set_variables(one, owners)
    has_display = is_displayed(connection, month)
    version, said = selection.focus.version, language(selection.language)
    of = (month, cost_center, digits, has_display)
    *earlier, scope = (
        Scope(one, *of, focus=version, language=said, look=selection.look)
        for one in connections
    )
    if selection.layout == GENERIC:
        return _MAKERS[selection.form](replace(scope, earlier=tuple(earlier)))
    return _ledger_file(scope, earlier, selection)


def _ledger_file(
    scope: Scope, earlier: Sequence[Scope], selection: Selection
) -> dict[str, bytes]:
    """What a ledger imports: documents of one event, which are booked once."""
    if selection.is_mirror:
        if not earlier:
            raise ConfigError(
                f"{selection.month:%Y-%m}: was never reversed, and has no credit notes"
            )
        scope = earlier[-1]  # of the last version that was reversed
    ledger = ledger_of(scope.connection, selection.charge, selection.layout)
    return ledger_file(scope, selection.layout, ledger)


def document(
    connection: duckdb.DuckDBPyConnection, selection: Selection, number: str
) -> dict[str, bytes]:
    """The files of the selected document, which has this *number*, by name.

    The warehouse is one of documents of its kind.

    Raises:
        CheckError: The sums of the files are not those of the document.
    """
    month, center = selection.month, selection.cost_center
    digits = seeds.minor_digits(asked.currency_of(connection, month, center))
    select(connection, selection, center, digits)
    has_display = is_displayed(connection, month)
    said = language(selection.language)
    of = (connection, month, center, digits, has_display)
    scope = Scope(*of, document=number, language=said, look=selection.look)
    return _MAKERS[selection.form](scope)


def select(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    cost_center: str | None,
    digits: int,
) -> None:
    """Say what is exported, for the selects of `sql/exports`."""
    charge = selection.charge
    variables = {
        "export_month": selection.month,
        "export_cost_center": cost_center,
        "export_thousandths_per_minor": 10 ** (_THOUSANDTHS - digits),
        "export_issuer": charge.issuer,
        "export_contact": charge.contact,
        "export_focus_version": selection.focus.version,
        "export_by": selection.focus.by,
    }
    if selection.form == "journal":
        keys = ledger_of(connection, charge, selection.layout)
        variables |= ledger_variables(keys)
    set_variables(connection, variables)
