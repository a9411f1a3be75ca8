"""Each kind of file, damaged in each way: what is said, and how much goes on."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from shutil import copytree, rmtree

import msgspec
import pytest

from tools.modes import OWN, modes
from worlds.two_tenants import DAY, NIGHT, TODAY, Night, two_tenants

pytestmark = pytest.mark.slow

PAGE = "reports/index.html"


def flip(content: bytes) -> bytes:
    place = len(content) // 2
    return bytes([*content[:place], content[place] ^ 0x84, *content[place + 1 :]])


KINDS: dict[str, Callable[[bytes], bytes | None]] = {
    "flipped": flip,
    "cut": lambda content: content[:-9],
    "empty": lambda _: b"",
    "foreign": lambda _: b"<html>\xff a page of a proxy</html>",
    "gone": lambda _: None,
}
FOLDER = "a folder"


def damage(path: Path, kind: str) -> None:
    content = path.read_bytes()
    path.unlink()
    if kind == FOLDER:
        (path / "inner").mkdir(parents=True)
    elif (other := KINDS[kind](content)) is not None:
        path.write_bytes(other)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    with two_tenants(tmp_path_factory.mktemp("first")) as night:
        yield night


@pytest.fixture
def night(first: Night, tmp_path: Path) -> Iterator[Night]:
    copytree(first.path, tmp_path / "copy", symlinks=True)
    yield Night(tmp_path / "copy", first.servers)
    rmtree(tmp_path / "copy")


@pytest.mark.parametrize("kind", [*KINDS, FOLDER])
def test_what_can_be_had_again_is_and_the_night_is_whole(
    night: Night, kind: str
) -> None:
    before = night.figures()
    paths = [
        *(night.lake(table) for table in ("usage", "runs")),
        night.lake("coverage", date(2026, 2, 3)),
        *(night.lake(table, date(2026, 2, 8)) for table in ("automations", "users")),
        night.file("state/lake.json"),
        night.records()[0],
        *([] if kind == FOLDER else map(night.file, ("warehouse.duckdb", PAGE))),
    ]
    for path in paths:
        damage(path, kind)

    done = night.chargeback(*NIGHT)

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    for path in paths[:5]:
        if kind != "gone":
            assert f"{path}: not as it was written: set aside" in done.stderr
        assert path.is_file()
    assert night.figures() == before
    assert night.chargeback("verify").returncode == 0
    if kind == "gone":  # what is there was written by commands alone
        assert modes(night.path / "data") == OWN


# What no tenant can give again; the exit code with it damaged, and with it gone.
KEPT = {
    "closed/tenant=acme/month=2026-01/manifest.json": (4, 4),
    "closed/tenant=acme/month=2026-01/charges.parquet": (4, 4),
    "closed/tenant=acme/month=2026-01/finance/rate_card.csv": (4, 4),
    "closed/tenant=acme/month=2026-01/pages/statement.html": (4, 4),
    "closed/register": (4, 4),
    "state/register.json": (4, 0),  # the folders of the months say as much
    "lake/tenants.json": (4, 0),  # as in a lake of an earlier version
    "state/format.json": (2, 0),  # the same
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_lost_for_good_is_named_and_left(night: Night, name: str) -> None:
    path, figures = night.file(name), night.figures()
    content = path.read_bytes()
    for kind in (*KINDS, FOLDER):
        damage(path, kind)
        left = None if path.is_dir() or kind == "gone" else path.read_bytes()

        done = night.chargeback("build", "--quiet")

        assert done.returncode == KEPT[name][kind == "gone"], (kind, done.stderr)
        assert night.figures() == figures
        if done.returncode:
            first, second = done.stderr.splitlines()
            assert str(path) in first
            assert second
            assert left is None or path.read_bytes() == left
        if path.is_dir():
            rmtree(path)
        path.write_bytes(content)


@pytest.mark.parametrize("kind", [*KINDS, FOLDER])
def test_without_knowing_who_was_forgotten_nobody_is_listed(
    night: Night, kind: str
) -> None:
    path = night.path / "data/state/forgotten.json"
    path.write_text('[{"tenant":"acme","user_id":"1"}]')
    damage(path, kind)

    done = night.chargeback("extract", "--quiet")

    assert done.returncode == (0 if kind == "gone" else 4), done.stderr
    if kind != "gone":
        assert done.stderr.count(f"{path}: is not as it was written") == 2


def test_what_is_closed_stops_no_reading(night: Night) -> None:
    damage(night.file("closed/register"), "cut")
    page = night.file(PAGE).read_bytes()

    done = night.chargeback(*NIGHT)

    assert done.returncode == 4
    assert "acme: runs, " in done.stderr
    assert "beta: runs, " in done.stderr
    assert night.file(PAGE).read_bytes() == page


BETA = "select * from charges where tenant = 'beta' order by all"
STATUS = f"""
select tenant, status from coverage where (date, source) = ('{DAY}', 'runs') order by 1
"""
OLD_RUNS_ARE_FORGOTTEN = "run_history_days = 5"


def test_a_day_that_is_lost_stops_its_tenant_alone(night: Night) -> None:
    path, beta = night.lake("runs"), night.ask(BETA)
    damage(path, "cut")
    night.file("warehouse.duckdb").unlink()
    night.configure(OLD_RUNS_ARE_FORGOTTEN)

    done = night.chargeback(*NIGHT)

    assert done.returncode == 4, done.stderr
    assert done.stderr.count(f"error: {path}: not there, but its") == 1
    assert night.ask(BETA) == beta
    assert night.ask(STATUS) == [("acme", "missing"), ("beta", "complete")]
    (record,) = [
        one
        for one in map(msgspec.json.decode, map(Path.read_bytes, night.records()))
        if one["exit_code"] == 4
    ]
    acme = next(one for one in record["tenants"] if one["name"] == "acme")
    assert acme["gaps"][0]["first_day"] == f"{DAY}"
    assert night.chargeback("build", "--quiet").returncode == 4


LOST_FOR_ALL = {
    "a snapshot": ("automations", date(2026, 2, 8), "2026-02-09"),
    "a day of a closed month": ("runs", date(2026, 1, 31), TODAY),
}


@pytest.mark.parametrize("lost", LOST_FOR_ALL)
def test_what_other_months_stand_on_stops_the_build(night: Night, lost: str) -> None:
    table, day, today = LOST_FOR_ALL[lost]
    path, before = night.lake(table, day), night.figures()
    damage(path, "gone")
    night.configure(OLD_RUNS_ARE_FORGOTTEN)

    done = night.chargeback(*NIGHT, today=today)

    assert done.returncode == 4
    # A month that was closed was one file.
    month = f"{path.parents[1]}/date={day:%Y-%m}-"
    named = re.findall(rf"error: {month}\S+: not there, but its", done.stderr)
    assert len(named) == len({*named}) > 0
    assert "beta: runs, " in done.stderr
    assert night.figures() == before
