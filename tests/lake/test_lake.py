"""The lake keeps everything, and changes nothing that need not change."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.endpoints import RUNS, TABLES, USAGE
from pipeline.errors import CheckError, PipelineError
from pipeline.lake import COVERAGE, DayCoverage, Lake, Merged, Table, folders
from pipeline.lake.losses import losses

DAY = date(2026, 10, 1)
NIGHT = datetime(2026, 10, 2, 2, tzinfo=UTC)
LATER = datetime(2026, 10, 2, 9, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def usage(*figures: tuple[str, int]) -> pl.DataFrame:
    rows = [(name, "runs", value, "a name", "owner", DAY) for name, value in figures]
    return USAGE.table.frame(rows)


def run(run_id: str, status: str, updated_at: datetime | None) -> pl.DataFrame:
    values = {"run_id": run_id, "status": status, "updated_at": updated_at}
    return RUNS.table.frame([tuple(values.get(c) for c in RUNS.table.columns)])


def complete(lake: Lake, table: Table, tenant: str) -> set[date]:
    return set(lake.coverage(tenant, table).filter(status="complete")["date"])


def content(root: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file()
    }


def test_a_day_is_one_file_where_the_contract_says(lake: Lake, tmp_path: Path) -> None:
    lake.merge(USAGE.table, "acme", DAY, usage(("a", 1)))

    assert list(content(tmp_path)) == [
        "lake/usage/tenant=acme/date=2026-10-01/usage.parquet"
    ]


def test_what_is_no_longer_listed_is_kept(lake: Lake) -> None:
    lake.merge(USAGE.table, "acme", DAY, usage(("a", 1), ("b", 2)))

    changed = lake.merge(USAGE.table, "acme", DAY, usage(("b", 3)))

    held = lake.read(USAGE.table, "acme", DAY)
    assert (changed.new, changed.changed) == (0, 1)
    assert changed.rows.rows() == usage(("b", 3)).rows()
    assert held.select("automation_id", "value").rows() == [("a", 1), ("b", 3)]


def test_a_day_that_is_read_again_keeps_the_names_and_owners_it_had(lake: Lake) -> None:
    """Usage says who owns an automation now, whichever day it is asked for."""
    first = [("a", "runs", 1, "Import", "u1", DAY), ("b", "runs", 1, None, None, DAY)]
    lake.merge(USAGE.table, "acme", DAY, USAGE.table.frame(first))
    again = [
        ("a", "runs", 2, "Export", "u2", LATER.date()),
        ("a", "duration", 60, "Export", "u2", LATER.date()),
        ("b", "runs", 1, "Load", "u3", LATER.date()),
    ]

    lake.merge(USAGE.table, "acme", DAY, USAGE.table.frame(again))

    assert lake.read(USAGE.table, "acme", DAY).rows() == [
        ("a", "duration", 60, "Import", "u1", DAY),
        ("a", "runs", 2, "Import", "u1", DAY),
        ("b", "runs", 1, "Load", "u3", DAY),
    ]


def test_the_newest_state_of_a_run_wins_in_any_order_of_reading(lake: Lake) -> None:
    lake.merge(RUNS.table, "acme", DAY, run("r", "finished", LATER))
    lake.merge(RUNS.table, "acme", DAY, run("r", "running", NIGHT))
    lake.merge(RUNS.table, "acme", DAY, run("r", "queued", None))

    assert lake.read(RUNS.table, "acme", DAY)["status"].to_list() == ["finished"]


def test_days_that_are_merged_together_have_the_bytes_of_days_merged_alone(
    tmp_path: Path,
) -> None:
    """Whatever order their rows are in, with one twice, and one that was there."""
    rows = [
        run("b", "running", NIGHT),
        run("a", "failed", None),
        run("c", "new", NIGHT),
    ]
    days = [
        (DAY + timedelta(days=number), pl.concat(of_day))
        for number, of_day in enumerate(
            [rows, [rows[1], rows[0]], [*rows, run("b", "finished", LATER)], rows[:1]]
        )
    ]
    lakes = [Lake(tmp_path / name / "lake") for name in ("alone", "together")]
    for lake in lakes:
        lake.merge(RUNS.table, "acme", *days[0])

    alone = [lakes[0].merge(RUNS.table, "acme", *one) for one in days]
    together = lakes[1].merge_days(RUNS.table, "acme", days)

    def counted(done: list[Merged]) -> list[tuple[int, int]]:
        return [(one.new, one.changed) for one in done]

    assert counted(together) == counted(alone) == [(0, 0), (2, 0), (3, 0), (1, 0)]
    found = [
        {name: data for name, (data, _) in content(tmp_path / of).items()}
        for of in ("alone", "together")
    ]
    assert found[0] == found[1]
    assert len(found[0]) == len(days)
    held = lakes[1].read(RUNS.table, "acme", days[2][0])
    assert held["status"].to_list() == ["failed", "finished", "new"]


def test_what_is_noted_of_a_day_is_the_same_where_another_has_written_it(
    lake: Lake, tmp_path: Path
) -> None:
    written = lake.merge(USAGE.table, "acme", DAY, usage(("a", 1), ("b", 2)))
    seen = {DAY: DayCoverage("complete", NIGHT)}

    lake.cover(USAGE.table, "acme", seen)
    before = content(tmp_path)
    Lake(tmp_path / "lake").cover(USAGE.table, "acme", seen)

    assert written.new == lake.coverage("acme", USAGE.table)["rows"].item()
    assert content(tmp_path) == before


def test_of_equally_new_states_the_last_read_wins(lake: Lake) -> None:
    lake.merge(RUNS.table, "acme", DAY, run("r", "running", NIGHT))
    lake.merge(RUNS.table, "acme", DAY, run("r", "finished", NIGHT))

    assert lake.read(RUNS.table, "acme", DAY)["status"].to_list() == ["finished"]


def test_the_same_rows_in_another_order_touch_no_file(
    lake: Lake, tmp_path: Path
) -> None:
    lake.merge(USAGE.table, "acme", DAY, usage(("a", 1), ("b", 2)))
    lake.cover(USAGE.table, "acme", {DAY: DayCoverage("complete", NIGHT)})
    before = content(tmp_path)

    changed = lake.merge(USAGE.table, "acme", DAY, usage(("b", 2), ("a", 1)))
    lake.cover(USAGE.table, "acme", {DAY: DayCoverage("complete", LATER)})

    assert changed.rows.is_empty()
    assert content(tmp_path) == before


def test_a_day_without_rows_is_a_day_that_was_read(lake: Lake) -> None:
    lake.merge(USAGE.table, "acme", DAY, usage())
    lake.cover(USAGE.table, "acme", {DAY: DayCoverage("complete", NIGHT)})

    assert complete(lake, USAGE.table, "acme") == {DAY}
    assert complete(lake, RUNS.table, "acme") == set()
    assert complete(lake, USAGE.table, "other") == set()


def test_a_partial_day_is_not_complete_until_it_is(lake: Lake) -> None:
    lake.cover(USAGE.table, "acme", {DAY: DayCoverage("partial", NIGHT)})
    partial = complete(lake, USAGE.table, "acme")

    lake.cover(USAGE.table, "acme", {DAY: DayCoverage("complete", LATER)})
    lake.cover(USAGE.table, "acme", {DAY: DayCoverage("partial", LATER)})

    assert partial == set()
    assert complete(lake, USAGE.table, "acme") == {DAY}


def test_more_rows_of_a_covered_day_are_noted_with_their_time(lake: Lake) -> None:
    lake.merge(USAGE.table, "acme", DAY, usage(("a", 1)))
    lake.cover(USAGE.table, "acme", {DAY: DayCoverage("complete", NIGHT)})
    lake.merge(USAGE.table, "acme", DAY, usage(("b", 1)))
    lake.cover(USAGE.table, "acme", {DAY: DayCoverage("complete", LATER)})

    assert lake.read(COVERAGE, "acme", DAY).rows() == [
        ("usage", "complete", 2, None, LATER, True)
    ]


def test_fewer_rows_than_before_stay_known_as_a_loss(lake: Lake) -> None:
    day = date(2026, 11, 1)
    lake.merge(USAGE.table, "acme", day, usage(("a1", 1), ("a2", 2)))
    lake.cover(USAGE.table, "acme", {day: DayCoverage("complete", NIGHT)})
    lake.path(USAGE.table, "acme", day).unlink()
    lake.merge(USAGE.table, "acme", day, usage(("a1", 1)))
    lake.cover(USAGE.table, "acme", {day: DayCoverage("complete", NIGHT)})

    (lost,) = losses(lake, TABLES, "acme", None)

    assert (lost.table, lost.day, lost.noted, lost.found) == ("usage", day, 2, 1)
    assert losses(lake, TABLES, "acme", day + timedelta(days=1)) == []
    assert losses(lake, TABLES, "beta", None) == []


def test_what_is_not_of_the_lake_is_left_alone_and_named(
    lake: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    day = date(2026, 11, 1)
    lake.merge(USAGE.table, "acme", day, usage(("a1", 1)))
    path = lake.path(USAGE.table, "acme", day)
    stranger = path.with_name("copy.parquet")
    stranger.write_bytes(b"")
    odd = path.parents[1] / "date=someday" / path.name
    odd.parent.mkdir()
    odd.write_bytes(b"")

    found = folders.files(path.parents[3], "usage", {"acme"})
    folders.log_strays(path.parents[3], "usage", {"acme"})

    assert found == [path]
    assert lake.days(USAGE.table, "acme") == [day]
    assert {one.getMessage().partition(":")[0] for one in caplog.records} == {
        str(stranger),
        str(odd),
    }


def test_a_folder_that_cannot_be_read_is_an_error_and_not_empty(lake: Lake) -> None:
    day = date(2026, 11, 1)
    lake.merge(USAGE.table, "acme", day, usage(("a1", 1)))
    folder = lake.path(USAGE.table, "acme", day).parents[1]
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to(folder.name)  # a loop, which nobody can look into

    for ask in (
        lambda: lake.days(USAGE.table, "acme"),
        lambda: lake.read(USAGE.table, "acme", day),
    ):
        with pytest.raises(CheckError, match=r"tenant=acme.*cannot be read"):
            ask()


def test_a_file_that_is_not_parquet_is_named_with_its_mend(
    lake: Lake, tmp_path: Path
) -> None:
    lake.merge(USAGE.table, "acme", DAY, usage(("a", 1)))
    next(tmp_path.rglob("*.parquet")).write_bytes(b"PAR1 nonsense")

    expected = r"usage\.parquet: not readable.*\n?.*run reads its day again"
    with pytest.raises(PipelineError, match=expected):
        lake.read(USAGE.table, "acme", DAY)


def test_a_column_that_an_older_version_did_not_keep_is_unknown(
    lake: Lake, tmp_path: Path
) -> None:
    lake.merge(RUNS.table, "acme", DAY, run("old", "finished", NIGHT))
    path = next(tmp_path.rglob("*.parquet"))
    pl.read_parquet(path, hive_partitioning=False).drop("billable").write_parquet(path)

    lake.merge(RUNS.table, "acme", DAY, run("new", "finished", NIGHT))

    held = lake.read(RUNS.table, "acme", DAY)
    assert held["run_id"].to_list() == ["new", "old"]
    assert held.columns == list(RUNS.table.columns)


def test_a_file_of_an_older_version_is_rewritten_for_news_only(
    lake: Lake, tmp_path: Path
) -> None:
    """That a run has no error is nothing that the older file does not say."""
    lake.merge(RUNS.table, "acme", DAY, run("a", "failed", NIGHT))
    path = next(tmp_path.rglob("*.parquet"))
    pl.read_parquet(path, hive_partitioning=False).drop("error").write_parquet(path)
    before = path.read_bytes()

    same = lake.merge(RUNS.table, "acme", DAY, run("a", "failed", NIGHT))
    assert (same.new, same.changed, path.read_bytes()) == (0, 0, before)

    told = run("a", "failed", NIGHT).with_columns(error=pl.lit("Forbidden"))
    news = lake.merge(RUNS.table, "acme", DAY, told)
    assert (news.new, news.changed) == (0, 1)
    assert lake.read(RUNS.table, "acme", DAY)["error"].to_list() == ["Forbidden"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_table_has_a_column_for_what_may_not_be_kept(table: object) -> None:
    forbidden = ("token", "workspace", "input", "request", "response", "body")
    columns = " ".join(getattr(table, "columns", ()))

    assert not [word for word in forbidden if word in columns]


@pytest.mark.parametrize("name", ["20261001", "2026-W40-4", "2026-10-01bak", "", "x"])
def test_a_folder_that_spells_a_day_otherwise_is_no_day(lake: Lake, name: str) -> None:
    """It would be the same day a second time."""
    lake.merge(USAGE.table, "acme", DAY, usage(("a", 1)))
    path = lake.path(USAGE.table, "acme", DAY)
    copy = path.parents[1] / f"date={name}" / path.name
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())

    assert lake.days(USAGE.table, "acme") == [DAY]
    assert folders.files(path.parents[3], "usage", {"acme"}) == [path]
