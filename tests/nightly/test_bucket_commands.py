"""Each command that changes what is kept does to a bucket what it does to a disk."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import copy, copytree, rmtree

import pytest

pytest.importorskip("moto", reason="needs moto and flask, of the extra dev")
pytest.importorskip("obstore")

from pipeline import build
from pipeline.endpoints import AUTOMATIONS, USAGE, USERS
from pipeline.lake import Lake
from servers import mail
from servers.bucket import ENV, SECRET, Bucket, serve
from servers.mail import Inbox
from tools.commands import call
from worlds.closing import FEBRUARY, JANUARY, Company
from worlds.lake import keep
from worlds.small_builds import small_builds

pytestmark = pytest.mark.slow

TODAY = "2026-02-10"
OLD = date(2025, 11, 3)
EMAIL = "Zoe.Quill@acme.example"
COMMANDS = (
    ("build",),
    ("close", "2026-01"),
    ("deliver",),
    ("close", "--reverse", "2026-01", "A wrong price."),
    ("close", "2026-01"),
    ("compact",),
    ("forget", EMAIL),
    ("prune",),
    ("deliver",),
    ("verify",),
)
TABLES = {
    "charges": "from charges order by all",
    "statement": "from statement order by all",
    "coverage": "from coverage order by all",
    "issued_statements": "from issued_statements order by all",
}

Files = dict[str, bytes]


@dataclass
class Place:
    """A company, what each command said there, and the mails that it sent."""

    company: Company
    said: list[tuple[int, str, str]]
    mails: list[str]

    def files(self, folder: str) -> Files:
        root = self.company.path / "data" / folder
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file()
        }

    def tables(self) -> dict[str, object]:
        return {name: self.company.ask(sql) for name, sql in TABLES.items()}


@pytest.fixture(scope="module", autouse=True)
def few_tables() -> Iterator[None]:
    """With all that mails have; what a build proves is proved elsewhere."""
    with small_builds(also=frozenset(one.name for one in build.models())):
        yield


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with serve() as bucket:
        yield bucket


@pytest.fixture(scope="module")
def inbox() -> Iterator[Inbox]:
    with mail.serve() as inbox:
        yield inbox


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """January and some days more, somebody to forget, and a day to prune."""
    company = Company(tmp_path_factory.mktemp("company") / "a")
    company.path.mkdir()
    company.start(date(2026, 2, 10))
    lake = Lake(company.path / "data" / "lake")
    user = {"user_id": "o1", "name": "Zoe Quill", "email": EMAIL, "status": "active"}
    listed = {"automation_id": "a1", "name": "Daily", "owner_id": "o1", "space_id": ""}
    for day in (JANUARY, FEBRUARY):
        keep(lake, USERS.table, day, [user])
        keep(lake, AUTOMATIONS.table, day, [listed])
    used = {"automation_id": "a1", "metric": "runs", "value": 9, "owner_id": "o1"}
    keep(lake, USAGE.table, OLD, [used])
    return company.path


def settings(inbox: Inbox) -> str:
    return f"""
[privacy]
retention_months = 1
[mail]
host = "localhost"
port = {inbox.port}
security = "none"
from = "us@acme.example"
recipients = ["all@acme.example"]
"""


def asked(company: Company, *args: str) -> tuple[int, str, str]:
    """What a command says at two o'clock, wherever it works."""
    env = {**company.env, **ENV}
    done = call(*args, "--quiet", folder=company.path, env=env, today=TODAY)
    assert SECRET not in done.stdout + done.stderr
    texts = (done.stdout, done.stderr)
    out, err = (
        text.replace(str(company.path) + os.sep, "").replace("lake-mirror", "lake")
        for text in texts
    )
    return done.returncode, out, err


def played(company: Company, inbox: Inbox) -> Place:
    inbox.taken.clear()
    said = [asked(company, *command) for command in COMMANDS]
    sent = zip(inbox.recipients, inbox.mails, strict=True)
    mails = [f"{to} {one['Subject']}" for to, one in sent]
    return Place(company, said, mails)


@pytest.fixture(scope="module")
def disk(before: Path, inbox: Inbox) -> Place:
    folder = before.with_name("disk")
    copytree(before, folder)
    company = Company(folder)
    company.configure(settings(inbox))
    return played(company, inbox)


@pytest.fixture(scope="module")
def stored(before: Path, inbox: Inbox, bucket: Bucket, disk: Place) -> Place:
    """After the other: its lake is put into the bucket as the docs say."""
    assert disk
    folder = before.with_name("stored")
    copytree(before, folder)
    lake = folder / "data" / "lake"
    for path in sorted(lake.rglob("*.*")):
        bucket.put(f"lake/{path.relative_to(lake)}", path.read_bytes())
    rmtree(lake)
    company = Company(folder)
    company.configure(bucket.settings("lake") + settings(inbox))
    return played(company, inbox)


def of_lake(bucket: Bucket, folder: str = "") -> Files:
    start = f"lake/{folder}"
    return {
        key.removeprefix(start): content
        for key, content in bucket.objects.items()
        if key.startswith(start) and (folder or "/_chargeback/" not in key)
    }


@pytest.mark.parametrize("number", range(len(COMMANDS)), ids=lambda n: COMMANDS[n][0])
def test_a_command_says_of_a_bucket_what_it_says_of_a_disk(
    disk: Place, stored: Place, number: int
) -> None:
    assert stored.said[number] == disk.said[number]
    assert disk.said[number][0] == 0, disk.said[number]


def test_what_they_leave_is_the_same(
    disk: Place, stored: Place, bucket: Bucket
) -> None:
    lake = disk.files("lake")
    assert of_lake(bucket) == stored.files("lake-mirror") == lake
    assert len(lake) < 60
    closed = disk.files("closed")
    assert of_lake(bucket, "_chargeback/closed/") == stored.files("closed") == closed
    assert any("v2" in name or "version" in name for name in closed)
    assert stored.tables() == disk.tables()
    assert stored.mails == disk.mails
    assert len(disk.mails) > 1


def test_who_is_forgotten_is_in_no_object(stored: Place, bucket: Bucket) -> None:
    assert stored
    for name, content in bucket.objects.items():
        assert EMAIL.lower().encode() not in content.lower(), name


def test_a_new_machine_goes_on_where_the_lost_one_was(
    tmp_path: Path, stored: Place, bucket: Bucket, inbox: Inbox
) -> None:
    """Of the configuration and one build: closed, reversed, sent and forgotten."""
    for path in stored.company.path.iterdir():
        if path.is_file():
            copy(path, tmp_path)
    company = Company(tmp_path)
    assert asked(company, "build") == (0, "", "")
    found = Place(company, [], [])

    assert found.tables() == stored.tables()
    assert found.files("closed") == stored.files("closed")
    inbox.taken.clear()
    assert asked(company, "deliver") == stored.said[-2]
    assert inbox.taken == []
    assert asked(company, "verify") == stored.said[-1]
    # The record of a command is copied by the next one.
    records = of_lake(bucket, "_chargeback/state/runs/")
    assert len(stored.files("state/runs").keys() - records.keys()) == 1
    assert found.files("state/runs").keys() >= records.keys()
    assert asked(company, "status")[0] == 0
