"""The commands that look after what is kept: `alerts`, `prune`, `compact`, `forget`."""

import os
from typing import Any

import click

from pipeline.cli import clock, logs
from pipeline.cli.context import run_of
from pipeline.cli.options import AS_OF, COMMON, WORDS


@click.command(
    params=[
        click.Option(
            ["--dry-run"],
            is_flag=True,
            help="Say what would be sent, and to whom; send nothing.",
        ),
        *COMMON,
        AS_OF,
    ]
)
def alerts(*, dry_run: bool, **options: Any) -> None:
    """Send the alerts that wait, for the end of quiet hours or for a server.

    That no run has begun for too long is one of them.
    """
    from pipeline.mail import alerts

    with run_of(options, clock.now(), os.environ) as one:
        if dry_run:
            logs.say("\n".join(alerts.shown(one.settings, one.now)))
        else:
            alerts.send_pending(one.settings, one.now)


@click.command(
    params=[
        click.Option(
            ["--dry-run"],
            is_flag=True,
            help="Say what would be removed; remove nothing.",
        ),
        *COMMON,
        AS_OF,
    ]
)
def prune(*, dry_run: bool, **options: Any) -> None:
    """Remove what is older than the retention and no figure needs; say what."""
    from pipeline.upkeep import prune

    with run_of(options, clock.now()) as run:
        for line in prune(run, dry_run=dry_run):
            logs.say(line)


@click.command(params=[*COMMON, AS_OF])
def compact(**options: Any) -> None:
    """Put old, complete months of the lake into one file each; no figure changes."""
    from pipeline.build.lake_check import check_lake
    from pipeline.upkeep import compact

    with run_of(options, clock.now()) as run:
        check_lake(run.settings, is_locked=True)
        lines = compact(run)
        logs.say("\n".join(lines) or "no old, complete month is in files of days")


@click.command(params=[click.Argument(["user"], type=WORDS), *COMMON, AS_OF])
def forget(user: str, **options: Any) -> None:
    """Take the name and address of USER out of everything; amounts stay.

    USER is an id, an address or a name. In closed months a pseudonym takes its place,
    and the register says in which files.
    """
    from pipeline.upkeep import forget

    with run_of(options, clock.now()) as run:
        for line in forget(run, user):
            logs.say(line)
