"""What the doctor says of the bucket of a lake."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

pytest.importorskip("moto", reason="needs moto and flask, of the extra dev")
pytest.importorskip("obstore")

from pipeline.doctor import examine
from pipeline.doctor.finding import Finding
from pipeline.lake.claim import KEY, Holder
from servers.bucket import ENV, SECRET, Bucket, serve

NOW = datetime(2026, 11, 3, 2, tzinfo=UTC)
TENANT = """
[[tenant]]
name = "acme"
url = "http://127.0.0.1:1"
api_key = "env:KEY"
[extract]
retries = 0
"""


@pytest.fixture
def server() -> Iterator[Bucket]:
    with serve() as server:
        yield server


def found(folder: Path, settings: str, env: dict[str, str]) -> list[Finding]:
    config = folder / "chargeback.toml"
    config.write_text(settings + TENANT)
    findings = examine(config, {"KEY": "a-key", **env}, datetime.now(UTC))
    return [one for one in findings if one.subject.startswith("bucket")]


def test_a_bucket_that_can_be_used_is_left_as_it_was(
    tmp_path: Path, server: Bucket
) -> None:
    (one,) = found(tmp_path, server.settings("lake"), ENV)

    assert (one.state, one.found) == (
        "ok",
        f"s3://{server.name}/lake, empty: the first run fills it",
    )
    assert server.objects == {}


def test_who_is_at_work_is_told(tmp_path: Path, server: Bucket) -> None:
    holder = Holder("a", "b", "other-host", "run", "", NOW, NOW)
    server.put(f"lake/{KEY}", msgspec.json.encode([holder]))

    _, one = found(tmp_path, server.settings("lake"), ENV)

    assert (one.state, one.subject) == ("warn", "bucket: lock")
    assert one.found.startswith("other-host (run, since 2026-11-03 02:00 UTC) is at")


def test_what_a_run_would_end_at_is_a_failure_with_its_exit_code(
    tmp_path: Path, server: Bucket
) -> None:
    wrong = {**ENV, "AWS_ACCESS_KEY_ID": "canary-of-a-key"}
    said = found(tmp_path, server.settings("lake"), wrong)
    server.has_conditions = False
    said += found(tmp_path, server.settings("lake"), ENV)
    secret = {"secret_access_key": '"env:NONE"', "access_key_id": '"env:KEY"'}
    said += found(tmp_path, server.settings("lake", **secret), {})

    assert [(one.state, one.exit_code) for one in said if one.state != "ok"] == [
        ("fail", 2)
    ] * 3
    assert "knows no such access key" in said[0].found
    assert "does not know conditional writes" in said[1].found
    assert "bucket.secret_access_key: the variable NONE is not set" in said[-1].found
    assert SECRET not in str(said)
    assert "canary" not in str(said)
