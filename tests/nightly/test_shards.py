"""Eight machines that each read a part of the tenants make the lake that one makes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("moto", reason="needs moto and flask, of the extra dev")
pytest.importorskip("obstore")

from pipeline.config import Part
from servers.bucket import ENV, Bucket
from servers.bucket import serve as serve_bucket
from servers.hosts import Hosts, serve
from tools.commands import call

DAY = "2026-05-04"
COUNT = 12


@pytest.fixture(scope="module")
def hosts() -> Iterator[Hosts]:
    with serve() as hosts:
        yield hosts


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with serve_bucket() as bucket:
        yield bucket


def machine(folder: Path, hosts: Hosts, lake: str = "") -> Path:
    folder.mkdir()
    tenants = "".join(
        f'[[tenant]]\nname = "{one.name}"\nurl = "{one.url}"\n'
        f'api_key = "env:KEY_OF_{one.name.upper()}"\n'
        for one in hosts.accesses(COUNT)
    )
    limits = "[extract]\nrequests_per_minute = 600000\nretries = 0\n"
    text = f"first_day = {DAY}\n{lake}{tenants}{limits}"
    (folder / "chargeback.toml").write_text(text)
    return folder


def keys() -> dict[str, str]:
    return {f"KEY_OF_T{n}": f"key-of-{n}" for n in range(COUNT)}


def test_eight_parts_make_the_lake_of_one_run(
    tmp_path: Path, hosts: Hosts, bucket: Bucket
) -> None:
    one = machine(tmp_path / "one", hosts)
    done = call("extract", folder=one, env=keys(), today=DAY)
    assert done.returncode == 0, done.stderr

    said = []
    for number in range(1, 9):
        folder = machine(tmp_path / f"part-{number}", hosts, bucket.settings("lake"))
        part = call(
            *("extract", "--shard", f"{number}/8"),
            folder=folder,
            env={**keys(), **ENV},
            today=DAY,
        )
        assert part.returncode == 0, part.stderr
        said.append(part.stderr)

    root = one / "data" / "lake"
    whole = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }
    found = {
        key.removeprefix("lake/"): content
        for key, content in bucket.objects.items()
        if "_chargeback" not in key
    }
    assert len(whole) > 5 * COUNT
    assert found == whole
    mirrored = {
        number: {
            path.name
            for path in (tmp_path / f"part-{number}").glob("data/lake-mirror/usage/*")
        }
        for number in range(1, 9)
    }
    assert sum(len(names) for names in mirrored.values()) == COUNT
    assert sum("has no tenant: nothing to read" in one for one in said) == sum(
        not names for names in mirrored.values()
    )


def test_a_part_needs_the_secrets_of_its_own_tenants_only(
    tmp_path: Path, hosts: Hosts
) -> None:
    folder = machine(tmp_path / "one", hosts)
    own = {name: key for name, key in keys().items() if Part(1, 2).has(name[7:])}

    done = call("extract", "--shard", "1/2", folder=folder, env=own, today=DAY)
    others = call("extract", "--shard", "2/2", folder=folder, env=own, today=DAY)

    assert 0 < len(own) < COUNT
    assert done.returncode == 0, done.stderr
    assert others.returncode == 2
    assert "is not set" in others.stderr


@pytest.mark.parametrize("part", ["0/8", "9/8", "3", "3/8/2", "a/b", "1/0", "-1/8"])
def test_a_part_that_is_none_is_refused(
    tmp_path: Path, hosts: Hosts, part: str
) -> None:
    folder = machine(tmp_path / "one", hosts)

    done = call("extract", "--shard", part, folder=folder, env=keys())

    assert done.returncode == 2
    assert "is no part; write one like 3/8" in done.stderr


def test_a_part_and_a_named_tenant_do_not_go_together(
    tmp_path: Path, hosts: Hosts
) -> None:
    folder = machine(tmp_path / "one", hosts)

    done = call(
        *("extract", "--shard", "1/1", "--tenant", "t1"),
        folder=folder,
        env=keys(),
        today=DAY,
    )

    assert done.returncode == 2
    assert "--shard and --tenant do not go together" in done.stderr
