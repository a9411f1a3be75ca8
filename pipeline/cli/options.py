"""Options that several commands have."""

import os
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from pipeline.config import DEFAULT_FILE
from pipeline.config.parts import Part
from pipeline.dates import EARLIEST_DAY, FARTHEST_DAY, is_plausible

_MINUTES = {"m": 1, "h": 60, "d": 24 * 60}
_MOST_MINUTES = 36_500 * 24 * 60
_VARIABLE = "CHARGEBACK_CONFIG"


class _Words(click.ParamType[str]):
    """A text that can be kept and shown: of whole characters, as UTF-8 has them."""

    name = "text"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """*value*, as it is."""
        try:
            str(value).encode()
        except UnicodeEncodeError:
            self.fail("is not UTF-8, which this command reads", param, ctx)
        return str(value)


WORDS = _Words()


class _Date(click.DateTime):
    """A day or month that can be meant."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """*value* at midnight."""
        moment: datetime = super().convert(value, param, ctx)
        if not is_plausible(moment.date()):
            years = f"{EARLIEST_DAY.year} to {FARTHEST_DAY.year - 1}"
            self.fail(f"{value!r} is not in the years {years}", param, ctx)
        return moment


DAY = _Date(["%Y-%m-%d"])
MONTH = _Date(["%Y-%m"])


def _named(
    ctx: click.Context, param: click.Parameter, value: Path | None
) -> Path | None:
    """The configuration that is named, with the home folder in place of a ~.

    An empty variable is an error: without it, another file would be taken.
    """
    if value is None and os.environ.get(_VARIABLE) == "":
        what = f"{_VARIABLE} is set, but empty; name a file, or unset it"
        raise click.BadParameter(what, ctx, param)
    try:
        return value and value.expanduser()
    except RuntimeError:
        raise click.BadParameter(
            f"{value}: its home folder is not known here", ctx, param
        ) from None


COMMON: list[click.Parameter] = [
    click.Option(
        ["--config"],
        type=click.Path(path_type=Path),
        envvar=_VARIABLE,
        callback=_named,
        help=f"The configuration; {DEFAULT_FILE} in this folder unless named.",
    ),
    click.Option(
        ["--quiet"],
        is_flag=True,
        help="Say only what went wrong, and nothing where all is well.",
    ),
    click.Option(
        ["--log-format"],
        type=click.Choice(["text", "json"]),
        default="text",
        help="How log lines are written.",
    ),
    click.Option(["--debug"], is_flag=True, help="Show where an error came from."),
]

RUN_OPTIONS: list[click.Parameter] = [
    click.Option(
        ["--as-of"],
        type=DAY,
        help="The day that counts as today, UTC; the days before it are complete.",
    ),
    click.Option(
        ["--since"],
        type=DAY,
        help="The first day to extract, or to extract again.",
    ),
    click.Option(
        ["--tenant", "tenants"],
        type=WORDS,
        multiple=True,
        help="Extract this tenant only.",
    ),
    click.Option(["--no-deliver"], is_flag=True, help="Send nothing to anybody."),
]

AS_OF = RUN_OPTIONS[0]


class _Part(click.ParamType[Part]):
    """A part of the tenants, such as `3/8`."""

    name = "part"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Part:
        """The part, whose number is not above their count."""
        found = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", str(value))
        number, count = (int(found[1]), int(found[2])) if found else (0, 0)
        if not 1 <= number <= count:
            self.fail(f"{value!r} is no part; write one like 3/8", param, ctx)
        return Part(number, count)


SHARD = click.Option(
    ["--shard"],
    type=_Part(),
    metavar="N/COUNT",
    help="Read the Nth of COUNT parts of the tenants; others read the other parts.",
)


class _Age(click.ParamType[timedelta]):
    """A span such as `26h`, `90m` or `2d`."""

    name = "age"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """The span, of a hundred years at most."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([0-9]{1,9})([mhd])", str(value))
        minutes = int(found[1]) * _MINUTES[found[2]] if found else 0
        if not 0 < minutes <= _MOST_MINUTES:
            self.fail(f"{value!r} is no age; write one like 26h, 90m or 2d", param, ctx)
        return timedelta(minutes=minutes)


STATUS: list[click.Parameter] = [
    click.Option(
        ["--max-age"],
        type=_Age(),
        default="26h",
        help="How long ago the last run may have ended: 26h, 90m, 2d.",
    ),
]

CLOSE: list[click.Parameter] = [
    click.Argument(["why"], type=WORDS, required=False, metavar="[REASON]"),
    click.Option(
        ["--reverse"],
        is_flag=True,
        help="Take MONTH and all closed months after it back, for a REASON.",
    ),
    click.Option(
        ["--accept-incomplete", "reason"],
        type=WORDS,
        metavar="REASON",
        help="Close the month although days are missing, and keep the reason.",
    ),
]


def limits(
    seconds: int | None = None, rows: int | None = None
) -> list[click.Parameter]:
    """How long a query may take, and how many rows it may answer: none unless named."""
    return [
        click.Option(
            ["--timeout"],
            type=click.IntRange(1, 86_400),
            default=seconds,
            show_default=seconds is not None,
            metavar="SECONDS",
            help="Give up after so many seconds.",
        ),
        click.Option(
            ["--max-rows"],
            type=click.IntRange(1, 10**9),
            default=rows,
            show_default=rows is not None,
            metavar="ROWS",
            help="Write the first rows only, and say so if there are more.",
        ),
    ]


def rows_as(*forms: str) -> click.Option:
    """How a command writes its rows: in one of *forms*, the first unless named."""
    return click.Option(
        ["--format", "form"],
        type=click.Choice(forms),
        default=forms[0],
        help="How the rows are written to standard output.",
    )
