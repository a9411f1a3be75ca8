"""Days of runs: the one that a run belongs to, and the one that it is kept on."""

from datetime import date

import polars as pl


def by_kept_day(runs: pl.DataFrame, first: date, *otherwise: str) -> pl.DataFrame:
    """*runs* that belong to *first* or later, with `created_date`, their lake day.

    A run belongs to the day of its start; before it has one, to that of its creation.
    One that was created before *first* is kept on *first*. The times *otherwise* count
    where a run has no other; where it has none at all, it stays, and its day is null.
    """
    later = ("scheduled_at", *otherwise)
    day = pl.coalesce("started_at", "created_at", *later).dt.date()
    created = pl.coalesce("created_at", "scheduled_at", "started_at", *otherwise)
    on = pl.max_horizontal(created.dt.date(), pl.lit(first))
    dated = runs.with_columns(
        created_date=pl.when(day.is_not_null()).then(on), _day=day
    )
    return dated.filter(pl.col("_day").is_null() | (pl.col("_day") >= first)).drop(
        "_day"
    )
