"""No secret is in anything that the pipeline writes or prints, whatever goes wrong."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.sandbox import Fault, SandboxServer, World
from worlds.sources import EVERY_SECTION

pytestmark = pytest.mark.slow

KEY = "canary-of-the-key"
SECRET = "canary-of-the-client-secret"
MARK = "do-not-store"  # in tokens, workspaces, inputs, bodies of the sandbox
AS_OF = "2026-03-03"

CREDENTIALS = {
    "key": 'api_key = "env:SANDBOX_KEY"',
    "oauth": 'oauth_client_id = "client"\noauth_client_secret = "env:SANDBOX_SECRET"',
}
TROUBLE = {
    "none": (),
    "refusals": (Fault(kind="status", status=403, match="/runs", every=7),),
    "storms": (Fault(kind="status", status=500, every=5), Fault(kind="cut", every=6)),
    "nonsense": (Fault(kind="html", match="/usage", skip=3),),
}


def canaries(folder: Path) -> list[str]:
    """Where a canary is found, as `grep -a` would, and in what is compressed."""
    marks = [mark.encode() for mark in (KEY, SECRET, MARK)]
    return [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and any(mark in content(path) for mark in marks)
    ]


def content(path: Path) -> bytes:
    """The bytes of a file, with all rows of one that compresses them."""
    rows: list[object] = []
    if path.suffix == ".parquet":
        rows += pl.read_parquet(path, hive_partitioning=False).rows()
    if path.suffix == ".duckdb":
        with duckdb.connect(path, read_only=True) as connection:
            found = "select schema_name || '.' || table_name from duckdb_tables()"
            for (table,) in connection.execute(found).fetchall():
                rows += connection.execute(f"from {table}").fetchall()
    return path.read_bytes() + str(rows).encode()


@pytest.mark.parametrize("trouble", TROUBLE)
@pytest.mark.parametrize("credentials", CREDENTIALS)
def test_no_canary_is_written_or_printed(
    tmp_path: Path, credentials: str, trouble: str
) -> None:
    world = World(
        now=datetime(2026, 3, 3, 2, tzinfo=UTC), start=date(2026, 2, 25), automations=40
    )
    with SandboxServer(
        world,
        faults=TROUBLE[trouble],
        api_key=KEY,
        client_id="client",
        client_secret=SECRET,
    ) as server:
        (tmp_path / "chargeback.toml").write_text(
            f'first_day = 2026-02-25\n[[tenant]]\nname = "acme"\nurl = "{server.url}"\n'
            f"{CREDENTIALS[credentials]}\n"
            "[extract]\nrequests_per_minute = 600000\nretries = 1\n"
            f"{EVERY_SECTION}"
        )
        result = subprocess.run(
            [sys.executable, "-m", "pipeline", "run", "--debug", "--as-of", AS_OF],
            cwd=tmp_path,
            env={**os.environ, "SANDBOX_KEY": KEY, "SANDBOX_SECRET": SECRET},
            capture_output=True,
            check=False,
        )
    (tmp_path / "printed").write_bytes(result.stdout + result.stderr)

    assert result.returncode == (0 if trouble == "none" else 3)
    assert canaries(tmp_path) == []
    if trouble == "none":  # what quotes the canaries was read
        errors = pl.read_parquet(tmp_path / "data/lake/runs/*/*/*.parquet")["error"]
        assert errors.drop_nulls().len() > 0


def test_a_canary_in_what_is_compressed_is_found(tmp_path: Path) -> None:
    texts = [f"{number % 7} {MARK}" for number in range(9999)]
    pl.DataFrame({"error": texts}).write_parquet(tmp_path / "a.parquet")
    with duckdb.connect(tmp_path / "b.duckdb") as connection:
        connection.execute("create table runs as select unnest($1) as error", [texts])

    assert {Path(path).name for path in canaries(tmp_path)} == {"a.parquet", "b.duckdb"}
