"""The commands; those that only read are in a module of their own."""

import logging
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from pipeline.cli import clock, logs, reading, upkeep
from pipeline.cli.context import config_file, run_of
from pipeline.cli.options import (
    AS_OF,
    CLOSE,
    COMMON,
    DAY,
    MONTH,
    RUN_OPTIONS,
    SHARD,
    rows_as,
)
from pipeline.cli.outcome import outcome
from pipeline.config import DEFAULT_FILE
from pipeline.monitor import current

log = logging.getLogger(__name__)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("chargeback"))
def cli() -> None:
    """Who ran what on Qlik Automate, and what it costs."""


@cli.command(
    params=[
        click.Argument(["folder"], metavar="[DIR]", default=None, type=Path),
        click.Option(
            ["--system"],
            is_flag=True,
            help="Into /etc, /var/lib and /var/www, or below DIR.",
        ),
        *COMMON,
    ]
)
def init(*, folder: Path | None, system: bool, **options: Any) -> None:
    """Write a commented chargeback.toml and example CSV files; overwrite nothing."""
    from pipeline.cli.init import init
    from pipeline.cli.system import init_system

    logs.start(quiet=options["quiet"], form=options["log_format"])
    if system:
        logs.say(init_system(folder or Path("/")))
    else:
        logs.say(init(folder or Path()))


@cli.command(params=COMMON)
def doctor(**options: Any) -> None:
    """Check configuration, credentials, role, clock, disk, lock, files and mail."""
    from pipeline.doctor import diagnose

    quiet, form = options["quiet"], options["log_format"]
    logs.start(quiet=quiet, form=form)
    path = config_file(options) or Path(DEFAULT_FILE)
    sys.exit(diagnose(path, os.environ, clock.now(), quiet=quiet, form=form))


@cli.command(params=[*COMMON, *RUN_OPTIONS])
def run(**options: Any) -> None:
    """Extract, build, check, report, deliver: the nightly job."""
    from pipeline.cli.stages import all_stages

    with run_of(options, clock.now(), os.environ, "run") as one:
        all_stages(one, deliver=not options["no_deliver"])


@cli.command(params=[*COMMON, *RUN_OPTIONS, SHARD])
def extract(**options: Any) -> None:
    """Read the tenants into the lake."""
    from pipeline.extract import extract

    started = run_of(options, clock.now(), os.environ, "extract")
    with started as one, current().stage("extract"):
        if not one.tenants:
            log.info("part %s has no tenant: nothing to read", one.settings.part)
            return
        if failure := extract(one):
            raise failure


@cli.command(
    params=[
        *COMMON,
        *RUN_OPTIONS,
        click.Option(
            ["--full"],
            is_flag=True,
            help="Make all months anew, also those of which nothing changed.",
        ),
    ]
)
def build(**options: Any) -> None:
    """Build the warehouse from the lake, and check it."""
    from pipeline import nightly

    started = run_of(options, clock.now(), command="build")
    with started as one, current().stage("build"):
        nightly.build(replace(one, is_full=options["full"]))


@cli.command(params=[*COMMON, *RUN_OPTIONS])
def report(**options: Any) -> None:
    """Render the pages from the warehouse."""
    from pipeline import nightly

    with run_of(options, clock.now(), command="report") as one:
        with current().stage("report"):
            page = nightly.report(one)
        if not one.quiet:
            outcome().page = page


@cli.command(
    params=[
        *COMMON,
        *RUN_OPTIONS,
        click.Option(
            ["--dry-run"],
            metavar="DIR",
            type=click.Path(path_type=Path),
            help="Write the mails into this folder; send nothing, note nothing.",
        ),
    ]
)
def deliver(**options: Any) -> None:
    """Mail the statements that are due, and replace the marts, if configured.

    What was mailed is not sent again.
    """
    from pipeline import mail
    from pipeline.cli.stages import deliver_all

    dry_run = options["dry_run"]
    command = None if dry_run else "deliver"
    with run_of(options, clock.now(), os.environ, command) as one:
        if options["no_deliver"]:
            return
        if dry_run:
            mail.send(one, dry_run)
        else:
            deliver_all(one)


@cli.command(
    params=[
        click.Argument(["month"], type=MONTH, metavar="MONTH"),
        *CLOSE,
        *COMMON,
        AS_OF,
    ]
)
def close(
    month: datetime,
    why: str | None,
    reverse: bool,  # noqa: FBT001 (a flag of the command line)
    reason: str | None,
    **options: Any,
) -> None:
    """Freeze the statements of MONTH (like 2026-10): they change no more.

    With --reverse each of them gets a credit note, and the next close is version 2.
    """
    from pipeline import nightly
    from pipeline.cli.closing import checked

    words = checked(why, reason, reverse=reverse)
    command = "reverse" if reverse else "close"
    with run_of(options, clock.now(), command=command) as one:
        with current().stage(command):
            if reverse:
                lines = nightly.reverse(one, month.date(), words or "")
            else:
                lines = nightly.close(one, month.date(), words)
        done = "open again" if reverse else "closed"
        nothing = [f"{month:%Y-%m} is {done} already: nothing was changed"]
        logs.say("\n".join(nothing if lines is None else lines))
        # Also if nothing was changed: a kill may have kept pages from being written.
        with current().stage("report"):
            nightly.report(one)


@cli.command(
    params=[
        click.Argument(["month"], type=MONTH, metavar="MONTH"),
        rows_as("table", "csv", "json"),
        *COMMON,
        AS_OF,
    ]
)
def simulate(month: datetime, form: str, **options: Any) -> None:
    """Compare the ways to share an allowance on MONTH, like 2026-10; keep nothing."""
    from pipeline import nightly
    from pipeline.export.query import write

    with run_of(options, clock.now()) as one:
        write(nightly.simulate(one, month.date()), form)


@cli.command(
    params=[
        click.Option(
            ["--port"], type=click.IntRange(0, 65535), default=8765, help="Where."
        ),
        click.Option(["--as-of"], type=DAY, help="The tenant's today, UTC."),
        *COMMON,
    ]
)
def sandbox(port: int, as_of: datetime | None, **options: Any) -> None:
    """Serve the embedded sandbox tenant until it is stopped."""
    from pipeline.cli.trial import serve

    logs.start(quiet=options["quiet"], form=options["log_format"])
    now = clock.now()
    serve(port, as_of.replace(tzinfo=UTC) if as_of else now)


for command in (
    *(reading.query, reading.mcp, reading.export, reading.verify, reading.status),
    *(upkeep.alerts, upkeep.prune, upkeep.compact, upkeep.forget, reading.schema),
):
    cli.add_command(command)
