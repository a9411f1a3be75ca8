"""Who ran what: the listed runs of those automations that have something new."""

import logging
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from datetime import date, datetime
from operator import attrgetter

import polars as pl

from pipeline.endpoints import RUNS, Run, parse_time
from pipeline.errors import TenantError
from pipeline.extract.extraction import Extraction
from pipeline.extract.progress import Counts
from pipeline.extract.selection import Since, select_runs, short_of_metered
from pipeline.extract.workers import side_by_side
from pipeline.tenant import BadRequestError, NotFoundError, Tenant

log = logging.getLogger(__name__)

_THIRD_PARTY = "billable eq true"

# With more automations than this in trouble (or a tenth of those asked), it is the
# tenant that is in trouble: the rest would fail one by one, each after all retries.
_FEW = 10

_MORE_PASSES = 3

_START = attrgetter("start_time")

_BATCH_RUNS = 10_000

# An automation and its runs, as columns whose times are not read yet.
Listed = tuple[str, pl.DataFrame]


def read_runs(
    extraction: Extraction,
    automations: pl.DataFrame,
    changed: set[str],
    *,
    behind: bool,
) -> None:
    """Keep the runs that started since they were last read, and note what is missing.

    Raises:
        TenantError: So many automations failed that the tenant must be in trouble.
    """
    first = extraction.first_day(RUNS.table, extraction.days_listed)
    days = extraction.due(RUNS.table, first)
    since = select_runs(extraction, automations, changed, days, behind=behind)
    with extraction.listings.listing("runs", len(since)) as counts:
        reader = RunReader(extraction.tenant)
        _read(extraction, reader, since, counts)
        there = set(automations["automation_id"])
        ended = [day for day in days if day < extraction.run.as_of]
        _read_again(extraction, reader, ended, counts, there)
    if len(lost := reader.gone & there) > _few_of(since):
        raise TenantError(
            f"tenant {extraction.tenant.name}: {len(lost)} automations are listed, but"
            " their runs are not there (404)\nothers were kept; run again later"
        )
    extraction.cover(RUNS.table, days, tuple(extraction.failures))


def _read_again(
    extraction: Extraction,
    reader: "RunReader",
    days: list[date],
    counts: Counts,
    there: set[str],
) -> None:
    """List again what is short of what is metered, as long as that finds something.

    A row slips between two pages if others come or go while these are read; and an
    automation that was *there* a moment ago is gone only if it is said twice.
    """
    short = short_of_metered(extraction, days)
    for _ in range(_MORE_PASSES):
        lost = extraction.failures.keys() | (reader.gone - there)
        asked = {name: short[name] for name in short.keys() - lost}
        if not asked:
            return
        _read(extraction, reader, asked, counts)
        before, short = short, short_of_metered(extraction, days)
        if short == before:
            return


def _read(
    extraction: Extraction, reader: "RunReader", since: Since, counts: Counts
) -> None:
    """List the runs of each automation, and keep them."""
    name = extraction.tenant.name
    with extraction.lake.spool(RUNS.table, name) as spool:
        listed = _listed(extraction, reader, since)
        try:
            for runs in _batches(listed):
                rows = _framed(extraction, runs)
                counts.rows += rows.height
                spool.add(rows)
        finally:
            listed.close()
            # Whatever ended the reading, what was read is kept.
            for day, rows in spool.days():
                counts.keep(extraction.lake.merge(RUNS.table, name, day, rows))
    if reader.gave_up:
        raise reader.gave_up


def _listed(
    extraction: Extraction, reader: "RunReader", since: Since
) -> Generator[Listed, None, None]:
    """One automation after the other with its runs; who fails is noted, a few may."""
    ask = side_by_side(lambda name: reader.read(name, since[name]), sorted(since))
    with closing(ask) as answers:
        for name, answer in answers:
            try:
                runs = answer.result()
            except TenantError as exc:
                _fail(extraction, name, exc)
                if len(extraction.failures) > _few_of(since):
                    reader.gave_up = exc
                    return
                continue
            extraction.listings.step(runs.height)
            yield name, runs


def _few_of(since: Since) -> int:
    return max(_FEW, len(since) // 10)


def _fail(extraction: Extraction, name: str, exc: TenantError) -> None:
    log.warning("%s", exc)
    extraction.quarantine(exc)
    extraction.failures[name] = exc


def _batches(listed: Iterable[Listed]) -> Iterator[list[Listed]]:
    """Some thousand runs at a time: few large columns cost less than many small."""
    batch: list[Listed] = []
    height = 0
    for name, runs in listed:
        batch.append((name, runs))
        height += runs.height
        if height >= _BATCH_RUNS:
            yield batch
            batch, height = [], 0
    if batch:
        yield batch


def _framed(extraction: Extraction, batch: list[Listed]) -> pl.DataFrame:
    """Runs of several automations, with the day that each was created on.

    An automation that has no such rows is left out, a run without any time too.
    """
    try:
        rows = RUNS.rows(pl.concat([runs for _, runs in batch]))
    except TenantError:
        rows = pl.concat([RUNS.frame([]), *_one_by_one(extraction, batch)])
    first_known = pl.coalesce("created_at", "scheduled_at", "started_at", "updated_at")
    dated = rows.select(*RUNS.table.columns, created_date=first_known.dt.date())
    timeless = dated.filter(pl.col("created_date").is_null())
    for name, run_id in timeless.select("automation_id", "run_id").iter_rows():
        where = f"tenant {extraction.tenant.name}: run {run_id!r} of {name}"
        error = TenantError(f"{where} has no time at all\nall others were kept")
        _fail(extraction, name, error)
    return dated.drop_nulls("created_date")


def _one_by_one(extraction: Extraction, batch: list[Listed]) -> Iterator[pl.DataFrame]:
    for name, runs in batch:
        try:
            yield extraction.tenant.rows(RUNS, runs, name)
        except TenantError as exc:
            _fail(extraction, name, exc)


class RunReader:
    """Lists runs of automations, and remembers what the tenant refuses to filter.

    *gone* are the automations that are not there any more; *gave_up* is the failure
    after which no more were asked for.
    """

    def __init__(self, tenant: Tenant) -> None:
        self.gone: set[str] = set()
        self.gave_up: TenantError | None = None
        self._tenant = tenant
        self._filter_refused = False

    def read(self, automation_id: str, since: datetime) -> pl.DataFrame:
        """Texts of one automation's runs, the latest first, until one before *since*.

        Sorting and stopping needs no filter on `startTime`, which a tenant may refuse.
        An answer without `billable` is asked for again, filtered by it; where that is
        refused, it stays unknown which runs are third-party ones.
        """
        try:
            runs = self._until(automation_id, since, {})
            if runs["billable"].has_nulls() and not self._filter_refused:
                runs = self._tell_billable(automation_id, since, runs)
        except NotFoundError:
            self.gone.add(automation_id)
            return RUNS.texts([])
        return runs

    def _until(
        self, automation_id: str, since: datetime, params: dict[str, str]
    ) -> pl.DataFrame:
        asked = {"sort": "-startTime", **params}
        pages = self._tenant.records(RUNS, automation_id, asked)
        return RUNS.texts(_from(pages, since), automation_id)

    def _tell_billable(
        self, automation_id: str, since: datetime, runs: pl.DataFrame
    ) -> pl.DataFrame:
        try:
            third = self._until(automation_id, since, {"filter": _THIRD_PARTY})
        except BadRequestError as exc:
            self._filter_refused = True
            log.warning("%s; third-party runs stay unknown", str(exc).split("\n")[0])
            return runs
        told = pl.col("run_id").is_in(third["run_id"].to_list())
        return runs.with_columns(pl.col("billable").fill_null(told))


def _from(pages: Iterable[list[Run]], since: datetime) -> Iterator[list[Run]]:
    """Pages of runs, the latest first, up to the one with a run from before *since*."""
    for page in pages:
        yield page
        if _begins_before(page, since):
            return


def _begins_before(page: list[Run], since: datetime) -> bool:
    """Whether a run of *page* started before *since*; what is no time is told later."""
    begins = min(filter(None, map(_START, page)), default=None)
    try:
        return begins is not None and parse_time(begins) < since
    except ValueError:
        return False
