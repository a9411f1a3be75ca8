"""Analysts open the warehouse with the DuckDB that they have, which may be an old one.

`make old-clients` installs the oldest that is promised, and one in between.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import warehouse
from worlds.closing import FEBRUARY, Company

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2] / ".old-clients"
VERSIONS = ("1.2.2", "1.4.5")

# A line for each table: its name, rows, columns and comments.
TABLES = """
    select
        schema_name || '.' || table_name,
        estimated_size,
        column_count,
        (
            select list(comment order by column_index) from duckdb_columns() as one
            where one.schema_name = tables.schema_name
                and one.table_name = tables.table_name
        )
    from duckdb_tables() as tables
    where schema_name in ('marts', 'pages')
    order by 1
"""
ASK = f"""
import json, sys
import duckdb
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    tables = connection.execute({TABLES!r}).fetchall()
    rows = {{}}
    for name, *_ in tables:
        answer = connection.execute(f"select * from {{name}} order by all").fetchall()
        rows[name] = repr(answer)
print(json.dumps([duckdb.__version__, tables, rows]))
"""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    company = Company(tmp_path_factory.mktemp("company"))
    company.start(FEBRUARY)
    assert company.close("2026-01", "2026-02-01").returncode == 0
    return company


@pytest.mark.parametrize("version", VERSIONS)
def test_an_old_client_reads_all_of_it(company: Company, version: str) -> None:
    if not (ROOT / version).exists():
        pytest.skip("`make old-clients` has not installed it")
    database = company.path / "data" / "warehouse.duckdb"

    result = subprocess.run(
        [sys.executable, "-c", ASK, str(database)],
        env={**os.environ, "PYTHONPATH": str(ROOT / version)},
        capture_output=True,
        text=True,
        check=True,
    )

    found_version, tables, rows = json.loads(result.stdout)
    assert found_version == version
    with warehouse.read(database) as connection:
        ours = connection.execute(TABLES).fetchall()
        assert tables == [list(one) for one in ours]
        assert len(tables) > 50
        for name, *_ in ours:
            answer = connection.execute(f"select * from {name} order by all").fetchall()
            assert rows[name] == repr(answer), name
