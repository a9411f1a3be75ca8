"""All measures in one table, each beside another one of the same run.

`make bench` runs it; `--runs` is the size of the lake of 16 months, which has half as
many rows of usage. `--only month` is a month of 20 million runs, which takes minutes
and is left out else. What is not installed in `.venv-bench` is left out, too.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import dbt_project
import duckdb
import ingest
import made_lake
import measure
from measure import OTHERS, OURS, Used

from pipeline.endpoints import RUNS, USAGE
from pipeline.lake import folders

MONTHS = 16
# The server of the pages has all of them in memory: 0.6 kB a run.
MOST_EXTRACTED = 1_000_000


class Row(NamedTuple):
    """What was measured, beside what."""

    name: str
    ours: Used
    beside: str
    other: Used

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as text: the ratio is of CPU seconds."""
        ratio = self.ours.cpu / max(self.other.cpu, 0.01)
        memory = self.ours.memory / max(self.other.memory, 1)
        return (
            self.name,
            str(self.ours),
            self.beside,
            str(self.other),
            f"{ratio:.2f}",
            f"{memory:.2f}",
        )


HEADS = ("measured", "took", "beside", "took", "ratio of CPU", "ratio of memory")


def floor(folder: Path) -> Used:
    """Reading runs and usage of the lake, and writing the bytes that a build keeps."""
    return measure.run([OURS, __file__, "--floor", folder])


def read_and_write(folder: Path) -> None:
    """What `floor` measures: each month of runs twice, as a build keeps them."""
    root = folder / "data" / "lake"
    with tempfile.TemporaryDirectory(dir=folder) as beside, duckdb.connect() as tables:
        tables.execute("set preserve_insertion_order = false")
        for table, copies in ((RUNS.table, 2), (USAGE.table, 1)):
            by_month: dict[str, list[str]] = {}
            for path in folders.files(root, table.name, {made_lake.TENANT}):
                by_month.setdefault(path.parent.name[:12], []).append(str(path))
            for paths in by_month.values():
                for _ in range(copies):
                    tables.execute(
                        f"copy (from read_parquet({paths})) to '{beside}/month.parquet'"
                        " (format parquet, compression zstd, compression_level 1)"
                    )


def builds(folder: Path, runs: int) -> Iterator[Row]:
    """Full builds and nights, with a sixteenth of the history and with all of it."""
    took: dict[int, tuple[Used, Used, Used]] = {}
    for months in (1, MONTHS):
        data = folder / f"{months}-months"
        data.mkdir()
        made_lake.fill(
            data,
            made_lake.Size(
                runs * months // MONTHS, runs // 2 * months // MONTHS, 10_000, months
            ),
        )
        full = measure.build(data, "--full")
        made_lake.change(data, 3)
        night = measure.build(data)
        took[months] = full, night, measure.build(data)
    full, night, idle = took[MONTHS]
    data = folder / f"{MONTHS}-months"
    yield Row(f"full build, {runs:,} runs", full, "reading and writing", floor(data))
    yield Row("three changed days", night, "full build", full)
    yield Row(f"three changed days, {MONTHS} months", night, "1 month", took[1][1])
    yield Row(f"full build, {MONTHS} months", full, "1 month", took[1][0])
    yield Row("nothing changed", idle, "`--help`", help_text())
    if (OTHERS / "dbt").exists():
        yield Row("full build", full, "dbt-duckdb, same SQL", dbt(data, folder / "dbt"))


def help_text() -> Used:
    """The start of the command line, without any work."""
    return measure.run([OURS, "-m", "pipeline", "--help"])


def dbt(data: Path, project: Path) -> Used:
    """All models by dbt-duckdb."""
    dbt_project.write(data, project)
    folders_of = ("--project-dir", project, "--profiles-dir", project)
    return measure.run([OTHERS / "dbt", "run", "--threads", "2", *folders_of], project)


def start(_: Path, __: int) -> Iterator[Row]:
    """How soon the command line answers."""
    nothing = measure.run([OURS, "-c", "pass"])
    yield Row("`chargeback --help`", help_text(), "Python alone", nothing)


def extraction(_: Path, runs: int) -> Iterator[Row]:
    """Runs from HTTP to the lake, beside dlt's REST source and a plain typed loop."""
    took = ingest.measured_ways(min(runs, MOST_EXTRACTED))
    ours, rows = took.pop("ours")
    for name, other in took.items():
        yield Row(f"extraction of {rows:,} runs", ours, name, other[0])
    floor_of = took["the floor"][0]
    for name in [name for name in took if name != "the floor"]:
        yield Row(f"{name}, {rows:,} runs", took[name][0], "the floor", floor_of)


def pages(_: Path, __: int) -> Iterator[Row]:
    """All pages of 10,000 automations, and how large the largest is."""
    script = Path(__file__).with_name("render.py")
    with tempfile.TemporaryDirectory() as name:
        made = measure.run([OURS, script, "--build", name])
        shown = measure.run([OURS, script, "--render", name])
        sizes = [one.stat().st_size for one in Path(name, "reports").rglob("*.html")]
    what = (
        f"{len(sizes)} pages of 10,000 automations, {max(sizes) / 1e6:.2f} MB at most"
    )
    yield Row(what, shown, "the build before them", made)


def month(folder: Path, _: int) -> Iterator[Row]:
    """A month of 20 million runs."""
    made_lake.fill(folder, made_lake.Size(20_000_000, 2_000_000, 10_000, 1))
    full = measure.build(folder, "--full")
    yield Row("a month of 20,000,000 runs", full, "reading and writing", floor(folder))


MEASURES: dict[str, Callable[[Path, int], Iterator[Row]]] = {
    "builds": builds,
    "extraction": extraction,
    "pages": pages,
    "start": start,
    "month": month,
}
USUAL = [name for name in MEASURES if name != "month"]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3_000_000)
    parser.add_argument("--only", nargs="*", default=USUAL, choices=MEASURES)
    parser.add_argument("--floor", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.floor:
        read_and_write(given.floor)
        return
    print(f"| {' | '.join(HEADS)} |\n|{'---|' * len(HEADS)}")
    for name in given.only:
        folder = Path(tempfile.mkdtemp(prefix="chargeback-bench-"))
        try:
            for row in MEASURES[name](folder, given.runs):
                print(f"| {' | '.join(row.cells)} |")
                sys.stdout.flush()
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
