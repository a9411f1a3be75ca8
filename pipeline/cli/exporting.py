"""What an export is of: the options of `chargeback export`, held to each other."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.options import WORDS
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.export import Selection

EXPORT: list[click.Parameter] = [
    click.Option(
        ["--format", "form"],
        type=click.Choice(["csv", "xlsx", "pdf", "focus", "journal"]),
        help="CSV files, a workbook, PDFs, FOCUS files, or ledger postings.",
    ),
    click.Option(
        ["--focus-version"],
        type=click.Choice(["1.0", "1.2", "1.4"]),
        help="The version of FOCUS files; 1.2 unless named.",
    ),
    click.Option(
        ["--by"],
        type=click.Choice(["day", "month"]),
        help="FOCUS: usage by the day, or by the month as it is issued.",
    ),
    click.Option(
        ["--layout"],
        type=click.Choice(["generic", "sap", "datev", "dynamics", "netsuite"]),
        help="Journal: as this ledger imports it, by the file of charge.ledger.",
    ),
    click.Option(
        ["--credit-notes"],
        is_flag=True,
        help="Journal: the last credit notes, instead of what stands.",
    ),
    click.Option(
        ["--marts"],
        is_flag=True,
        help="All marts as Parquet files, instead of the statements of a month.",
    ),
    click.Option(
        ["--schema"],
        is_flag=True,
        help="The data contract of all exports: columns, types, meanings, version.",
    ),
    click.Option(
        ["--out"],
        type=click.Path(path_type=Path),
        required=True,
        help="Where to: a folder for csv, pdf, focus and marts, else a file.",
    ),
    click.Option(["--cost-center"], type=WORDS, help="The statement of this one only."),
]


def selection(month: datetime | None, options: Mapping[str, Any]) -> "Selection | None":
    """The statements that are exported; None: the marts, or the data contract.

    Raises:
        ConfigError: Options are missing, or do not go together.
    """
    form = options["form"]
    for name in ("marts", "schema"):
        if options[name]:
            _check_alone(name, month, options)
            return None
    if month is None or form is None:
        missing = "MONTH" if month is None else "--format"
        raise ConfigError(
            f"export: {missing} is missing; write `chargeback export 2026-10 --format"
            " csv --out DIR`, or `chargeback export --marts --out DIR`"
        )
    from pipeline.export import GENERIC, Focus, Selection

    for name in ("focus_version", "by"):
        if form != "focus" and options[name] is not None:
            option = f"--{name.replace('_', '-')}"
            raise ConfigError(f"export: {option} is for --format focus")
    layout = options["layout"] or GENERIC
    _check_layout(form, options, is_generic=layout == GENERIC)
    focus = Focus(options["focus_version"] or "1.2", options["by"] or "day")
    return Selection(
        month.date(),
        form,
        options["cost_center"],
        focus=focus,
        layout=layout,
        is_mirror=options["credit_notes"],
    )


def _check_layout(form: str, options: Mapping[str, Any], *, is_generic: bool) -> None:
    if form != "journal" and (options["layout"] or options["credit_notes"]):
        name = "--layout" if options["layout"] else "--credit-notes"
        raise ConfigError(f"export: {name} is for --format journal")
    if options["credit_notes"] and is_generic:
        raise ConfigError(
            "export: --credit-notes needs a --layout beside it; the general layout has"
            " all documents"
        )


def _check_alone(
    alone: str, month: datetime | None, options: Mapping[str, Any]
) -> None:
    named = {
        "--schema": (alone == "marts" and options["schema"]) or None,
        "a month": month,
        "--format": options["form"],
        "--cost-center": options["cost_center"],
        "--focus-version": options["focus_version"],
        "--by": options["by"],
        "--layout": options["layout"],
        "--credit-notes": options["credit_notes"] or None,
    }
    for name, value in named.items():
        if value is not None:
            raise ConfigError(f"export: --{alone} and {name} do not go together")
