"""What is made by month is what is made at once, and is made again when it changed."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline import build, nightly, warehouse
from pipeline.build import by_month, checks
from pipeline.build.by_month import kept
from pipeline.build.by_month.asked import asked, asked_directly, macros_of
from pipeline.build.by_month.facts import Facts
from pipeline.endpoints import RUNS
from pipeline.endpoints.run_metrics import RUN_METRICS
from pipeline.errors import CheckError
from worlds.lake import put
from worlds.small_builds import small_builds, small_models
from worlds.story import Story

MODELS = build.models()
LEFT_OUT = {one.name for one in MODELS} - {one.name for one in small_models()}
CHECKS = {
    one.name: one.reads
    for one in checks.every()
    if one.month_of and not one.reads & LEFT_OUT
}
EVERY = CHECKS.keys() | {
    one.name for one in small_models() if one.month_of and not one.by_month.is_passed_on
}
WITH_MONTH_BEFORE = {one.name for one in MODELS if one.by_month.with_month_before}

JANUARY = date(2026, 1, 1)

_MADE = re.compile(r"(\w+): (\d+) of \d+ months? made")

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files are kept of a lake of any size, and each month is made alone."""
    monkeypatch.setattr(by_month, "WORTH_KEEPING", 0)
    monkeypatch.setattr(kept, "TOGETHER", 1)
    with small_builds():
        yield


@pytest.fixture
def story(tmp_path: Path) -> Story:
    # Signs that DuckDB takes for a pattern.
    return begun(Story(tmp_path / "story [1]*"))


def begun(story: Story) -> Story:
    """The *story* with its nights until March."""
    for _ in range(4):
        story.dawn()
    return story


def rows(story: Story) -> dict[str, list[Any]]:
    """The tables of the warehouse, sorted."""
    with story.reading() as connection:
        names = connection.execute(
            "select table_name from information_schema.tables"
            " where table_schema in ('marts', 'pages')"
            " and table_name != 'run_history'"
        ).fetchall()
        return {
            name: connection.execute(f"select * from {name} order by all").fetchall()
            for (name,) in names
        }


def check(story: Story) -> dict[str, list[Any]]:
    """What a build makes of what is kept, which one without it makes too."""
    story.build()
    made = rows(story)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_month, "WORTH_KEEPING", 2**60)
        story.build()
    assert rows(story) == made
    return made


def listed(run: str, created: datetime | None, started: datetime | None) -> Any:
    """A record of a run."""
    return {
        "run_id": run,
        "automation_id": "a1",
        "space_id": "s1",
        "status": "finished",
        "created_at": created,
        "started_at": started,
        "stopped_at": started and started + timedelta(minutes=5),
        "updated_at": started or created or datetime(2026, 2, 4, tzinfo=UTC),
    }


def across_months(story: Story) -> None:
    """Runs that wait across the end of a month, and one without any time."""
    evening = datetime(2026, 1, 31, 23, tzinfo=UTC)
    waited = listed("w1", evening, evening + timedelta(hours=3))
    long = listed("w2", evening, evening + timedelta(days=40))
    put(story.lake, RUNS.table, date(2026, 1, 31), [waited, long])
    put(story.lake, RUNS.table, date(2026, 2, 4), [listed("w3", None, None)])
    # No run is of December.
    eve = datetime(2025, 12, 31, 23, tzinfo=UTC)
    put(story.lake, RUNS.table, eve.date(), [listed("w4", eve, eve + timedelta(1))])


def listed_twice(story: Story) -> None:
    """A run that has another start than it had: the newest record of it counts."""
    first, later = datetime(2026, 1, 9, 9, tzinfo=UTC), datetime(2026, 2, 9, tzinfo=UTC)
    put(story.lake, RUNS.table, first.date(), [listed("t1", first, first)])
    put(story.lake, RUNS.table, later.date(), [listed("t1", later, later)])
    put(story.lake, RUNS.table, first.date(), [listed("t2", later, later)])
    put(story.lake, RUNS.table, later.date(), [listed("t2", first, first)])


def listed_bytes(story: Story) -> None:
    """The figures of a run are listed in another month than the run."""
    row = {"run_id": "r1", "bandwidth_in_bytes": 7, "bandwidth_out_bytes": 8}
    put(story.lake, RUN_METRICS, date(2026, 2, 9), [row])


def renamed(story: Story) -> None:
    story.today["acme"]["automation"]["a1"].update(name="Bills", space="s2")
    story.dawn()


def new(story: Story) -> None:
    story.create("acme", "automation", "a9", "New one")
    story.dawn()


def late(story: Story) -> None:
    story.use("acme", date(2026, 1, 20), {"a1": (99, 999), "a7": (3, 33)})
    story.list_runs(story.tenants[-1], date(2026, 2, 5), [("a2", "o1", "s1", 2)])


def test_by_month_is_what_is_made_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After several changes; `test_stories_by_month.py` has them in any order."""
    story = begun(Story(tmp_path / "story", ("acme", "beta")))
    with small_builds(also=frozenset(one.name for one in MODELS if one.month_of)):
        shown = check(story)
        for happen in (late, across_months, listed_twice, listed_bytes, renamed, new):
            happen(story)
        story.close(JANUARY)
        # Months are made together too, after they were made each alone.
        monkeypatch.setattr(kept, "TOGETHER", 2**26)
        now = check(story)
        assert now != shown
        nightly.build(replace(story.run_on(story.as_of), is_full=True))
        assert rows(story) == now
    with story.reading() as connection:
        found = connection.execute(
            "select run_id, date from runs where run_id[1] in ('w', 't') order by all"
        ).fetchall()
    # Of two records of a run the one that was updated later counts.
    assert found == [
        ("t1", date(2026, 2, 9)),
        ("t2", date(2026, 2, 9)),
        ("w1", date(2026, 2, 1)),
        ("w2", date(2026, 3, 12)),
        ("w3", None),
        ("w4", date(2026, 1, 1)),
    ]
    assert (date(2025, 12, 31), 1) in {
        (day, queued) for _, day, _, queued, *_ in now["report_concurrency"]
    }


@pytest.fixture
def made(caplog: pytest.LogCaptureFixture) -> Callable[[Callable[[], None]], Any]:
    """How many months of each model something makes; models that make none are left."""

    def count(work: Callable[[], None]) -> dict[str, int]:
        caplog.clear()
        with caplog.at_level("INFO"):
            work()
        found = (_MADE.search(record.getMessage()) for record in caplog.records)
        return {one[1]: int(one[2]) for one in found if one and int(one[2])}

    return count


def test_a_month_is_made_when_it_changed_and_then_only(
    story: Story, made: Callable[[Callable[[], None]], Any]
) -> None:
    assert made(story.build).keys() == EVERY
    assert made(story.build) == {}

    story.use("acme", date(2026, 1, 20), {"a1": (99, 999)})
    months = made(story.build)
    # What is compared with the month before is another thing in later months too.
    later = WITH_MONTH_BEFORE | warehouse.downstream(MODELS, WITH_MONTH_BEFORE)
    later |= checks_of(later)
    assert months.keys() == EVERY - {"stg_automations"}
    assert {months[name] for name in months.keys() - later} == {1}

    # Of what was already there, and is another thing only from now on.
    story.today["acme"]["automation"]["a1"].update(name="Bills", space="s2", owner="o2")
    story.create("acme", "automation", "a9", "New one")
    story.snapshot("acme", "automation", story.today["acme"]["automation"])
    assert made(story.build) == {"stg_automations": 1}


def checks_of(models: Collection[str]) -> set[str]:
    return {name for name, reads in CHECKS.items() if reads & {*models}}


def test_a_model_that_changed_is_made_anew_with_what_stands_on_it(
    story: Story, made: Callable[[Callable[[], None]], Any]
) -> None:
    story.build()
    before = rows(story)
    old, new = "parts.attribution,", "'another' as attribution,"
    changed = [
        replace(one, sql=one.sql.replace(old, new))
        if one.name == "automation_daily"
        else one
        for one in build.models()
    ]

    # Not by a fixture: undone after the small builds, it would leave theirs behind.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "models", lambda: changed)
        months = made(story.build)

    later = warehouse.downstream(small_models(), ["automation_daily"]) & EVERY
    assert months.keys() == {"automation_daily"} | later | checks_of(
        {"automation_daily"} | later
    )
    assert rows(story)["automation_daily"] != before["automation_daily"]


def test_a_file_that_is_not_as_it_was_written_is_made_anew(
    story: Story, made: Callable[[Callable[[], None]], Any]
) -> None:
    story.build()
    before = rows(story)
    facts = sorted((story.path / "data/build").glob("runs/*/*/*.parquet"))
    assert by_month.verify(story.run_on(story.as_of).settings) > len(EVERY) * 2

    facts[0].write_bytes(facts[1].read_bytes())
    facts[1].unlink()

    with pytest.raises(CheckError, match=r"(?s)runs/tenant=acme/.*made\n.*anew"):
        by_month.verify(story.run_on(story.as_of).settings)
    assert made(story.build) == {"runs": 2}
    assert rows(story) == before


def test_what_is_not_used_is_removed_after_some_days_and_no_sooner(
    story: Story,
) -> None:
    root = story.path / "data/build"

    def build_on(day: int) -> set[Path]:
        now = datetime(2026, 3, day, tzinfo=UTC)
        nightly.build(replace(story.run_on(story.as_of), now=now))
        assert not list(Facts.read(root, now.date()).changed())
        return set(root.rglob("*.parquet"))

    first = build_on(3)
    story.use("acme", date(2026, 1, 20), {"a1": (99, 999)})
    later = build_on(4)
    assert first < later
    (root / "runs/tenant=acme/month=2026-01/.left.parquet.partial").touch()

    assert build_on(9) == later
    unused = later - build_on(10)

    assert unused
    assert unused < first
    assert not list(root.rglob("*.partial"))


def test_large_tables_are_views_that_are_read_as_tables_are(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.build()
    before = rows(story)
    monkeypatch.setattr(kept, "LARGE", 0)

    story.build()

    assert rows(story) == before
    with story.reading() as connection:
        views = connection.execute(
            "select view_name from duckdb_views() where schema_name = 'marts'"
        ).fetchall()
        with pytest.raises(duckdb.PermissionException):
            connection.execute(f"from read_text('{story.path}/rates.csv')")
    marts = {one.name for one in MODELS if one.name in EVERY and one.schema == "marts"}
    assert {name for (name,) in views} == marts


def test_a_key_has_the_variables_that_macros_ask_for_too() -> None:
    """`from_minor` asks for `micros_per_minor`."""
    charges = next(one for one in MODELS if one.name == "int_charges")

    assert asked_directly(charges) == {"currency"}
    assert asked(charges) == {"currency", "micros_per_minor"}


def test_a_key_has_the_macros_that_are_called_and_no_others() -> None:
    """A macro that changes makes what calls it anew, and nothing else."""
    charges = next(one for one in MODELS if one.name == "int_charges")
    called = [text.split("(")[0].split()[-1] for text in macros_of(charges)]

    assert {"from_minor", "half_up"} <= {*called}
    assert "first_of_concurrency" not in called
    assert called == sorted({*called})


def test_a_model_of_a_tenant_reads_none_of_all_tenants() -> None:
    """A month of its own would be made of more than its key has."""
    of_all = {one.name for one in MODELS if one.by_month.of_all_tenants}

    assert of_all
    for model in MODELS:
        if model.month_of and not model.by_month.of_all_tenants:
            assert not model.needs & of_all, model.name
