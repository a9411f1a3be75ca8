"""Runs that are set aside: the others are kept, and their day says what is missing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl

from pipeline.endpoints import RUNS
from pipeline.extract.extraction import Extraction
from pipeline.tenant import Found, InvalidPageError, as_word, invalid_rows

# Whether the id of a run is not one word, as ids are: what Python takes for a blank.
HAS_BLANK = pl.col("run_id").str.contains(r"[\s\x1c-\x1f]")


def leave_out_rows(extraction: Extraction, rows: pl.DataFrame) -> None:
    """Quarantine *rows* of runs: their id, or a time, is none or is not there."""
    for one in rows.partition_by("automation_id", maintain_order=True):
        what = _oddity(one)
        name, run_id = one.select("automation_id", "run_id").row(0)
        exc = invalid_rows(
            extraction.tenant,
            f"runs of {name}",
            f"run {run_id!r} of {name} has {what}",
            one.select("run_id", "automation_id", "status", "created_date"),
            Found(
                tuple(map(as_word, one["run_id"])),
                frozenset(one["created_date"]),
                one.height,
            ),
        )
        leave_out(extraction, name, exc)


def _oddity(rows: pl.DataFrame) -> str:
    """What is odd about the first of *rows*."""
    if rows.select(HAS_BLANK).item(0, 0):
        return "an id that is not one word"
    is_dated = rows["created_date"][0] is not None
    return "a time that is none" if is_dated else "no time at all"


def leave_out(
    extraction: Extraction, automation_id: str, exc: InvalidPageError
) -> None:
    """Set runs of an automation aside; its runs of their days will be read again."""
    extraction.leave_out(exc)
    extraction.odd_runs.setdefault(automation_id, set()).update(exc.invalid.days)


def cover(extraction: Extraction, due: Iterable[date]) -> None:
    """Record that the runs of the days that are *due* were read, and what is missing.

    Missing are automations, since that is what can be asked for again.
    """
    missing: dict[date, set[str]] = {day: set(extraction.failures) for day in due}
    for day, names in _of_their_days(extraction, missing).items():
        missing.setdefault(day, set()).update(names)
    days_missing: dict[frozenset[str], list[date]] = defaultdict(list)
    for day, some in missing.items():
        days_missing[frozenset(some)].append(day)
    for together, days in days_missing.items():
        extraction.cover(RUNS.table, days, tuple(together))


def _of_their_days(
    extraction: Extraction, due: Mapping[date, object]
) -> dict[date, set[str]]:
    """The automations by the days that their odd runs are of.

    A run without a day may be of any that is due. Later it is of the days on which it
    was missing first: a run that stays odd must not spoil each new day.
    """
    covered = extraction.coverage(RUNS.table)
    names: dict[date, set[str]] = defaultdict(set)
    for name, days in extraction.odd_runs.items():
        is_missing = pl.col("missing").str.split(" ").list.contains(as_word(name))
        before = set(covered.filter(is_missing)["date"])
        known = {day for day in days if day in due or day in set(covered["date"])}
        if None in days:
            known |= before or set(due)
        for day in known:
            if day is not None:
                names[day].add(name)
    return names
