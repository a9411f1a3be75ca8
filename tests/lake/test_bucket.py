"""A lake in a bucket of a real S3 server: two machines, and what goes wrong."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("moto", reason="needs moto and flask, of the extra dev")
pytest.importorskip("obstore")

from pipeline.endpoints import TABLES, USERS
from pipeline.errors import CheckError, ConfigError, LockError, PipelineError
from pipeline.lake import DayCoverage, Lake, damage, future, store, tenants, unchanged
from pipeline.lake.claim import KEY as LOCK
from pipeline.lake.objects import Objects
from pipeline.lake.tenants import KnownTenant
from pipeline.upkeep.compact import compact_table
from servers.bucket import SECRET, Answer, Bucket, serve
from worlds.buckets import NOW, PATIENCE, Machine

DAY = date(2026, 11, 2)
TABLE = USERS.table
PATH = f"users/tenant=acme/date={DAY}/users.parquet"


@pytest.fixture(scope="module")
def server() -> Iterator[Bucket]:
    with serve() as bucket:
        yield bucket


@pytest.fixture
def one(server: Bucket, tmp_path: Path) -> Iterator[Machine]:
    server.requests.clear()
    yield Machine(server, tmp_path / "one")
    server.fault, server.has_conditions = (lambda *_: False), True
    for key in server.objects:
        server.remove(key)


@pytest.fixture
def two(one: Machine, tmp_path: Path) -> Machine:
    return Machine(one.server, tmp_path / "two", "two")


def users(*names: str) -> pl.DataFrame:
    rows = [{"user_id": f"u{n}", "name": name} for n, name in enumerate(names)]
    return pl.concat([TABLE.frame([]), pl.DataFrame(rows)], how="diagonal")


def filled(machine: Machine, *names: str, day: date = DAY) -> None:
    with machine.opened() as lake:
        known = [KnownTenant(name, None, "") for name in machine.tenants]
        tenants.write(machine.settings.lake, known)
        lake.merge(TABLE, "acme", day, users(*names))
        read = {day: DayCoverage("complete", NOW)}
        lake.cover(TABLE, "acme", read)


def test_what_is_written_is_in_the_bucket_byte_for_byte(one: Machine) -> None:
    filled(one, "Ada", "Bob")

    assert PATH in one.stored()
    assert one.stored() == one.files()


def test_another_machine_reads_it_and_what_is_not_new_only_once(
    one: Machine, two: Machine
) -> None:
    filled(one, "Ada")
    with two.opened() as lake:
        assert lake.read(TABLE, "acme", DAY)["name"].to_list() == ["Ada"]
    one.server.requests.clear()
    with two.opened():
        pass

    read = [path for method, path in one.server.requests if method == "GET"]
    assert not [path for path in read if path.endswith(".parquet")]
    assert two.files() == one.files()


@pytest.mark.parametrize("what", ["changed", "removed", "strange", "without notes"])
def test_a_mirror_becomes_what_the_bucket_has(one: Machine, what: str) -> None:
    filled(one, "Ada")
    whole, path = one.stored(), one.settings.lake / PATH
    if what == "changed":
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    elif what == "removed":
        path.unlink()
    elif what == "strange":
        path.with_name("other.parquet").write_bytes(b"")
        (one.settings.lake / "users" / "tenant=ghost" / "date=2026-11-01").mkdir(
            parents=True
        )
    else:
        (one.settings.state / "bucket.json").unlink()
    with one.opened():
        pass

    assert one.files() == one.stored() == whole


def test_what_was_removed_from_the_bucket_is_removed_here(one: Machine) -> None:
    filled(one, "Ada")
    filled(one, "Ada", day=DAY - timedelta(days=1))
    one.server.remove(f"lake/{PATH}")
    with one.opened() as lake:
        assert lake.days(TABLE, "acme") == [DAY - timedelta(days=1)]


def test_objects_of_other_names_are_left_alone_and_named(
    one: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    filled(one, "Ada")
    for key in ["notes.txt", "users/a", "_tmp/a", ".hidden"]:
        one.server.put(f"lake/{key}", b"x")
    one.server.put("elsewhere/notes.txt", b"x")
    with one.opened():
        pass

    assert (
        f"s3://{one.server.name}/lake/notes.txt: not a file of the lake" in caplog.text
    )
    assert "_tmp" not in caplog.text
    assert "elsewhere" not in caplog.text
    assert {"lake/notes.txt", "lake/users/a"} <= one.server.objects.keys()


def test_an_object_whose_name_is_no_path_is_named(one: Machine) -> None:
    filled(one, "Ada")
    for key in ("users/tenant=acme/../../../../evil.parquet", "users//users.parquet"):
        one.server.put(f"lake/{key}", b"x")
        with pytest.raises(ConfigError, match=re.escape(key)), one.opened():
            pass
        one.server.remove(f"lake/{key}")

    assert not list(one.folder.parent.rglob("evil*"))


def test_a_second_machine_is_told_who_is_at_work(one: Machine, two: Machine) -> None:
    filled(one, "Ada")
    with one.opened(command="run"):
        two.now += timedelta(minutes=5)
        with pytest.raises(LockError) as caught, two.opened():
            pass

    url = f"s3://{one.server.name}/lake"
    assert str(caught.value) == (
        f"{url}: one (run, since 2026-11-03 02:00 UTC) is at work, last heard of at"
        " 2026-11-03 02:00 UTC\nwait for its end; if it died, the lock is free from"
        f" 2026-11-03 02:30 UTC on, or once {url}/_chargeback/lock.json is removed"
    )
    with two.opened():
        pass


def test_of_many_that_begin_at_once_one_is_at_work_at_a_time(
    one: Machine, tmp_path: Path
) -> None:
    filled(one, "Ada")
    at_work: list[str] = []
    most: list[int] = []
    refused: list[str] = []
    begin = threading.Barrier(6)

    def work(name: str) -> None:
        machine = Machine(one.server, tmp_path / name, name)
        begin.wait(30)
        try:
            with machine.opened():
                at_work.append(name)
                most.append(len(at_work))
                at_work.remove(name)
        except LockError:
            refused.append(name)

    threads = [threading.Thread(target=work, args=(f"m{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert set(most) == {1}
    assert len(most) + len(refused) == 6
    assert json.loads(one.server.objects[f"lake/{LOCK}"]) == []


def left_locked(machine: Machine) -> None:
    """The lock as a machine leaves it that loses its power."""
    opened = machine.opened()
    opened.__enter__()
    machine.server.put("left", machine.server.objects[f"lake/{LOCK}"])
    opened.__exit__(None, None, None)
    machine.server.put(f"lake/{LOCK}", machine.server.objects["left"])


def test_the_lock_of_a_dead_machine_is_taken_over_after_a_while(
    one: Machine, two: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    filled(one, "Ada")
    left_locked(one)
    two.now += PATIENCE
    with pytest.raises(LockError), two.opened():
        pass
    two.now += timedelta(seconds=1)
    with two.opened():
        pass

    assert (
        "one (run, since 2026-11-03 02:00 UTC) ended without giving the" in caplog.text
    )
    assert "last heard of at 2026-11-03 02:00 UTC: taken over" in caplog.text


def test_a_process_that_died_on_this_machine_holds_nobody_up(one: Machine) -> None:
    """Its lock of the data folder is free, which only a living process holds."""
    filled(one, "Ada")
    left_locked(one)
    with one.opened():
        pass


def test_a_machine_whose_lock_was_taken_over_writes_nothing_more(
    one: Machine, two: Machine
) -> None:
    """Not what the other wrote, nor, once it has heard of it, anything at all."""
    filled(one, "Ada")
    opened = one.opened()
    lake = opened.__enter__()
    two.now += PATIENCE + timedelta(seconds=1)
    filled(two, "Ada", "Bob")
    before = one.stored()
    with pytest.raises(LockError, match="was changed meanwhile by another machine"):
        lake.merge(TABLE, "acme", DAY, users("Ada", "Eve"))
    opened.__exit__(None, None, None)

    assert one.stored() == before


def test_parts_of_one_division_are_worked_on_side_by_side(
    one: Machine, two: Machine
) -> None:
    filled(one, "Ada")
    with one.opened("1/2"), two.opened("2/2"):
        for part in ("2/2", "1/3", ""):
            third = Machine(one.server, one.folder.with_name("three"), "three")
            with pytest.raises(LockError), third.opened(part):
                pass
    assert json.loads(one.server.objects[f"lake/{LOCK}"]) == []


def test_parts_write_the_tenants_they_know_into_one_list(
    one: Machine, two: Machine
) -> None:
    filled(one, "Ada")
    two.tenants = ("beta",)

    def note(machine: Machine, name: str) -> None:
        def noted(known: dict[str, KnownTenant]) -> list[KnownTenant]:
            return [*known.values(), KnownTenant(name, name, "")]

        root = machine.settings.lake
        tenants.write(root, noted(tenants.read(root)), noted)

    with one.opened("1/2"):
        with two.opened("2/2"):
            note(two, "beta")
        note(one, "acme2")
    with two.opened():
        pass

    assert list(tenants.read(two.settings.lake)) == ["acme", "acme2", "beta"]


def test_a_server_without_conditional_writes_is_refused(one: Machine) -> None:
    one.server.has_conditions = False

    with pytest.raises(ConfigError, match="does not know conditional writes"):
        filled(one, "Ada")
    assert one.server.objects == {}


def test_a_change_without_the_bucket_is_refused(one: Machine) -> None:
    """It would be undone by the next command."""
    filled(one, "Ada")

    with pytest.raises(PipelineError, match="its bucket is not open"):
        one.lake.merge(TABLE, "acme", DAY, users("Eve"))


@pytest.mark.parametrize("folder", ["lake-mirror", "lake-mirror/data"])
def test_a_data_folder_may_be_called_as_a_mirror_is(
    tmp_path: Path, folder: str
) -> None:
    lake = Lake(tmp_path / folder / "lake")
    lake.replace(TABLE, "acme", DAY, users("Ada"))
    tenants.write(tmp_path / folder / "lake", [KnownTenant("acme", None, "")])

    assert lake.days(TABLE, "acme") == [DAY]


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        (
            (403, "AccessDenied"),
            ConfigError,
            "access denied\nallow the user of the key",
        ),
        ((403, "InvalidAccessKeyId"), ConfigError, "knows no such access key"),
        ((403, "SignatureDoesNotMatch"), ConfigError, "the secret is not that of"),
        ((403, "RequestTimeTooSkewed"), ConfigError, "this machine's clock is wrong"),
        (
            (404, "NoSuchBucket"),
            ConfigError,
            "no such bucket\nmake it, or correct lake",
        ),
        ((301, "PermanentRedirect"), ConfigError, "in another region\nset bucket.reg"),
        ((503, "SlowDown"), PipelineError, "answered HTTP 503, after 0 retries\nsee"),
        ((500, "InternalError"), PipelineError, "answered HTTP 500"),
        (None, PipelineError, "did not answer, after 0 retries (the connection fail"),
        (
            threading.Event(),
            PipelineError,
            "did not answer, after 0 retries (timed out)",
        ),
    ],
    ids=lambda value: "" if isinstance(value, threading.Event) else str(value),
)
def test_what_the_server_answers_is_said_without_secrets(
    one: Machine, fault: object, error: type[PipelineError], said: str
) -> None:
    filled(one, "Ada")
    one.reached = {"timeout_seconds": 0.3}
    one.server.fault = lambda *_: fault  # type: ignore[assignment]
    with pytest.raises(error) as caught, one.opened():
        pass
    if isinstance(fault, threading.Event):
        fault.set()

    message = str(caught.value)
    assert type(caught.value) is error or error is PipelineError
    assert message.startswith(f"s3://{one.server.name}/lake/_chargeback/lock.json: ")
    assert said in message
    assert len(message.splitlines()) == 2
    assert SECRET not in message
    assert "key-of-the-bucket" not in message
    assert caught.value.__suppress_context__


def test_a_write_whose_answer_is_lost_is_done_once(one: Machine) -> None:
    """It is found done, and not taken for another machine's."""
    filled(one, "Ada")
    one.reached = {"retries": 1}
    lost: list[str] = []

    def lose(method: str, path: str) -> bool:
        if method == "PUT" and path not in lost:
            lost.append(path)
            return True
        return False

    one.server.fault = lose
    filled(one, "Ada", "Bob")

    assert f"/{one.server.name}/lake/{PATH}" in lost
    assert one.stored() == one.files()


def test_a_cut_network_in_a_night_leaves_whole_files_and_is_made_up(
    one: Machine,
) -> None:
    filled(one, "Ada")
    before = one.stored()
    with suppress(PipelineError), one.opened() as lake:
        one.server.fault = lambda *_: None
        lake.merge(TABLE, "acme", DAY, users("Ada", "Bob"))
    assert one.stored() == one.files() == before
    one.server.fault = lambda *_: False
    filled(one, "Ada", "Bob")

    assert one.stored() == one.files() != before


def test_a_file_that_is_damaged_in_the_bucket_is_set_aside_there(
    one: Machine, two: Machine
) -> None:
    filled(one, "Ada")
    content = bytearray(one.stored()[PATH])
    content[100] ^= 1
    one.server.put(f"lake/{PATH}", bytes(content))
    with two.opened():
        with pytest.raises(CheckError, match="not as it was written"):
            unchanged.check(two.settings.lake, [TABLE], ["acme"], {})
        damage.separate(two.settings, TABLES)

    (aside,) = (key for key in two.stored() if ".damaged-" in key)
    assert two.stored()[aside] == bytes(content)
    assert PATH not in two.stored()


def test_a_file_that_is_damaged_here_is_read_again(one: Machine) -> None:
    """What the disk of a machine does is not done to the bucket."""
    filled(one, "Ada")
    before, path = one.stored(), one.settings.lake / PATH
    with one.opened():
        content = bytearray(path.read_bytes())
        content[100] ^= 1
        path.write_bytes(content)
        damage.separate(one.settings, TABLES)
        path.write_bytes(content)
        unchanged.check(one.settings.lake, [TABLE], ["acme"], {})

    assert one.stored() == one.files() == before


def test_days_of_the_future_leave_the_lake_of_the_bucket(one: Machine) -> None:
    filled(one, "Ada")
    filled(one, "Ada", day=date(2026, 12, 1))
    with one.opened():
        future.check(one.settings, TABLES, NOW, NOW.date())

    kept = [key for key in one.server.objects if "of-the-future" in key]
    assert kept
    assert "2026-12-01" not in "".join(one.stored())
    assert one.files() == one.stored()


def test_a_tenant_of_another_name_has_its_files_under_that(one: Machine) -> None:
    filled(one, "Ada")
    with one.opened() as lake:
        tenants.settle(one.settings.lake, TABLES, {"acme": "acme-eu"})
        assert lake.read(TABLE, "acme-eu", DAY)["name"].to_list() == ["Ada"]

    assert one.files() == one.stored()
    assert not [key for key in one.stored() if "tenant=acme/" in key]
    with one.opened():
        unchanged.check(one.settings.lake, TABLES, ["acme-eu"], {"acme": "acme-eu"})


def test_a_file_that_is_removed_is_removed_in_the_bucket(one: Machine) -> None:
    filled(one, "Ada")
    with one.opened() as lake:
        store.remove(lake.path(TABLE, "acme", DAY))

    assert PATH not in one.stored()
    assert one.files() == one.stored()


def test_closed_months_and_notes_are_restored_from_the_bucket(
    one: Machine, two: Machine
) -> None:
    filled(one, "Ada")
    closed, state = one.settings.closed, one.settings.state
    with one.opened():
        (closed / "tenant=acme" / "month=2026-10").mkdir(parents=True)
        (closed / "tenant=acme" / "month=2026-10" / "manifest.json").write_text("{}")
        (closed / "register").write_text("1\n")
        (closed / "tenant=acme" / ".month=2026-11.partial").mkdir()
        (closed / "tenant=acme" / ".month=2026-11.partial" / "draft").touch()
        (state / "forgetting.json").write_text('{"names": ["Ada"]}')
        (state / "delivered").mkdir(parents=True)
        (state / "delivered" / "sent.json").write_text("{}")
    with two.opened():
        pass

    kept = {
        path.relative_to(two.folder).as_posix()
        for folder in (two.settings.closed, two.settings.state)
        for path in folder.rglob("*")
        if path.is_file() and path.name != "bucket.json"
    }
    assert kept == {
        "closed/register",
        "closed/tenant=acme/month=2026-10/manifest.json",
        "state/delivered/sent.json",
    }
    assert not [key for key in one.server.objects if "forgetting" in key]
    puts = [path for method, path in one.server.requests if method == "PUT"]
    register = f"/{one.server.name}/lake/_chargeback/closed/register"
    assert puts.index(register) > max(
        n for n, path in enumerate(puts) if "month=2026-10" in path
    )


def test_what_a_machine_adds_the_others_get_and_runs_that_it_removes_go(
    one: Machine, two: Machine
) -> None:
    """Of what else is not there any more nobody knows why: it is copied again."""
    filled(one, "Ada")
    register = one.settings.closed / "register"
    note, record = (one.settings.state / name for name in ("a.json", "runs/a.json"))
    with one.opened():
        register.parent.mkdir()
        register.write_text("1\n")
        note.write_text("{}")
        record.parent.mkdir()
        record.write_text("{}")
    with two.opened():
        (two.settings.closed / "register").write_text("1\n2\n")
        (two.settings.state / "runs" / "a.json").unlink()
    one.server.remove("lake/_chargeback/state/a.json")
    with one.opened():
        pass

    assert register.read_text() == "1\n2\n"
    assert not record.exists()
    assert not [key for key in one.server.objects if key.endswith("runs/a.json")]
    assert "lake/_chargeback/state/a.json" in one.server.objects


def test_a_closed_month_that_two_machines_changed_stops_the_second(
    one: Machine, two: Machine
) -> None:
    filled(one, "Ada")
    register = one.settings.closed / "register"
    with one.opened():
        register.parent.mkdir()
        register.write_text("1\n")
    with two.opened():
        (two.settings.closed / "register").write_text("1\n2\n")
    register.write_text("1\n3\n")
    said = "was changed here, and otherwise in"
    with pytest.raises(CheckError, match=said), one.opened():
        pass

    assert register.read_text() == "1\n3\n"


def test_a_closed_month_that_is_not_as_it_was_closed_is_not_copied(
    one: Machine,
) -> None:
    """What was sent is, and the good copy stays."""
    filled(one, "Ada")
    register = one.settings.closed / "register"
    with one.opened():
        register.parent.mkdir()
        register.write_text("1\n")
    one.is_closed_whole = False
    with one.opened():
        pass
    register.write_text("2\n")
    (one.settings.state / "sent.json").write_text("{}")
    with pytest.raises(CheckError), one.opened():
        pass

    assert one.server.objects["lake/_chargeback/closed/register"] == b"1\n"
    assert "lake/_chargeback/state/sent.json" in one.server.objects


def test_a_server_that_fails_now_and_then_holds_up_nothing(one: Machine) -> None:
    filled(one, "Ada")
    one.reached = {"retries": 3}
    asked: list[str] = []

    def fail(*_: str) -> tuple[int, str] | bool:
        asked.append("")
        return (503, "SlowDown") if len(asked) % 5 == 0 else False

    one.server.fault = fail
    filled(one, "Ada", "Bob")

    assert len(asked) > 5
    assert one.files() == one.stored()


def test_a_bucket_without_a_lake_is_refused_where_there_is_history(
    one: Machine,
) -> None:
    """A prefix with a slip of the pen would begin a second history."""
    (one.folder / "lake" / "users" / "tenant=acme").mkdir(parents=True)
    said = r"has no lake, and .*/lake is one\ncopy it"
    with pytest.raises(ConfigError, match=said), one.opened():
        pass
    (one.folder / "lake").rename(one.folder / "lake-before")
    (one.settings.closed / "tenant=acme").mkdir(parents=True)
    with pytest.raises(ConfigError, match="has no lake, though"), one.opened():
        pass


def test_the_objects_of_a_bucket_are_listed_by_folder(one: Machine) -> None:
    filled(one, "Ada")
    bucket = one.settings.bucket
    assert bucket

    found = [each.key for each in Objects(bucket).list("users/tenant=acme")]

    assert found == [PATH]


OCTOBER = [date(2026, 10, day) for day in (1, 2, 5, 31)]
MONTH = "users/tenant=acme/date=2026-10-01/users.parquet"


def with_october(machine: Machine) -> None:
    for number, day in enumerate(OCTOBER, 1):
        filled(machine, *["Ada", "Bob", "Cid", "Dan"][:number], day=day)


def compact_october(machine: Machine) -> None:
    with machine.opened() as lake:
        compact_table(lake, TABLE, "acme", {OCTOBER[0]})


def users_in(stored: dict[str, bytes]) -> list[str]:
    """The names that a reader of the bucket finds, each as often as it is stored."""
    return sorted(
        name
        for key, content in stored.items()
        if key.startswith("users/")
        for name in pl.read_parquet(content)["name"]
    )


def test_a_month_is_one_object(one: Machine, two: Machine) -> None:
    with_october(one)
    found = users_in(one.stored())

    compact_october(one)

    assert [key for key in one.stored() if key.startswith("users/")] == [MONTH]
    assert one.stored() == one.files()
    assert users_in(one.stored()) == found
    with two.opened() as lake:
        assert lake.days(TABLE, "acme") == OCTOBER
        assert lake.read(TABLE, "acme", OCTOBER[1])["name"].to_list() == ["Ada", "Bob"]
        lake.merge(TABLE, "acme", OCTOBER[1], users("Eve"))
    assert users_in(two.stored()) == sorted([*found, "Eve"])
    assert one.files() != two.files() == two.stored()


def failing_from(first: int) -> Callable[[str, str], Answer]:
    """A server that fails from the *first* change of users or removal on."""
    changes = count(1)

    def fault(method: str, path: str) -> Answer:
        is_change = method == "POST" or (method == "PUT" and "/users/" in path)
        is_failing = is_change and next(changes) >= first
        return (500, "InternalError") if is_failing else False

    return fault


def test_a_month_that_a_machine_did_not_complete_is_completed(
    one: Machine, two: Machine
) -> None:
    """It ends before each of six changes; nobody ever finds a row twice."""
    with_october(one)
    before, found = dict(one.server.objects), users_in(one.stored())
    fewer = 0
    for number in range(1, 7):
        for key in set(one.server.objects) - set(before):
            one.server.remove(key)
        for key, content in before.items():
            one.server.put(key, content)
        one.server.fault = failing_from(number)
        with pytest.raises(PipelineError):
            compact_october(one)
        one.server.fault = lambda *_: False
        names = users_in(one.stored())
        assert len(names) <= len(found)
        fewer += len(names) < len(found)
        with two.opened() as lake:
            by_day = [lake.stored(TABLE, "acme", day)["name"] for day in OCTOBER]
        assert sorted(pl.concat(by_day)) == found
        assert users_in(two.stored()) == found
    assert fewer == 3
    assert [key for key in two.stored() if key.startswith("users/")] == [MONTH]
