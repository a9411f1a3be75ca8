"""The models as a dbt project over the same lake, for dbt-duckdb to make.

Variables are written into the SQL, macros and tables that no model makes into the
database, and each model says whom it reads. Grains and claims are not proved there.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path

import duckdb

from pipeline import build, config, finance, seeds, warehouse
from pipeline.build import sources
from pipeline.build.variables import VARIABLES
from pipeline.closing import archive
from pipeline.config import Run
from pipeline.endpoints import TABLES
from pipeline.lake import folders, present
from pipeline.resources import resource

_ASKED = re.compile(r"getvariable\('(\w+)'\)")
_PROJECT = """\
name: bench
profile: bench
model-paths: [models]
models: {bench: {+materialized: table}}
"""
_PROFILE = """\
bench:
  target: dev
  outputs:
    dev: {type: duckdb, path: built.duckdb, threads: 2, settings: {TimeZone: UTC}}
"""


def write(data: Path, folder: Path) -> int:
    """Write the project of the data folder *data* into *folder*; how many models."""
    settings = config.load(data / "chargeback.toml", {"ACME_API_KEY": "none"})
    as_of = date(2026, 11, 1)
    run = Run(settings, as_of, datetime.combine(as_of, time(2), UTC))
    models = build.models()
    names = {one.name for one in models}
    (folder / "models").mkdir(parents=True)
    with warehouse.in_memory() as connection:
        files = build.finance_files(settings)
        build.build(connection, run, files, only=["coverage"])  # and all sources
        values = {
            name: _literal(connection, name, kind) for name, kind in VARIABLES.items()
        }
        for model in models:
            reads = sorted(model.reads & names)
            depends = "".join(
                f"-- depends_on: {{{{ ref('{one}') }}}}\n" for one in reads
            )
            text = depends + _filled(model.sql, values)
            (folder / "models" / f"{model.name}.sql").write_text(text, encoding="utf-8")
        connection.execute(f"attach '{folder / 'built.duckdb'}' as built")
        for name in (*seeds.TABLES, *finance.TABLES, *archive.TABLES):
            connection.execute(f"create table built.main.{name} as from {name}")
    _add_lake_and_macros(folder / "built.duckdb", run, values)
    (folder / "dbt_project.yml").write_text(_PROJECT, encoding="utf-8")
    (folder / "profiles.yml").write_text(_PROFILE, encoding="utf-8")
    return len(models)


def _add_lake_and_macros(database: Path, run: Run, values: Mapping[str, str]) -> None:
    tenants = present.counted(run.settings)
    with duckdb.connect(str(database)) as built:
        for table in TABLES:
            paths = folders.files(run.settings.lake, table.name, tenants)
            name = f"raw_{table.name}"
            if paths:
                select = sources.select_of(table, [one.absolute() for one in paths])
                built.execute(f"create view {name} as {select}")
            else:
                columns = {**sources.columns_of(table), "tenant": "varchar"}
                sources.create(built, name, {**columns, "date": "date"})
        built.execute(
            "create view raw_repeated_runs as select tenant, run_id from raw_runs"
            " group by tenant, run_id having count(*) > 1"
        )
        for path in sorted((resource("sql") / "macros").glob("*.sql")):
            text = path.read_text(encoding="utf-8").replace("temp macro", "macro")
            built.execute(_filled(text, values))


def _literal(connection: duckdb.DuckDBPyConnection, name: str, kind: str) -> str:
    """The value of a variable as SQL."""
    select = f"select cast(getvariable('{name}') as varchar)"
    row = connection.execute(select).fetchone()
    value = row[0] if row else None
    return f"cast({'null' if value is None else warehouse.quoted(value)} as {kind})"


def _filled(sql: str, values: Mapping[str, str]) -> str:
    return _ASKED.sub(lambda found: values.get(found[1], "null"), sql)
