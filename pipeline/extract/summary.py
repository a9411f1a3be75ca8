"""The table at the end of an extraction: what was read, by tenant and listing."""

import logging
from collections.abc import Sequence
from io import StringIO
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table

from pipeline.monitor.records import Listing

log = logging.getLogger(__name__)

# The table's width in a file.
_FILE_WIDTH = 200


class Outcome(NamedTuple):
    """What was read of one listing of a tenant."""

    tenant: str
    listing: Listing


def table(rows: Sequence[Outcome], console: Console) -> Table:
    """A row for each outcome, with lines around them on a terminal."""
    shown = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for name in ("tenant", "listing"):
        shown.add_column(name, overflow="fold")
    for name in ("asked", "read", "new", "changed", "retried", "seconds"):
        shown.add_column(name, justify="right", no_wrap=True)
    for tenant, one in rows:
        counts = (one.requests, one.rows, one.new, one.changed, one.retried)
        numbers = (*(f"{count:,}" for count in counts), f"{one.seconds:,.1f}")
        shown.add_row(tenant, one.source, *numbers)
    return shown


def log_table(rows: Sequence[Outcome]) -> None:
    """Log the table, a line each: in a file, every line has its time and its run."""
    console = Console(file=StringIO(), width=_FILE_WIDTH, highlight=False)
    with console.capture() as written:
        console.print(table(rows, console))
    for line in written.get().splitlines():
        log.info("%s", line.rstrip())
