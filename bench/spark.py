"""Rows a second of a core that models by month take, made by DuckDB and by Spark.

`bench/spark.py FOLDER`, where FOLDER has a `chargeback.toml`, and a lake: both engines
make every month of it anew, in a process each, one after the other.
"""

import argparse
import os
import resource
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from pipeline import build, warehouse
from pipeline.config import Engine, Run, load

ENGINES = ("duckdb", "spark")
NOW = datetime.now().astimezone()


def main() -> None:
    """Measure one engine after the other, or the one that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--as-of", type=date.fromisoformat, default=NOW.date())
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--engine", choices=ENGINES)
    given = parser.parse_args()
    if given.engine:
        measure(given.folder, given.as_of, given.engine, given.threads)
        return
    print(f"{'engine':8}{'rows':>12}{'wall s':>9}{'core s':>9}{'rows/core s':>13}")
    for engine in ENGINES:
        command = [sys.executable, __file__, *sys.argv[1:], "--engine", engine]
        subprocess.run(command, check=True)  # noqa: S603 (this file)


def measure(folder: Path, as_of: date, facts: Any, threads: int) -> None:
    """Make all models by month anew, and print how long it took, with the start."""
    settings = load(folder / "chargeback.toml", None)
    engine = Engine(facts=facts, threads=threads)
    settings = replace(settings, engine=engine)
    run = Run(settings, as_of, NOW, is_full=True)
    names = [one.name for one in build.models() if one.month_of]
    begun = perf_counter()
    with warehouse.replacing(folder / "bench.duckdb", engine) as connection:
        build.build(connection, run, build.finance_files(settings), only=names)
        row = connection.execute(
            "select (select count(*) from raw_runs) + (select count(*) from raw_usage)"
        ).fetchone()
        took, cores = perf_counter() - begun, core_seconds()
    rows = row[0] if row else 0
    print(f"{facts:8}{rows:12,}{took:9.1f}{cores:9.1f}{rows / cores:13,.0f}")


def core_seconds() -> float:
    """What this process and its Java have used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    total = used.ru_utime + used.ru_stime
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after_name[1]) == os.getpid():
            total += sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")
    return total


if __name__ == "__main__":
    main()
