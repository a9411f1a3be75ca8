"""The commands that only read what is there: no lock, no secret, no tenant."""

import os
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from pipeline.cli import clock, logs
from pipeline.cli.context import config_file, settings_of
from pipeline.cli.exporting import EXPORT, selection
from pipeline.cli.options import COMMON, MONTH, STATUS, WORDS, limits, rows_as
from pipeline.errors import ConfigError

_OF_TENANTS = click.Option(
    ["--tenants"], is_flag=True, help="Of a file in the folder of tenants."
)


_OF_LEDGER = click.Option(
    ["--ledger"], is_flag=True, help="Of the file that charge.ledger names."
)


@click.command(params=[_OF_TENANTS, _OF_LEDGER, *COMMON])
def schema(*, tenants: bool, ledger: bool, **options: Any) -> None:
    """Print the JSON Schema of chargeback.toml, for editors."""
    from pipeline.config.schema import schema, schema_of_ledger, schema_of_tenants

    logs.start(quiet=options["quiet"], form=options["log_format"])
    if tenants and ledger:
        raise ConfigError("schema: --tenants or --ledger, not both")
    other = schema_of_tenants if tenants else schema_of_ledger
    text = other() if tenants or ledger else schema()
    click.echo(text.decode(), nl=False)


@click.command(
    params=[
        click.Argument(["sql"], type=WORDS),
        rows_as("table", "csv", "json", "parquet"),
        *limits(),
        *COMMON,
    ]
)
def query(sql: str, form: str, **options: Any) -> None:
    """Ask the warehouse: chargeback query "from marts.statement"."""
    from pipeline.export.query import Question, query

    question = Question(sql, options["timeout"], options["max_rows"])
    query(settings_of(options).warehouse, question, form)


@click.command(params=[*limits(60, 1000), *COMMON])
def mcp(**options: Any) -> None:
    """Serve the warehouse to an agent, read only: MCP over standard input and output.

    It needs the package mcp: pip install 'chargeback[mcp]'.
    """
    from pipeline.cli.mcp import serve
    from pipeline.export.tools import Limits

    limited = Limits(options["timeout"], options["max_rows"])
    serve(settings_of(options).warehouse, limited)


@click.command(
    params=[
        click.Argument(["month"], type=MONTH, metavar="[MONTH]", required=False),
        *EXPORT,
        *COMMON,
    ]
)
def export(month: datetime | None, out: Path, **options: Any) -> None:
    """Write the statements of MONTH (like 2026-10) as files, and say which.

    With --marts, all marts as a folder of Parquet files instead; with --schema, what
    all these files hold.
    """
    from pipeline.build.documents import Past
    from pipeline.cli.marts import write_marts
    from pipeline.export import export
    from pipeline.export.contract import export_contract

    selected = selection(month, options)
    settings = settings_of(options)
    configured = config_file(options)
    kept = [configured] if configured else []
    if selected is None and options["schema"]:
        files = export_contract(settings.warehouse, out, [*settings.own, *kept])
    elif selected is None:
        files = write_marts(settings, out, kept)
    elif selected.form == "pdf":
        from pipeline.cli.pdfs import write_pdfs

        files = write_pdfs(settings, selected, out, [*settings.own, *kept])
    else:
        selected = replace(
            selected,
            charge=settings.charge,
            language=settings.report.language,
            look=settings.look,
        )
        past = Past.of(settings)
        files = export(settings.warehouse, selected, out, past, [*settings.own, *kept])
    logs.say("\n".join(map(str, files)))


@click.command(
    params=[
        click.Argument(["files"], nargs=-1, metavar="[FILE]...", type=Path),
        *COMMON,
    ]
)
def verify(files: tuple[Path, ...], **options: Any) -> None:
    """Hold what is kept to its hashes; or say whether each FILE was issued."""
    from pipeline.cli.lake import mirror_of
    from pipeline.cli.verify import verify

    settings = settings_of(options, os.environ)
    with mirror_of(settings) if not files else nullcontext():
        verify(settings, files)


@click.command(params=[rows_as("table", "json"), *STATUS, *COMMON])
def status(form: str, max_age: timedelta, **options: Any) -> None:
    """Show the last runs; exit 0 if the last one was good and is not too old.

    Otherwise with that run's exit code; with 1 if it was killed or is too old, or if
    there is none. While a run is at work, the one before it counts.
    """
    from pipeline.cli.status import status

    settings = settings_of(options)
    status(settings, clock.now(), max_age, form, quiet=options["quiet"])
