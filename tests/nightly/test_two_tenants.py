"""Nights of two tenants: what is said of one that fails, and who stays forgotten."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.sandbox import Fault
from worlds.two_tenants import NIGHT, Night, two_tenants

pytestmark = pytest.mark.slow

# A day of usage that was asked for, and the tenant before it.
_WHY = re.compile(r"tenant (\w+): GET \S*/usage\S*(2026-02-\d\d)")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    with two_tenants(tmp_path_factory.mktemp("first")) as night:
        yield night


@pytest.fixture
def night(first: Night) -> Iterator[Night]:
    yield first
    for server in first.servers.values():
        server.faults.clear()


FORMS = {"text": (), "quiet": ("--quiet",), "json": ("--log-format", "json")}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dead", [("beta",), ("acme", "beta")], ids=len)
def test_it_is_said_once(night: Night, form: str, dead: tuple[str, ...]) -> None:
    for name in dead:
        fault = Fault(kind="status", match="/usage", status=500)
        night.servers[name].faults.add(fault)

    done = night.chargeback("extract", *FORMS[form])

    days = [f"2026-02-0{day}" for day in (5, 6, 7)]  # after three no more is asked for
    assert done.returncode == 3
    assert sorted(_WHY.findall(done.stderr)) == [
        (name, day) for name in dead for day in days
    ]
    named = f"2 tenants could not be read whole: {', '.join(dead)}"
    assert done.stderr.count(named) == len(dead) - 1


def test_nights_do_not_bring_back_who_was_forgotten(night: Night) -> None:
    users = night.lake("users", date(2026, 2, 8))
    listed = pl.read_parquet(users, hive_partitioning=False)
    owners = night.ask("select owner_id from automations where tenant = 'acme'")
    (user, *_) = listed.filter(
        pl.col("user_id").is_in([owner for (owner,) in owners])
    ).to_dicts()
    named = [user["name"], user["email"].lower()]
    assert named_in(night.path / "data", named)

    forgotten = night.chargeback("forget", user["user_id"], "--quiet")
    after = night.chargeback(*NIGHT, "--quiet", today="2026-02-09")

    assert (forgotten.returncode, after.returncode) == (0, 0), after.stderr
    assert named_in(night.path / "data", named) == []
    night.configure("", f'[privacy]\nreturned = ["{user["user_id"]}"]')
    assert night.chargeback(*NIGHT, today="2026-02-09").returncode == 0
    assert named_in(night.path / "data", named)


def named_in(folder: Path, words: list[str]) -> list[str]:
    """The files below *folder* that have one of *words*."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        text = path.read_bytes().decode("utf-8", "ignore").lower()
        if path.suffix == ".parquet":
            text += pl.read_parquet(path, hive_partitioning=False).write_csv().lower()
        if any(word.lower() in text for word in words):
            found.append(str(path.relative_to(folder)))
    return found
