"""Models by month: each tenant-month made once, and again only when its input changed.

What is made is kept in files that never change, `data/build/<model>/tenant=…/month=…/`,
named by a hash of all that goes in. docs/architecture.md says what that is.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import duckdb

from pipeline import seeds, warehouse
from pipeline.build.by_month import lake_files, slices
from pipeline.build.by_month.engine import Engine
from pipeline.build.by_month.facts import Facts
from pipeline.build.by_month.kept import Kept
from pipeline.build.by_month.keys import Keys
from pipeline.build.by_month.lake_files import LakeFiles
from pipeline.config import Run, Settings
from pipeline.errors import CheckError
from pipeline.lake import present
from pipeline.warehouse import Model

# A lake of fewer bytes is made anew in less time than files are kept and looked for.
WORTH_KEEPING = 20 * 2**20

# What no model makes: the lake, closed months, finance files.
_GIVEN = ("raw_", "finance_")

# So long it is kept for who reads a warehouse of before.
_UNUSED_DAYS = 7


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes models in order; without anything *kept*, all of them anew."""

    connection: duckdb.DuckDBPyConnection
    kept: Kept | None = None

    def make(self, models: Sequence[Model]) -> None:
        """Make *models*, of which each is after those that it reads.

        Raises:
            CheckError: A model's grain or claim does not hold.
            PipelineError: A model fails on what it reads, or a file cannot be read.
        """
        if self.kept is None:
            warehouse.make(self.connection, models)
            return
        ordered = sorted(models, key=_place)
        for is_by_month, group in groupby(ordered, key=lambda one: bool(one.month_of)):
            if is_by_month:
                for model in group:
                    self.kept.make(model)
            else:
                warehouse.make(self.connection, list(group))
        self.kept.facts.save()

    def keep(self, checks: Sequence[Model]) -> None:
        """Make those of *checks* that are by month, if anything is kept.

        Their rows are the exceptions. A month that did not change is not checked again.

        Raises:
            PipelineError: A check fails on what it reads, or a file cannot be read.
        """
        if self.kept is None:
            return
        there = self.kept.models.keys() | {*seeds.TABLES}
        for one in checks:
            made = {name for name in one.reads if not name.startswith(_GIVEN)}
            if one.month_of and made <= there:
                self.kept.make(one)
        self.kept.facts.save()


def upstream(models: Sequence[Model], names: Collection[str]) -> set[str]:
    """*names* and those of *models* that they need, or that say what months see."""
    found: set[str] = set()
    needed = {*names}
    while needed - found:
        found = warehouse.upstream(models, needed)
        read = slices.read_for(one for one in models if one.name in found)
        needed = found | (read & {one.name for one in models})
    return found


def _place(model: Model) -> int:
    """Where *model* is made: staging first, and what a month looks up in it next."""
    if model.folder == "staging":
        return 0
    is_of_staging = all(name.startswith("stg_") for name in model.needs)
    return 1 if model.month_of and is_of_staging else 2


def maker(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    models: Sequence[Model],
    engine: Engine | None = None,
) -> Maker:
    """What makes *models*; those by month out of what is kept, where they can be.

    An *engine* makes the months that are lacking; without one DuckDB does.

    Raises:
        PipelineError: A file of the lake cannot be read.
    """
    tables = lake_files.tables_of(models)
    if not engine and lake_files.size(run.settings, tables) < WORTH_KEEPING:
        return Maker(connection)
    facts = Facts.read(run.settings.build, run.now.date())
    if run.is_full:
        facts.forget()
    lake = LakeFiles.read(connection, run.settings, tables)
    keys = Keys(connection, run, lake, present.first_days(run.settings))
    named = {one.name: one for one in models}
    return Maker(connection, Kept(connection, keys, facts, named, engine))


def clean(run: Run) -> None:
    """Remove what is kept of models by month, and was not used for some days."""
    if run.settings.build.exists():
        Facts.read(run.settings.build, run.now.date()).clean(_UNUSED_DAYS)


def verify(settings: Settings) -> int:
    """Hold what is kept of models by month to its hashes; how many files that are.

    Raises:
        CheckError: A file is not as it was made.
    """
    facts = Facts.read(settings.build, date.min)
    for path in facts.changed():
        raise CheckError(
            f"{path}: not as it was made\n"
            "run `chargeback build --full`, which makes it anew"
        )
    return len(facts.known)
