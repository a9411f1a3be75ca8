"""What an extraction shows: a bar for each tenant meanwhile, a table at the end."""

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.table import Column

from pipeline.extract import summary
from pipeline.extract.summary import Outcome
from pipeline.formats.plurals import counted
from pipeline.monitor import Listing, current

__all__ = ["Asked", "Counts", "Listings", "Outcome", "Progress", "Task", "start"]

log = logging.getLogger(__name__)

# The table's least width on a terminal: on a narrower one, figures are folded into the
# next line, not cut.
_TABLE_WIDTH = 80


@dataclass(slots=True)
class Counts:
    """Rows of a listing so far: those read, and those that they added or changed."""

    rows: int = 0
    new: int = 0
    changed: int = 0

    def keep(self, merged: "Merged") -> None:
        """Count what a merge did to a day of the lake."""
        self.new += merged.new
        self.changed += merged.changed


class Merged(Protocol):
    """How many rows of a day are new, and how many replaced another."""

    @property
    def new(self) -> int: ...
    @property
    def changed(self) -> int: ...


class Asked(Protocol):
    """A tenant, with the numbers of its requests and of its retries so far."""

    name: str
    requests_sent: int
    retries: int


class Task:
    """The bar of one tenant; any thread may move it."""

    def __init__(self, bars: Bars, tenant: str) -> None:
        self._bars = bars
        self._lock = Lock()
        self._requests = 0
        self._rows = 0
        self._began = time.monotonic()
        self._id: TaskID = bars.add_task("", total=None, tenant=tenant, asked="")

    def begin(self, source: str, total: int | None = None) -> None:
        """Show the next listing, of *total* steps if that is known."""
        with self._lock:
            self._bars.reset(self._id, description=source)
            bar = next(bar for bar in self._bars.tasks if bar.id == self._id)
            bar.total = total  # reset() would keep the former total for None

    def advance(self, steps: int = 1, *, rows: int = 0) -> None:
        """Show that *steps* more are done, which read *rows*."""
        with self._lock:
            self._rows += rows
            self._bars.update(self._id, advance=steps, asked=self._asked())

    def request(self) -> None:
        """Show that one more request was sent."""
        with self._lock:
            self._requests += 1
            self._bars.update(self._id, asked=self._asked())

    def hide(self) -> None:
        """Make room for the bars of others."""
        self._bars.update(self._id, visible=False)

    def _asked(self) -> str:
        minutes = max(time.monotonic() - self._began, 1) / 60
        rate = f"{self._requests / minutes:,.0f}/min"
        return f"{self._requests:,} requests  {rate}  {self._rows:,} rows"


@dataclass(frozen=True, slots=True)
class Listings:
    """The listings of one tenant: a bar while they are read, then an outcome each."""

    tenant: Asked
    task: Task | None = None
    outcomes: list[Outcome] = field(default_factory=list)

    @contextmanager
    def listing(self, source: str, steps: int | None = None) -> Iterator[Counts]:
        """Show, count and time the reading of one listing, of *steps* if known."""
        tenant, counts, began = self.tenant, Counts(), time.perf_counter()
        sent, retries = tenant.requests_sent, tenant.retries
        if self.task:
            self.task.begin(source, steps)
        yield counts
        listing = Listing(
            source=source,
            requests=tenant.requests_sent - sent,
            rows=counts.rows,
            new=counts.new,
            changed=counts.changed,
            retried=tenant.retries - retries,
            seconds=time.perf_counter() - began,
        )
        self.outcomes.append(Outcome(tenant.name, listing))
        current().listing(tenant.name, listing)
        log.info(
            "%s: %s, %s, %s, %d new, %d changed",
            *(tenant.name, source, counted(listing.requests, "request")),
            *(counted(listing.rows, "row"), listing.new, listing.changed),
        )

    def step(self, rows: int) -> None:
        """Show that one step of the listing is done, which read *rows*."""
        if self.task:
            self.task.advance(rows=rows)


class Progress:
    """The bars of all tenants, and the table at the end."""

    def __init__(self, bars: Bars, *, quiet: bool, form: str) -> None:
        self._bars = bars
        self._quiet = quiet
        self._form = form

    def tenant(self, name: str) -> Task:
        """The bar of tenant *name*."""
        return Task(self._bars, name)

    def summary(self, rows: Sequence[Outcome]) -> None:
        """Write the outcomes to standard error as a table, or as a line of JSON."""
        if self._quiet or not rows:
            return
        console = self._bars.console
        if self._form == "json":
            log.info(
                "extracted", extra={"fields": {"outcomes": [_fields(x) for x in rows]}}
            )
        elif console.is_terminal:
            console.width = max(console.width, _TABLE_WIDTH)
            console.print(summary.table(rows, console))
        else:
            summary.log_table(rows)


@contextmanager
def start(*, quiet: bool, form: str) -> Iterator[Progress]:
    """Show bars while the block runs, on a terminal and in text form only.

    Log lines appear above the bars, which are removed at the end.
    """
    console = Console(stderr=True, force_terminal=sys.stderr.isatty(), highlight=False)
    is_shown = console.is_terminal and not console.is_dumb_terminal
    bars = Bars(
        TextColumn("{task.fields[tenant]}", markup=False, table_column=_cut(20)),
        TextColumn("{task.description}", markup=False, table_column=_cut(12)),
        BarColumn(bar_width=None, table_column=Column(ratio=1, min_width=5)),
        MofNCompleteColumn(),
        TextColumn("{task.fields[asked]}", markup=False),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        redirect_stdout=False,
        expand=True,
        disable=quiet or form == "json" or not is_shown,
    )
    stream = sys.stderr
    with bars, _logging_to(sys.stderr, stream):
        yield Progress(bars, quiet=quiet, form=form)


def _cut(width: int) -> Column:
    return Column(no_wrap=True, overflow="ellipsis", max_width=width)


@contextmanager
def _logging_to(stream: object, former: object) -> Iterator[None]:
    """Send log lines to *stream*, which keeps them above the bars, not to *former*."""
    handlers = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is former
    ]
    for handler in handlers:
        handler.setStream(stream)
    try:
        yield
    finally:
        for handler in handlers:
            handler.setStream(former)


def _fields(outcome: Outcome) -> dict[str, object]:
    return {"tenant": outcome.tenant, **msgspec.structs.asdict(outcome.listing)}
