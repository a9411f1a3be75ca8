"""What an export asks the warehouse: a select of `sql/exports` each, row by row."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from itertools import chain
from typing import Any

import duckdb

from pipeline import formats, warehouse
from pipeline.config import Look
from pipeline.errors import CheckError
from pipeline.formats.language import ENGLISH, Language

Row = tuple[Any, ...]

_BATCH = 10_000
_DISPLAY = {"display_amount", "display_currency", "exchange_rate", "exchange_rate_from"}

# The parts that are of the month as a whole, and not of one document.
_OF_MONTH = {"documents", "focus_billing_period", "notes", "tie_out"}

_PLAIN = re.compile(r"[A-Za-z0-9.][A-Za-z0-9. -]{0,59}")
_ODD = re.compile(r"[^A-Za-z0-9.-]+")
_MONEY = re.compile(r"(?!exact_|display_)(.*_)?amount|budget.*|debit|credit|.*Cost")


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of an answer by name, and its rows as they come, to be read once."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: Iterator[Row]


@dataclass(frozen=True, slots=True)
class Scope:
    """What is exported: a month, of all cost centres or of one, in one currency.

    The *earlier* ones are of its versions that were reversed and of their credit notes.
    A *document*, such as a credit note, is alone in its files, which have its number.
    """

    connection: duckdb.DuckDBPyConnection
    month: date
    cost_center: str | None
    digits: int  # of the currency's minor unit
    has_display: bool = False  # whether a document has a second currency
    earlier: tuple["Scope", ...] = ()
    document: str | None = None
    focus: str = "1.2"  # the version of FOCUS
    language: Language = ENGLISH  # of a workbook
    look: Look = field(default_factory=Look)  # of it, too

    @property
    def stem(self) -> str:
        """What the names of files begin with; no two cost centres share it."""
        if self.document:
            return self.document
        return stem_of(self.month, self.cost_center)

    @property
    def parts(self) -> tuple[str, ...]:
        """The questions of which a statement consists; a tie-out is of all tenants."""
        own = ("statement", "statement_lines", "lines")
        documents = self.ask("documents")
        kind = documents.columns.index("kind")
        is_reversed = any(row[kind] == "credit note" for row in documents.rows)
        issued = ("documents",) if is_reversed else ()
        tied = ("tie_out",) if self.cost_center is None else ()
        # A document that is alone in its files has none.
        noted = () if self.document or not any(self.ask("notes").rows) else ("notes",)
        return (*own, *tied, *issued, *noted)

    def ask(self, name: str) -> Table:
        """The answer to *name* of what stands, to be read before the next is asked.

        Raises:
            PipelineError: The warehouse was made by another version.
        """
        answer = warehouse.ask(self.connection, f"exports/{name}")
        columns = warehouse.columns(answer)
        found = Table(tuple(columns), tuple(columns.values()), _batches(answer))
        return _rounded(found) if self.has_display else _without_display(found)

    def ask_part(self, name: str) -> Table:
        """The answer to *name*: of all documents, where it is about documents."""
        return self.ask(name) if name in _OF_MONTH else self.ask_all(name)

    def ask_all(self, name: str) -> Table:
        """The answer to *name* of all documents, in the order of their versions.

        Raises:
            PipelineError: The warehouse was made by another version.
        """
        last = self.ask(name)
        before = [one.ask(name).rows for one in self.earlier]
        return replace(last, rows=chain(*before, last.rows))

    def define(self, name: str) -> None:
        """Have the select *name* at hand as a view, for those that build on it."""
        create = f"create or replace temp view {name} as "
        for one in (*self.earlier, self):
            warehouse.ask(one.connection, f"exports/{name}", create=create)

    def share(self, name: str) -> None:
        """Have the rows that *name* has of what stands at hand in all, as a table."""
        create = f"create or replace temp table {name} as "
        warehouse.ask(self.connection, f"exports/{name}", create=create)
        found = self.connection.execute(f"select * from {name}")
        columns = warehouse.columns(found)
        rows = found.fetchall() if self.earlier else []
        described = ", ".join(f"{column} {dtype}" for column, dtype in columns.items())
        unnested = ", ".join(f"unnest(${n})" for n in range(1, len(columns) + 1))
        for one in self.earlier:
            one.connection.execute(f"create or replace temp table {name} ({described})")
            if rows:
                values = [list(values) for values in zip(*rows, strict=True)]
                one.connection.execute(f"insert into {name} select {unnested}", values)

    def verify(self, claim: str) -> None:
        """Hold each document to *claim*, whose rows are its exceptions.

        Raises:
            CheckError: It does not hold.
        """
        if row := next(self.ask_all(claim).rows, None):
            raise CheckError(
                f"{claim.replace('_', ' ')} failed for {self.month:%Y-%m}: {row}\n"
                "nothing was exported; report it if `chargeback build` does not help"
            )


def stem_of(month: date, cost_center: str | None = None) -> str:
    """What the names of files of *month* begin with; no two cost centres share it."""
    stem = f"chargeback-{month:%Y-%m}"
    if cost_center is None:
        return stem
    name = _ODD.sub("_", cost_center)
    if _PLAIN.fullmatch(cost_center):
        return f"{stem}-{name}"
    return f"{stem}-{name[:40]}-{sha256(cost_center.encode()).hexdigest()[:8]}"


def is_money(column: str) -> bool:
    """Whether *column* is an amount that is rounded to the currency's minor unit."""
    return _MONEY.fullmatch(column) is not None


def money(value: Decimal, digits: int) -> Decimal:
    """*value* with the minor digits of its currency, and with more if it has more."""
    rounded = round(value, digits)
    return rounded if rounded == value else value


def is_displayed(connection: duckdb.DuckDBPyConnection, month: date) -> bool:
    """Whether anything of *month* is shown, or was issued, in a second currency."""
    with warehouse.answering("the second currency"):
        rows = connection.execute(
            "select count(display_currency) from (select month, display_currency"
            " from marts.statement union all select month, display_currency"
            " from marts.issued_statements) where month = $1",
            [month],
        ).fetchall()
    return bool(rows[0][0])


def _without_display(table: Table) -> Table:
    """*table* without the columns of a second currency, where there is none."""
    kept = [n for n, name in enumerate(table.columns) if name not in _DISPLAY]
    if len(kept) == len(table.columns):
        return table
    return Table(
        tuple(table.columns[n] for n in kept),
        tuple(table.types[n] for n in kept),
        (tuple(row[n] for n in kept) for row in table.rows),
    )


def _rounded(table: Table) -> Table:
    """*table* with the minor digits of the second currency, which may differ by row."""
    if "display_amount" not in table.columns:
        return table
    amount = table.columns.index("display_amount")
    currency = table.columns.index("display_currency")

    def rows() -> Iterator[Row]:
        for row in table.rows:
            if row[amount] is None or row[currency] is None:
                yield row
                continue
            digits = formats.display_digits(row[currency])
            yield (*row[:amount], round(row[amount], digits), *row[amount + 1 :])

    return replace(table, rows=rows())


def _batches(answer: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    """Never more of them in memory than a batch."""
    while batch := answer.fetchmany(_BATCH):
        yield from batch
