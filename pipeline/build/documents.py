"""What was reversed, as warehouses to export from: statements and credit notes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from operator import attrgetter
from pathlib import Path

import duckdb

from pipeline import finance, seeds, warehouse
from pipeline.build import frozen_rows, sources
from pipeline.build.issued import issued
from pipeline.closing import archive, credited
from pipeline.closing.archive import Archive, ClosedMonth
from pipeline.closing.issued import IssuedFiles
from pipeline.closing.register import Entry
from pipeline.config import Settings
from pipeline.export import Booked, Selection, document
from pipeline.export.variables import book
from pipeline.lake import tenants
from pipeline.resources import resource

# What exports read, each after those that it reads.
_MODELS = (
    "documents/charges.sql",
    "documents/statement.sql",
    "documents/usage_monthly.sql",
    "models/statements/statement_lines.sql",
    "models/statements/cost_center_rollup.sql",
    "models/closing/issued_statements.sql",
)
_FROZEN = ("raw_closed_charges", "raw_closed_statement", "raw_closed_labels")
_SEEDS = ("seed_meters", "seed_currencies")
_KINDS = ("statement", "credit note")

# The forms in which a credit note is issued.
_CREDIT_FORMS = ("csv", "xlsx", "journal")


@dataclass(frozen=True)
class Past:
    """What the files of a month need of what was closed, beside the warehouse.

    While a month *is_closing* there are no files yet in which it was issued.
    """

    root: Path
    load: Callable[[], Archive]
    is_closing: bool = False
    _made: dict[tuple[date, int, str], duckdb.DuckDBPyConnection] = field(
        default_factory=dict, compare=False
    )

    @classmethod
    def of(cls, settings: Settings) -> "Past":
        """What is closed under the names that tenants have today."""
        known = tenants.read(settings.lake)
        names = tenants.today(known, settings.renamed)
        return cls(settings.closed, lambda: archive.load(settings.closed, names))

    def files(
        self, month: date, center: str | None, form: str
    ) -> dict[str, bytes] | None:
        """The files in which *month* was issued, if it is closed and has such.

        Raises:
            CheckError: Something that is closed is not as it was.
        """
        if self.is_closing:
            return None
        return IssuedFiles(self._closed)(month, center, form)

    def booked_by(self, month: date) -> Booked | None:
        """The ledger and the accounts with which *month* was closed, if it is closed.

        Raises:
            CheckError: Something that is closed is not as it was.
        """
        if self.is_closing:
            return None
        last = IssuedFiles(self._closed).last(month)
        return last.booked_by if last else None

    def reversed(
        self, month: date, statements: Iterable[str]
    ) -> list[duckdb.DuckDBPyConnection]:
        """Warehouses of the versions of *month* whose *statements* were reversed.

        There are two of each: one of the statements, then one of their credit notes.

        Raises:
            CheckError: Something that is closed is not as it was.
        """
        selected = set(statements)
        versions: dict[int, list[ClosedMonth]] = {}
        for one in self._closed.reversed:
            names = {f"{of.number} v{of.version}" for of in one.manifest.statements}
            if one.month == month and names & selected:
                versions.setdefault(one.version, []).append(one)
        found = []
        for version, months in sorted(versions.items()):
            for kind in _KINDS:
                key = month, version, kind
                if key not in self._made:
                    made = document_warehouse(self._closed, months, kind)
                    self._made[key] = made
                found.append(self._made[key])
        return found

    def credited(self, month: date, center: str) -> dict[str, bytes]:
        """The files of a cost centre's credit notes, if *month* is open since.

        Raises:
            CheckError: Something that is closed is not as it was.
        """
        return credited.issued_last(self.root, self._closed.register, month, center)

    @cached_property
    def _closed(self) -> Archive:
        return self.load()


def credit_files(
    closed: Archive, reversal: Entry, settings: Settings
) -> dict[str, bytes]:
    """The files of the credit notes of a *reversal* that *closed* has in its register.

    Each credit note has a folder of its number.

    Raises:
        CheckError: The sums of a file are not those of its credit note.
    """
    tenant = closed.register.tenant(reversal)
    months = [
        one
        for one in (*closed.months, *closed.reversed)
        if (one.tenant, one.manifest.month, one.version)
        == (tenant, reversal.month, reversal.version)
    ]
    known = closed.register.entries
    own = tuple(one for one in known if closed.register.tenant(one) == tenant)
    of_tenant = replace(closed, register=replace(closed.register, entries=own))
    connection = document_warehouse(of_tenant, months, "credit note")
    like = (settings.charge, settings.report.language, settings.look)
    return {
        f"{one.number}/{name}": text
        for one in closed.register.issued_by(reversal)
        for form in _CREDIT_FORMS
        for name, text in document(
            connection,
            Selection(one.first_day, form, one.cost_center, *like),
            str(one.number),
        ).items()
    }


def document_warehouse(
    closed: Archive, months: list[ClosedMonth], kind: str
) -> duckdb.DuckDBPyConnection:
    """The statements of *months* as they were issued; or their credit notes, by *kind*.

    The months are one of several tenants, and none of them stands.
    """
    connection = warehouse.in_memory()
    connection.execute("set variable document_kind = $1", [kind])
    connection.execute(
        "set variable renamed = cast($1 as map(varchar, varchar))",
        [dict(closed.register.names)],
    )
    book(connection, next((one.booked_by for one in months), None))
    own = replace(closed, months=tuple(months))
    for name in _FROZEN:
        sources.frozen(connection, name, own)
    tables = {
        "raw_register": frozen_rows.documents(closed),
        "raw_closed_cost_centers": _centers(closed, months),
    }
    for name, rows in tables.items():
        table = f"{warehouse.SCHEMAS['raw']}.{name}"
        sources.create(connection, table, archive.TABLES[name])
        sources.fill(connection, table, rows)
    for name in _SEEDS:
        table = f"{warehouse.SCHEMAS['seeds']}.{name}"
        sources.create(connection, table, seeds.columns(name))
        sources.fill(connection, table, seeds.rows(name))
    table = "finance_cost_center_details"
    columns = finance.TABLES[table]
    sources.create(connection, f"{warehouse.SCHEMAS['finance']}.{table}", columns)
    for path in _MODELS:
        _make(connection, path)
    # What stands is in the warehouse; of these charges there is no table.
    connection.execute("update statement_lines set trace_query = null")
    return connection


def _make(connection: duckdb.DuckDBPyConnection, path: str) -> None:
    """Make a table, and prove what its header says; the register is of all months."""
    model = warehouse.parse(resource("sql") / path)
    connection.execute(f"create table {model.table} as {model.sql}")
    warehouse.prove_grain(connection, model)
    if model.folder != "closing":
        warehouse.prove_claims(connection, model)


def _centers(
    closed: Archive, months: Iterable[ClosedMonth]
) -> list[tuple[object, ...]]:
    """What the cost centres of *months* were called when these were closed."""
    every = sorted((*closed.months, *closed.reversed), key=attrgetter("month"))
    rows = []
    for one in months:
        before = [other for other in every if other.month < one.month]
        known = issued([*before, one]).rows()
        rows += [row for row in known if row[:2] == (one.tenant, one.month)]
    return rows
