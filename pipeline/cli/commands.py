"""Commands, exit codes, and the clock: the only module that reads it."""

import logging
import os
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn

import click

from pipeline.cli import logs
from pipeline.cli.context import config_file, job_of, warehouse_of
from pipeline.cli.options import AS_OF, COMMON, DAY, MONTH, NIGHT
from pipeline.config import DEFAULT_FILE
from pipeline.errors import ConfigError, PipelineError

log = logging.getLogger(__name__)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("chargeback"))
def cli() -> None:
    """Who ran what on Qlik Automate, and what it costs."""


@cli.command(
    params=[
        click.Argument(["folder"], metavar="[DIR]", default=".", type=Path),
        *COMMON,
    ]
)
def init(folder: Path, **options: Any) -> None:
    """Write a commented chargeback.toml and example CSV files; overwrite nothing."""
    from pipeline.cli.init import init

    logs.start(quiet=options["quiet"], form=options["log_format"])
    click.echo(init(folder))


@cli.command(params=COMMON)
def doctor(**options: Any) -> None:
    """Check configuration, credentials, role, clock, disk, lock, files and mail."""
    from pipeline.doctor import diagnose

    quiet, form = options["quiet"], options["log_format"]
    logs.start(quiet=quiet, form=form)
    path = config_file(options) or Path(DEFAULT_FILE)
    sys.exit(diagnose(path, os.environ, _now(), quiet=quiet, form=form))


@cli.command(params=[*COMMON, *NIGHT])
def run(**options: Any) -> None:
    """Extract, build, check, report, deliver: the nightly job."""
    with job_of(options, _now()) as job:
        failure = job.extract()
        job.build()
        click.echo(job.report())
        if failure:
            raise failure
        if not options["no_deliver"]:
            job.deliver()


@cli.command(params=[*COMMON, *NIGHT])
def extract(**options: Any) -> None:
    """Read the tenants into the lake."""
    with job_of(options, _now()) as job:
        if failure := job.extract():
            raise failure


@cli.command(params=[*COMMON, *NIGHT])
def build(**options: Any) -> None:
    """Build the warehouse from the lake, and check it."""
    with job_of(options, _now()) as job:
        job.build()


@cli.command(params=[*COMMON, *NIGHT])
def report(**options: Any) -> None:
    """Render the pages from the warehouse."""
    with job_of(options, _now()) as job:
        click.echo(job.report())


@cli.command(
    params=[
        *COMMON,
        *NIGHT,
        click.Option(
            ["--dry-run"],
            metavar="DIR",
            type=click.Path(path_type=Path),
            help="Write the mails into this folder; send nothing, note nothing.",
        ),
    ]
)
def deliver(**options: Any) -> None:
    """Mail the statements that are due; what was delivered is not sent again."""
    with job_of(options, _now()) as job:
        if not options["no_deliver"]:
            job.deliver(options["dry_run"])


@cli.command(
    params=[
        click.Argument(["month"], type=MONTH),
        click.Option(
            ["--accept-incomplete", "reason"],
            metavar="REASON",
            help="Close the month although days are missing, and keep the reason.",
        ),
        *COMMON,
        AS_OF,
    ]
)
def close(month: datetime, reason: str | None, **options: Any) -> None:
    """Freeze the statements of MONTH (like 2026-10): they change no more."""
    if reason is not None and not reason.strip():
        raise ConfigError("--accept-incomplete: say why, in words that can be kept")
    with job_of({**options, "since": None, "tenants": ()}, _now()) as job:
        closed = job.close(month.date(), reason)
        if closed is None:
            click.echo(f"{month:%Y-%m} is closed already: nothing was changed")
            return
        for line in closed:
            click.echo(line)
        job.report()


@cli.command(
    params=[
        click.Argument(["month"], type=MONTH, metavar="MONTH"),
        click.Option(
            ["--format", "form"],
            type=click.Choice(["table", "csv", "json"]),
            default="table",
            help="How the rows are written to standard output.",
        ),
        *COMMON,
        AS_OF,
    ]
)
def simulate(month: datetime, form: str, **options: Any) -> None:
    """Compare the ways to share an allowance on MONTH, like 2026-10; keep nothing."""
    from pipeline.export.query import write

    with job_of({**options, "since": None, "tenants": ()}, _now()) as job:
        write(job.simulate(month.date()), form)


@cli.command(
    params=[
        click.Argument(["sql"]),
        click.Option(
            ["--format", "form"],
            type=click.Choice(["table", "csv", "json", "parquet"]),
            default="table",
            help="How the rows are written to standard output.",
        ),
        *COMMON,
    ]
)
def query(sql: str, form: str, **options: Any) -> None:
    """Ask the warehouse: chargeback query "from marts.statement"."""
    from pipeline.export.query import query

    logs.start(quiet=options["quiet"], form=options["log_format"])
    query(warehouse_of(options)[0], sql, form)


@cli.command(
    params=[
        click.Argument(["month"], type=MONTH, metavar="MONTH"),
        click.Option(
            ["--format", "form"],
            type=click.Choice(["csv", "xlsx", "focus", "journal"]),
            required=True,
            help="CSV files, a workbook, FOCUS 1.2 files, or ledger postings.",
        ),
        click.Option(
            ["--out"],
            type=click.Path(path_type=Path),
            required=True,
            help="Where to: a folder for csv and focus, a file for xlsx and journal.",
        ),
        click.Option(["--cost-center"], help="The statement of this one only."),
        *COMMON,
    ]
)
def export(month: datetime, form: str, out: Path, **options: Any) -> None:
    """Write the statements of MONTH (like 2026-10) as files, and say which."""
    from pipeline.export import export

    logs.start(quiet=options["quiet"], form=options["log_format"])
    data, charge = warehouse_of(options)
    center = options["cost_center"]
    files = export(data, month.date(), form, out, center, charge=charge)
    click.echo("\n".join(map(str, files)))


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
    now = _now()
    serve(port, as_of.replace(tzinfo=UTC) if as_of else now)


def main() -> NoReturn:
    """Run a command; end in one of the contract's exit codes."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal or a log that knows no arrow gets its code instead of an error.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as exc:
        exc.show()
        sys.exit(ConfigError.exit_code)
    except click.Abort:
        sys.exit(_interrupted())
    except Exception as exc:  # noqa: BLE001 (told in a line, whatever it is)
        # DuckDB's own way to say that Ctrl-C was pressed.
        by_hand = isinstance(exc, RuntimeError) and str(exc) == "Query interrupted"
        sys.exit(_interrupted() if by_hand else _tell(exc))
    sys.exit(0)


def _now() -> datetime:
    return datetime.now(UTC)


def _interrupted() -> int:
    log.warning("interrupted; what was saved before is as it was")
    return 130


def _tell(exc: Exception) -> int:
    """Say what went wrong, with the way there if asked to; the exit code."""
    trace = exc if "--debug" in sys.argv else None
    if isinstance(exc, PipelineError):
        log.error("%s", exc, exc_info=trace)
        return exc.exit_code
    if isinstance(exc, OSError):
        what = f"{exc.filename or 'a file'}: {exc.strerror or exc}"
        log.error("%s\nwhat was saved before is as it was", what, exc_info=trace)
    else:
        what = f"unexpected {type(exc).__name__}: {exc}"
        log.error("%s\n--debug shows where; please report it", what, exc_info=trace)
    return PipelineError.exit_code
