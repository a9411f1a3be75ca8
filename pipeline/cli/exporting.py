"""What an export is of: the options of `chargeback export`, held to each other."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.export import Selection


def selection(month: datetime | None, options: Mapping[str, Any]) -> "Selection | None":
    """The statements that are exported; None: the marts.

    Raises:
        ConfigError: Options are missing, or do not go together.
    """
    form = options["form"]
    if options["marts"]:
        _check_marts(month, options)
        return None
    if month is None or form is None:
        missing = "MONTH" if month is None else "--format"
        raise ConfigError(
            f"export: {missing} is missing; write `chargeback export 2026-10 --format"
            " csv --out DIR`, or `chargeback export --marts --out DIR`"
        )
    from pipeline.export import Focus, Selection

    for name in ("focus_version", "by"):
        if form != "focus" and options[name] is not None:
            option = f"--{name.replace('_', '-')}"
            raise ConfigError(f"export: {option} is for --format focus")
    focus = Focus(options["focus_version"] or "1.2", options["by"] or "day")
    return Selection(month.date(), form, options["cost_center"], focus=focus)


def _check_marts(month: datetime | None, options: Mapping[str, Any]) -> None:
    named = {
        "a month": month,
        "--format": options["form"],
        "--cost-center": options["cost_center"],
        "--focus-version": options["focus_version"],
        "--by": options["by"],
    }
    for name, value in named.items():
        if value is not None:
            raise ConfigError(f"export: --marts and {name} do not go together")
