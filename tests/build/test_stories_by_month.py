"""Whatever happens, in whatever order: what is made by month is what is made at once.

Stories as in `tests/closing/test_stories.py`, and in them what months can go wrong by:
runs that start in another month than they were created in, files of whole months, and
models that changed. After each build all tables have the rows that a build has which
keeps nothing; at the end those of `build --full` too.

`STORIES=3000` plays 40 of them; `make endurance` 4.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from pipeline import build, nightly
from pipeline.build import by_month, checks
from pipeline.build.by_month import kept
from pipeline.dates import last_day
from pipeline.endpoints import RUNS, TABLES
from pipeline.endpoints.run_metrics import RUN_METRICS
from pipeline.upkeep.compact import compact_table
from pipeline.warehouse import Model
from worlds import plots
from worlds.lake import put
from worlds.plots import Event, Step
from worlds.runs import HOUR
from worlds.small_builds import small_builds
from worlds.story import DAYS, NIGHTS, Story
from worlds.truth import Finance

pytestmark = [pytest.mark.slow, pytest.mark.endurance]

MODELS = build.models()
BY_MONTH = sorted(one.name for one in MODELS if one.month_of)

# Each month alone, some together, all together; tables as views of their files or not.
TOGETHER = [1, 20_000, kept.TOGETHER]
LARGE = [0, kept.LARGE]

# Where an event writes a row, and the figures of a run.
TABLE = {"wait": RUNS.table, "bytes": RUN_METRICS}
BYTES = {"bandwidth_in_bytes": 7, "bandwidth_out_bytes": 8}


def runs_apart() -> st.SearchStrategy[Event]:
    """A run that waits, a newer record of one with another start, the bytes of one."""
    days = st.sampled_from(DAYS)
    return st.one_of(
        st.tuples(
            st.just("wait"),
            plots.tenants,
            days,
            st.sampled_from(["x1", "x2", "x3"]),
            st.sampled_from([None, 0, 1, 9, 30, 70]),
            st.integers(0, 3),
        ),
        st.tuples(
            st.just("bytes"), plots.tenants, days, st.sampled_from(["x1", "r1", "r9"])
        ),
    )


def changed_models() -> st.SearchStrategy[Event]:
    """A model that leaves out some of its rows, and not those of before."""
    name = st.sampled_from(BY_MONTH)
    return st.tuples(st.just("model"), name, st.integers(0, 2))


def events() -> st.SearchStrategy[Event]:
    """Anything, more of it late."""
    compaction = st.tuples(st.just("compact"), plots.tenants, st.sampled_from(DAYS))
    return st.one_of(plots.events(), runs_apart(), compaction, changed_models())


def changed(model: Model, part: int) -> Model:
    """*model* without a fourth of its rows, each of which says itself if it is one."""
    keys = ", ".join(model.grain)
    sql = f"select * from (\n{model.sql}\n) as made where hash({keys}) % 4 != {part}"
    return replace(model, sql=sql)


def happen(story: Story, event: Event, changes: dict[str, int]) -> None:
    """Let *event* happen before the next night; what cannot happen does not."""
    kind, *what = event
    if kind == "model":
        name, part = what
        changes[name] = part
        return
    if kind not in ("wait", "bytes", "compact"):
        plots.happen(story, event)
        return
    number, day, *more = what
    tenant = story.tenants[number % len(story.tenants)]
    if kind == "compact":
        compact(story, tenant, day.replace(day=1))
    elif day < NIGHTS[story.night + 1]:
        one = waited(day, *more) if kind == "wait" else {"run_id": more[0]} | BYTES
        put(story.lake, TABLE[kind], day, [one], tenant)


def waited(day: date, run: str, days: int | None, version: int) -> dict[str, Any]:
    """A run that was created on *day* and starts so many *days* later, if ever."""
    created = datetime.combine(day, HOUR)
    started = None if days is None else created + timedelta(days=days)
    return {
        "run_id": run,
        "automation_id": "a1",
        "owner_id": "o1",
        "space_id": "s1",
        "status": "finished",
        "created_at": created,
        "started_at": started,
        "stopped_at": started and started + timedelta(minutes=5 + version),
        "updated_at": created + timedelta(hours=version),
    }


def compact(story: Story, tenant: str, month: date) -> None:
    """Put the days of a month that is over into one file of each table."""
    if last_day(month) < story.as_of:
        for table in TABLES:
            compact_table(story.lake, table, tenant, {month})


def shown(story: Story) -> dict[str, list[Any]]:
    """All tables of the warehouse: the types of their columns, and the rows, sorted."""
    with story.reading() as connection:
        names = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_schema in ('marts', 'pages') and table_name != 'run_history'"
        ).fetchall()
        return {
            name: connection.execute(f"describe {name}").fetchall()
            + connection.execute(f"from {name} order by all").fetchall()
            for (name,) in names
        }


def check(story: Story, as_of: date) -> None:
    """What was built is what a build makes that keeps nothing."""
    by_months = shown(story)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_month, "WORTH_KEEPING", 2**60)
        story.build(as_of)
    compare(by_months, shown(story))


def compare(by_months: dict[str, list[Any]], at_once: dict[str, list[Any]]) -> None:
    assert by_months.keys() == at_once.keys()
    for name, rows in at_once.items():
        assert by_months[name] == rows, name


@contextmanager
def builds(together: int, large: int, changes: dict[str, int]) -> Iterator[None]:
    """Builds of all models, of which those by month are kept, and some are changed."""
    every = frozenset(one.name for one in MODELS)
    with small_builds(also=every), pytest.MonkeyPatch.context() as patch:
        whole = build.models()

        def models() -> tuple[Model, ...]:
            return tuple(
                changed(one, changes[one.name]) if one.name in changes else one
                for one in whole
            )

        patch.setattr(build, "models", models)
        patch.setattr(checks, "check", lambda *_: None)  # what is left out is missed
        patch.setattr(by_month, "WORTH_KEEPING", 0)
        patch.setattr(kept, "TOGETHER", together)
        patch.setattr(kept, "LARGE", large)
        yield


@pytest.mark.parametrize(("batch", "stories"), plots.batches(1 / 75))
def test_by_month_is_what_is_made_at_once(
    tmp_path: Path, batch: int, stories: int
) -> None:
    folders = (tmp_path / str(number) for number in count())

    @seed(batch)
    @plots.profile(stories)
    @given(
        tenants=st.sampled_from([("acme",), ("acme", "beta")]),
        finance=plots.finances(),
        story=plots.stories(events(), plots.endings()),
        together=st.sampled_from(TOGETHER),
        large=st.sampled_from(LARGE),
    )
    def play(
        tenants: tuple[str, ...],
        finance: Finance,
        story: list[Step],
        together: int,
        large: int,
    ) -> None:
        company = Story(next(folders), tenants, finance=finance)
        changes: dict[str, int] = {}
        company.dawn()
        with builds(together, large, changes):
            for events, ending in story:
                for event in events:
                    happen(company, event, changes)
                company.dawn()
                if ending[0] == "look back":
                    before = NIGHTS[min(ending[1], company.night)]
                    company.build(before)
                    check(company, before)
                plots.end(company, ending)
                check(company, company.as_of)
            now = company.run_on(company.as_of)
            assert by_month.verify(now.settings) > len(BY_MONTH)
            company.build()
            by_months = shown(company)
            nightly.build(replace(now, is_full=True))
            compare(by_months, shown(company))
        rmtree(company.path)

    play()
