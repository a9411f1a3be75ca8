"""Commands, exit codes, and the clock: the only module that reads it."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from pipeline import logs
from pipeline.config import DEFAULT_FILE, Charge, Settings, TenantAccess, load
from pipeline.errors import ConfigError, PipelineError
from pipeline.files import locked
from pipeline.options import AS_OF, COMMON, DAY, MONTH, NIGHT

if TYPE_CHECKING:
    from pipeline.job import Job

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
    from pipeline.init import init

    logs.start(quiet=options["quiet"], form=options["log_format"])
    click.echo(init(folder))


@cli.command(params=COMMON)
def doctor(**options: Any) -> None:
    """Check configuration, credentials, role, clock, disk, lock, files and mail."""
    from pipeline.doctor import diagnose

    quiet, form = options["quiet"], options["log_format"]
    logs.start(quiet=quiet, form=form)
    path = _config_file(options) or Path(DEFAULT_FILE)
    sys.exit(diagnose(path, os.environ, datetime.now(UTC), quiet=quiet, form=form))


@cli.command(params=[*COMMON, *NIGHT])
def run(**options: Any) -> None:
    """Extract, build, check, report, deliver: the nightly job."""
    with _job(options) as job:
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
    with _job(options) as job:
        if failure := job.extract():
            raise failure


@cli.command(params=[*COMMON, *NIGHT])
def build(**options: Any) -> None:
    """Build the warehouse from the lake, and check it."""
    with _job(options) as job:
        job.build()


@cli.command(params=[*COMMON, *NIGHT])
def report(**options: Any) -> None:
    """Render the pages from the warehouse."""
    with _job(options) as job:
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
    with _job(options) as job:
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
    with _job({**options, "since": None, "tenants": ()}) as job:
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
    from pipeline.query import write

    with _job({**options, "since": None, "tenants": ()}) as job:
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
    from pipeline.query import query

    logs.start(quiet=options["quiet"], form=options["log_format"])
    query(_warehouse(options)[0], sql, form)


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
    data, charge = _warehouse(options)
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
    from pipeline.trial import serve

    logs.start(quiet=options["quiet"], form=options["log_format"])
    now = datetime.now(UTC)
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


@contextmanager
def _job(options: dict[str, Any]) -> "Iterator[Job]":
    """The night that the options describe, with the lock held."""
    logs.start(quiet=options["quiet"], form=options["log_format"])
    now = datetime.now(UTC)
    as_of = options["as_of"].date() if options["as_of"] else now.date()
    if as_of > now.date():
        raise ConfigError(f"--as-of {as_of} is in the future: today is {now:%Y-%m-%d}")
    since = options["since"].date() if options["since"] else None
    if since and since > as_of:
        raise ConfigError(f"--since {since} is after {as_of}, the last day")
    from pipeline.job import Job

    with _settings(options, as_of) as settings, locked(settings.data_dir):
        first_day = min(filter(None, (settings.first_day, since)), default=as_of)
        if first_day > as_of:
            raise ConfigError(f"first_day {first_day} is after {as_of}, the last day")
        tenants = _chosen(settings.tenants, options["tenants"])
        yield Job(
            settings,
            as_of,
            since,
            now,
            tenants,
            quiet=options["quiet"],
            form=options["log_format"],
        )


@contextmanager
def _settings(options: dict[str, Any], as_of: date) -> Iterator[Settings]:
    """The configured settings, or a trial's where nothing is configured."""
    if path := _config_file(options):
        yield load(path, os.environ)
        return
    from pipeline.trial import trial

    with trial(as_of, Path("data")) as settings:
        yield settings


def _warehouse(options: dict[str, Any]) -> tuple[Path, Charge]:
    """The warehouse that the options mean, or a trial's; what is set of charges."""
    path = _config_file(options)
    settings = load(path, os.environ) if path else Settings((), Path("data"))
    return settings.warehouse, settings.charge


def _config_file(options: dict[str, Any]) -> Path | None:
    """The file named, or the one in this folder if there is one."""
    named: Path | None = options["config"]
    default = Path(DEFAULT_FILE)
    return named or (default if default.exists() else None)


def _chosen(
    tenants: tuple[TenantAccess, ...], names: tuple[str, ...]
) -> tuple[TenantAccess, ...]:
    known = {tenant.name: tenant for tenant in tenants}
    if unknown := [name for name in names if name not in known]:
        raise ConfigError(
            f"--tenant {unknown[0]}: not configured; there is {', '.join(known)}"
        )
    return tuple(known[name] for name in names) or tenants
