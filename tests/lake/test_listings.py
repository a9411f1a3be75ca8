"""Snapshots are stored as changes; each of them can be made again, exactly."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import duckdb
import polars as pl
import pytest

from pipeline.build import sources
from pipeline.config import Settings
from pipeline.endpoints import AUTOMATIONS, TABLES, USERS
from pipeline.errors import CheckError
from pipeline.lake import DayCoverage, Lake, losses, tenants, unchanged
from pipeline.lake.tenants import KnownTenant
from pipeline.upkeep.compact import compact_table

TABLE = AUTOMATIONS.table
FIRST = date(2026, 1, 20)
DAYS = [FIRST + timedelta(days=n) for n in range(45)]
FEBRUARY = date(2026, 2, 1)


def listing(names: dict[str, str], active: set[str], day: date) -> pl.DataFrame:
    """Automations of these names, of which the *active* ones ran on *day*."""
    rows = [
        {
            "automation_id": one,
            "name": name,
            "space_id": "",
            "last_run_at": datetime.combine(
                day if one in active else FIRST, datetime.min.time(), UTC
            ),
        }
        for one, name in names.items()
    ]
    return pl.concat(
        [TABLE.frame([]), pl.DataFrame(rows, schema_overrides=dict(TABLE.columns))],
        how="diagonal",
    ).sort("automation_id")


def told(seed: int) -> Iterator[tuple[date, pl.DataFrame]]:
    """What a tenant lists on each day but some: new ones, renamed, gone and back."""
    chance = random.Random(seed)  # noqa: S311 (of made-up names)
    names = {f"a{n:03}": f"Automation {n}" for n in range(60)}
    gone: dict[str, str] = {}
    for number, day in enumerate(DAYS):
        for one in chance.sample(sorted(names), 2):
            gone[one] = names.pop(one)
        for one in chance.sample(sorted(gone), min(len(gone), 1)):
            names[one] = gone.pop(one)
        names[f"b{number:03}"] = "New one"
        names[chance.choice(sorted(names))] = f"Renamed on {day}"
        if number == 30:  # nearly all of them are others
            names = {one: f"{name}!" for one, name in names.items()}
        active = set(chance.sample(sorted(names), 9)) if number % 4 else set()
        if chance.random() < 0.9:  # a night that was missed
            yield day, listing(names, active, day)


@pytest.fixture(scope="module")
def known() -> dict[str, dict[date, pl.DataFrame]]:
    """What two tenants listed."""
    return {tenant: dict(told(seed)) for seed, tenant in enumerate(("acme", "beta"))}


@pytest.fixture(scope="module")
def written(
    known: dict[str, dict[date, pl.DataFrame]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    root = tmp_path_factory.mktemp("data") / "lake"
    lake = Lake(root)
    for tenant, listed in known.items():
        for day, rows in listed.items():
            lake.merge(TABLE, tenant, day, rows)
            read_at = datetime.combine(day, datetime.min.time(), UTC)
            lake.cover(TABLE, tenant, {day: DayCoverage("complete", read_at)})
    tenants.write(root, [KnownTenant(one, None, "") for one in known])
    return root


@pytest.fixture
def root(written: Path, tmp_path: Path) -> Path:
    copytree(written, tmp_path / "data/lake")
    return tmp_path / "data/lake"


def settings(root: Path) -> Settings:
    return Settings((), root.parent)


def shown(root: Path) -> dict[tuple[str, date], list[Any]]:
    """What models read of the lake, by tenant and day."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'; create schema scratch")
        connection.execute("attach ':memory:' as scratch; create schema scratch.raw")
        sources.raw(connection, root, TABLE, {"acme", "beta"})
        columns = ", ".join(name for name in TABLE.columns if not name.endswith("_at"))
        found = connection.execute(
            f"select tenant, date, epoch(last_run_at), {columns} from"
            " scratch.raw.raw_automations order by tenant, date, automation_id"
        ).fetchall()
    days: dict[tuple[str, date], list[Any]] = {}
    for tenant, day, *row in found:
        days.setdefault((tenant, day), []).append(tuple(row))
    return days


def as_shown(rows: pl.DataFrame) -> list[Any]:
    columns = [name for name in TABLE.columns if not name.endswith("_at")]
    return rows.select(pl.col("last_run_at").dt.epoch("s").cast(float), *columns).rows()


def check(
    root: Path,
    known: dict[str, dict[date, pl.DataFrame]],
    without: tuple[tuple[str, date], ...] = (),
) -> None:
    """The lake has what was listed, for who reads a day and for models."""
    lake = Lake(root)
    expected = {
        (tenant, day): rows
        for tenant, listed in known.items()
        for day, rows in listed.items()
        if (tenant, day) not in without
    }
    for (tenant, day), rows in expected.items():
        assert lake.read(TABLE, tenant, day).equals(rows), (tenant, day)
    for tenant, listed in known.items():
        assert lake.heights(TABLE, tenant, list(listed)) == {
            day: rows.height for (of, day), rows in expected.items() if of == tenant
        }
    assert shown(root) == {key: as_shown(rows) for key, rows in expected.items()}


def test_each_snapshot_can_be_made_again(
    written: Path, known: dict[str, dict[date, pl.DataFrame]]
) -> None:
    check(written, known)
    stored = [Lake(written).stored(TABLE, "acme", day).height for day in known["acme"]]
    assert sum(stored) < sum(rows.height for rows in known["acme"].values()) / 2
    assert losses.every(settings(written), TABLES) == []
    unchanged.check(written, TABLES, {"acme", "beta"}, {})


def test_the_same_listing_again_leaves_the_same_bytes(
    root: Path, known: dict[str, dict[date, pl.DataFrame]]
) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*.parquet")}

    for day, rows in known["acme"].items():
        merged = Lake(root).merge(TABLE, "acme", day, rows)
        assert (merged.new, merged.changed) == (0, 0)

    assert {path: path.read_bytes() for path in root.rglob("*.parquet")} == before


def test_an_older_lake_is_read_as_it_is_and_gone_on_with(
    root: Path, known: dict[str, dict[date, pl.DataFrame]]
) -> None:
    """Days until the middle of February are whole, without columns of their own."""
    for tenant, listed in known.items():
        for day, rows in listed.items():
            if day < date(2026, 2, 15):
                rows.write_parquet(Lake(root).path(TABLE, tenant, day))
    lake = Lake(root)
    for tenant, listed in known.items():
        for day in [day for day in listed if day >= date(2026, 2, 15)]:
            lake.path(TABLE, tenant, day).unlink()
    for tenant, listed in known.items():
        for day, rows in listed.items():
            if day >= date(2026, 2, 15):
                lake.merge(TABLE, tenant, day, rows)

    check(root, known)


def test_a_day_that_is_lost_takes_no_other_along(
    root: Path, known: dict[str, dict[date, pl.DataFrame]]
) -> None:
    lake = Lake(root)
    changes = [
        day
        for day in known["acme"]
        if lake.stored(TABLE, "acme", day)["base_date"].null_count() == 0
    ]
    lake.path(TABLE, "acme", changes[3]).unlink()

    check(root, known, (("acme", changes[3]),))
    assert [one.day for one in losses.every(settings(root), TABLES)] == [changes[3]]


def test_days_without_their_base_are_lost_and_later_ones_are_not(
    root: Path, known: dict[str, dict[date, pl.DataFrame]]
) -> None:
    lake = Lake(root)
    base = min(day for day in known["acme"] if day >= FEBRUARY)
    of_base = [
        day
        for day in known["acme"]
        if base in lake.stored(TABLE, "acme", day)["base_date"]
    ]
    path = lake.path(TABLE, "acme", base)
    content = path.read_bytes()
    path.unlink()

    check(root, known, tuple(("acme", day) for day in [base, *of_base]))
    lost = losses.every(settings(root), TABLES)
    assert [one.day for one in lost] == [base, *of_base]
    assert "not there, but its" in str(lost[0])
    assert "the snapshot that it has changes of is not there" in str(lost[1])
    with pytest.raises(CheckError, match=f"automations of {base}: not there"):
        lake.read(TABLE, "acme", of_base[0])
    # What is listed now stands by itself.
    today = DAYS[-1] + timedelta(days=1)
    for day, name in ((of_base[-1], "Now"), (today, "Then")):
        rows = listing({"a001": name}, set(), day)
        lake.merge(TABLE, "acme", day, rows)
        assert lake.read(TABLE, "acme", day).equals(rows)
    path.write_bytes(content)
    assert lake.read(TABLE, "acme", of_base[0]).equals(known["acme"][of_base[0]])


def test_nothing_listed_is_not_nothing_changed(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    rows = listing({"a1": "One", "a2": "Two"}, set(), FIRST)
    told = {DAYS[0]: rows, DAYS[1]: rows, DAYS[2]: rows.clear(), DAYS[3]: rows}
    for day, one in told.items():
        lake.merge(TABLE, "acme", day, one)

    for day, one in told.items():
        assert lake.read(TABLE, "acme", day).equals(one)
    stored = lake.stored(TABLE, "acme", DAYS[1])
    assert stored.select("automation_id", "change").rows() == [("a1", "same")]
    assert {day for _, day in shown(tmp_path / "lake")} == {*DAYS[:2], DAYS[3]}


def test_months_in_one_file_have_the_same_snapshots(
    root: Path, known: dict[str, dict[date, pl.DataFrame]]
) -> None:
    lake = Lake(root)
    for tenant in known:
        assert compact_table(lake, TABLE, tenant, {FIRST.replace(day=1), FEBRUARY})

    check(root, known)
    late = known["acme"][day := DAYS[20]].with_columns(name=pl.lit("Late"))
    lake.merge(TABLE, "acme", day, late)
    check(root, {**known, "acme": {**known["acme"], day: late}})
    assert len(lake.days_by_file(TABLE, "acme")) < 8


def test_a_tenant_that_is_renamed_twice_has_each_snapshot_once(
    root: Path, known: dict[str, dict[date, pl.DataFrame]]
) -> None:
    """Some days are in both folders, and others are compared with them."""
    lake = Lake(root)
    moved = list(known["acme"])[5:25]
    for day in moved:
        lake.replace(TABLE, "new", day, known["acme"][day])

    tenants.settle(root, TABLES, {"acme": "new"})

    assert lake.days(TABLE, "acme") == []
    for day, rows in known["acme"].items():
        assert lake.read(TABLE, "new", day).equals(rows), day


def test_users_are_stored_so_too(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    rows = [{"user_id": f"u{n}", "name": f"User {n}"} for n in range(9)]
    frame = pl.concat([USERS.table.frame([]), pl.DataFrame(rows)], how="diagonal")

    for day in DAYS[:3]:
        lake.merge(USERS.table, "acme", day, frame)

    assert [lake.stored(USERS.table, "acme", day).height for day in DAYS[:3]] == [
        9,
        1,
        1,
    ]
    assert lake.read(USERS.table, "acme", DAYS[2]).equals(frame)
