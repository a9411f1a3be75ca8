"""The listed runs of those automations that run selection names."""

import logging
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from datetime import date, datetime
from operator import attrgetter

import polars as pl

from pipeline.dates import DAY
from pipeline.endpoints import RUNS, Run, plausible_time
from pipeline.errors import TenantError
from pipeline.extract import odd_runs
from pipeline.extract.days import by_kept_day
from pipeline.extract.extraction import Extraction
from pipeline.extract.progress import Counts
from pipeline.extract.selection import Since, provable, select_runs, short_of_metered
from pipeline.extract.workers import side_by_side
from pipeline.tenant import BadRequestError, InvalidPageError, NotFoundError, Tenant

log = logging.getLogger(__name__)

_THIRD_PARTY = "billable eq true"

# If more automations fail than this, or than a tenth of those selected, the tenant
# fails: the others would too, each after all retries.
_FEW = 10

_MORE_PASSES = 3

_START = attrgetter("start_time")

_BATCH_RUNS = 10_000

# An automation and the raw columns of its runs.
Listed = tuple[str, pl.DataFrame]


def read_runs(
    extraction: Extraction,
    automations: pl.DataFrame,
    changed: set[str],
    *,
    behind: bool,
) -> None:
    """Keep the runs that started since runs were last read; cover the days due.

    Raises:
        TenantError: So many automations failed that the cause must be the tenant.
    """
    first = max(extraction.first_kept_day, extraction.first_listed_day)
    days = extraction.due(RUNS.table, first)
    since = select_runs(extraction, automations, changed, days, behind=behind)
    with extraction.listings.listing("runs", len(since)) as counts:
        reader = RunReader(extraction.tenant)
        _read(extraction, reader, since, counts)
        listed = set(automations["automation_id"])
        ended = [day for day in days if day < extraction.run.as_of]
        _read_again(extraction, reader, ended, counts, listed)
    if len(lost := reader.not_found & listed) > _few_of(since):
        raise TenantError(
            f"tenant {extraction.tenant.name}: {len(lost)} automations are listed, but"
            " their runs are not there (404)\nothers were kept; run again later"
        )
    odd_runs.cover(extraction, provable(extraction, days))


def _read_again(
    extraction: Extraction,
    reader: "RunReader",
    days: list[date],
    counts: Counts,
    listed: set[str],
) -> None:
    """List automations again that are short of runs, until nothing more is found.

    A row slips between two pages if others are added or deleted while these are read.
    An automation that was *listed* a moment ago is asked for again although the answer
    was 404.
    """
    short = short_of_metered(extraction, days)
    for _ in range(_MORE_PASSES):
        lost = extraction.failures.keys() | (reader.not_found - listed)
        since = {name: short[name] for name in short.keys() - lost}
        if not since:
            return
        _read(extraction, reader, since, counts)
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
            # What was read is kept, also after an error.
            for days in spool.days():
                for merged in extraction.lake.merge_days(RUNS.table, name, days):
                    counts.keep(merged)
    if reader.gave_up:
        raise reader.gave_up


def _listed(
    extraction: Extraction, reader: "RunReader", since: Since
) -> Generator[Listed, None, None]:
    """One automation after the other with its runs; a few may fail."""
    ask = side_by_side(lambda name: reader.read(name, since[name]), sorted(since))
    with closing(ask) as answers:
        for name, answer in answers:
            for one in reader.odd.pop(name, ()):
                odd_runs.leave_out(extraction, name, one)
            try:
                runs = answer.result()
            except TenantError as exc:
                extraction.failures[name] = exc
                extraction.quarantine(exc)
                if len(extraction.failures) > _few_of(since):
                    reader.gave_up = exc  # which says why the tenant is given up
                    return
                log.warning("%s", exc)
                continue
            extraction.listings.step(runs.height)
            yield name, runs


def _few_of(since: Since) -> int:
    return max(_FEW, len(since) // 10)


def _batches(listed: Iterable[Listed]) -> Iterator[list[Listed]]:
    """Some thousand runs at a time: few large frames cost less than many small ones."""
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
    """Rows of several automations, with their day in the lake; none of earlier days.

    A run without any time, with a text for a time that is none, or with an id that is
    not one word, is set aside.
    """
    raw = pl.concat([runs for _, runs in batch])
    rows = extraction.tenant.rows(RUNS, raw).select(*RUNS.table.columns)
    rows = rows.with_columns(is_odd=RUNS.unreadable(raw, rows))
    dated = by_kept_day(rows, extraction.first_kept_day, "updated_at")
    is_odd = pl.col("is_odd") | pl.col("created_date").is_null() | odd_runs.HAS_BLANK
    odd = dated.select(is_odd).to_series()
    if odd.any():  # hardly ever: to filter takes as long as to make the rows
        odd_runs.leave_out_rows(extraction, dated.filter(odd))
        dated = dated.filter(~odd)
    return dated.drop("is_odd")


class RunReader:
    """Lists runs of automations, and remembers whether the tenant filters them.

    *not_found* are the automations that the tenant answered with 404 for; *gave_up* is
    the failure after which no more were asked for; *odd* are, by automation, the runs
    that are not as documented.
    """

    def __init__(self, tenant: Tenant) -> None:
        self.not_found: set[str] = set()
        self.gave_up: TenantError | None = None
        self.odd: dict[str, list[InvalidPageError]] = {}
        self._tenant = tenant
        self._rejects_filter = False

    def read(self, automation_id: str, since: datetime) -> pl.DataFrame:
        """Raw columns of an automation's runs, the latest first, until before *since*.

        Sorting and stopping needs no filter on `startTime`, which a tenant may reject.
        If the runs lack `billable`, they are listed again, filtered by it. If the
        tenant rejects that, it stays unknown which of them are third-party runs.
        """
        try:
            runs = self._until(automation_id, since, {})
            if runs["billable"].has_nulls() and not self._rejects_filter:
                runs = self._with_billable(automation_id, since, runs)
        except NotFoundError:
            self.not_found.add(automation_id)
            return RUNS.raw_columns([])
        return runs

    def _until(
        self, automation_id: str, since: datetime, params: dict[str, str]
    ) -> pl.DataFrame:
        asked = {"sort": "-startTime", **params}
        odd = [] if params else self.odd.setdefault(automation_id, [])
        pages = self._tenant.records(RUNS, automation_id, asked, odd.append)
        return RUNS.raw_columns(_from(pages, since), automation_id)

    def _with_billable(
        self, automation_id: str, since: datetime, runs: pl.DataFrame
    ) -> pl.DataFrame:
        try:
            billable = self._until(automation_id, since, {"filter": _THIRD_PARTY})
        except BadRequestError as exc:
            self._rejects_filter = True
            log.warning("%s; third-party runs stay unknown", str(exc).split("\n")[0])
            return runs
        is_billable = pl.col("run_id").is_in(billable["run_id"].to_list())
        return runs.with_columns(pl.col("billable").fill_null(is_billable))


def _from(pages: Iterable[list[Run]], since: datetime) -> Iterator[list[Run]]:
    """Pages of runs, the latest first, up to the one with a run from before *since*."""
    for page in pages:
        yield page
        if _begins_before(page, since):
            return


def _begins_before(page: list[Run], since: datetime) -> bool:
    """Whether a run of *page* started, at a plausible time, before *since*.

    Parsed are the starts that may be so by their text: wherever on earth, the date of
    an earlier one is not later than the day after.
    """
    bound = f"{since + 2 * DAY:%Y-%m-%d}"
    may_be = [text for text in map(_START, page) if text and text < bound]
    return any(start < since for start in filter(None, map(plausible_time, may_be)))
