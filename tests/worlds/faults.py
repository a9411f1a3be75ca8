"""Commands that are ended, or failed, at one call of the system; and the next night.

Each point is a call that concerns a file or folder of the data folder: an opening, a
write, a sync, a rename. strace finds them, those of DuckDB and Polars too. The command
is ended there, or the call fails, in a folder like the one before. Then the command is
repeated, and all that is kept has to be what one undisturbed command makes.
"""

import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Event, Thread
from typing import Any

import polars as pl
import pytest

from pipeline import warehouse
from pipeline.cli import clock
from tools import traced
from tools.commands import call
from tools.faulted import Task
from worlds.small_builds import months_kept, small_builds

EFFECTS = ("kill", "ENOSPC", "EIO")

_CALLS = (
    *("write", "pwrite64", "fsync", "fdatasync", "ftruncate", "openat"),
    *("rename", "renameat", "renameat2", "mkdir", "mkdirat", "flock"),
    *("unlink", "unlinkat", "rmdir", "chmod", "fchmod", "fchmodat"),
)
_LINE = re.compile(r"^(?P<thread>\d+) +(?P<call>[a-z0-9]+)\((?P<args>.*)")
# Records of runs, and of which files, by their times, something was made.
_OF_THE_TIME = (
    *("state/runs/", "state/lake.json"),
    *("state/built.json", "state/rendered.json"),
    *("build/facts.json", "build/lake-files.json"),
)

_WRITES = re.compile("O_WRONLY|O_RDWR|O_CREAT")
# Seconds between two looks of a reader beside, who takes a part of the processor.
_PAUSE = 0.2

_KILLED = (-signal.SIGKILL, 128 + signal.SIGKILL)
_EVERY = ",".join(f"?{name}" for name in _CALLS)


@dataclass(frozen=True)
class Point:
    """The *number*th call of a kind on a path of the folder, and what becomes of it."""

    call: str
    path: str
    number: int
    effect: str = ""

    def __str__(self) -> str:
        return f"{self.effect} at {self.call} {self.number} of {self.path}"


@dataclass(frozen=True)
class Tried:
    """How a command ended, and whether what was to happen to it did.

    It does not where another of DuckDB's threads made that call.
    """

    code: int
    has_fired: bool


@dataclass
class Case:
    """A command in a *folder* of the state before, at a *moment*.

    *is_small* if its builds are small; if it *keeps_months*, these are files. *mails*
    are those that a server took so far.
    """

    name: str
    folder: Path
    args: tuple[str, ...]
    moment: str
    env: dict[str, str]
    is_small: bool = True
    keeps_months: bool = False
    mails: Callable[[], list[str]] = list
    errors: list[str] = field(default_factory=list)

    @property
    def work(self) -> Path:
        """Where it is done; always the same, since files name their place."""
        return self.folder.with_name(f"{self.folder.name}-work")

    def reset(self) -> None:
        """Make the state before."""
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.folder, self.work, symlinks=True)

    def repeat(self) -> subprocess.CompletedProcess[str]:
        """The command, undisturbed, in this process."""
        now = datetime.fromisoformat(self.moment).replace(tzinfo=UTC)
        small = small_builds(pages=True) if self.is_small else nullcontext()
        months = months_kept() if self.keeps_months else nullcontext()
        with pytest.MonkeyPatch.context() as patch, small, months:
            patch.setattr(clock, "now", lambda: now)
            return call(*self.args, "--quiet", folder=self.work, env=self.env)

    def kept(self) -> dict[str, Any]:
        """All that is kept: files to the byte, tables of the warehouse by rows."""
        data = self.work / "data"
        found: dict[str, Any] = {
            str(path.relative_to(data)): path.read_bytes()
            for path in data.rglob("*")
            if path.is_file()
            and path.suffix != ".duckdb"
            and not str(path.relative_to(data)).startswith(_OF_THE_TIME)
        }
        with warehouse.read(data / "warehouse.duckdb") as connection:
            tables = connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'marts'"
                " and table_name != 'run_history'"
            ).fetchall()
            for (name,) in tables:
                query = f"select * from {name} order by all"
                found[name] = connection.execute(query).fetchall()
        return found

    @cached_property
    def reference(self) -> tuple[dict[str, Any], Counter[str]]:
        """What one undisturbed command makes: what is kept, and the mails."""
        self.reset()
        sent = Counter(self.mails())
        done = self.repeat()
        assert (done.returncode, done.stderr) == (0, ""), done
        return self.kept(), Counter(self.mails()) - sent

    @cached_property
    def points(self) -> list[Point]:
        """Every point of the command, without an effect, in order."""
        self.reset()
        trace = self.work.with_name("trace")
        done = self.child(["-o", str(trace), "-y", "-e", f"trace={_EVERY}"])
        assert done.returncode == 0, done.stderr
        named = re.compile(rf'["<]{re.escape(str(self.work))}/(data(/[^">]*)?)[">]')
        seen: Counter[tuple[str, str, str]] = Counter()
        found: dict[Point, None] = {}
        for line in trace.read_text(errors="replace").splitlines():
            match = _LINE.match(line)
            path = named.search(match["args"]) if match else None
            if match is None or path is None or _OF_THE_TIME[0] in path[1]:
                continue  # names of records of runs are random
            key = match["thread"], match["call"], path[1]
            seen[key] += 1
            if match["call"] != "openat" or _WRITES.search(match["args"]):
                found[Point(match["call"], path[1], seen[key])] = None
        return list(found)

    def child(self, strace: list[str]) -> subprocess.CompletedProcess[str]:
        """The command as a process under strace, which has something to do there."""
        output = self.work.with_name("output")
        task = Task(
            (*self.args, "--quiet"),
            str(self.work),
            self.moment,
            self.env,
            self.is_small,
            str(output),
            self.keeps_months,
        )
        code = traced.run(task, strace)
        return subprocess.CompletedProcess(
            self.args, code, "", output.read_text(errors="replace")
        )

    def tried(self, point: Point) -> Tried:
        """Do what *point* says, then repeat the command; how the first one ended.

        Raises:
            AssertionError: Something is not as it should be.
        """
        reference, mails = self.reference
        self.reset()
        sent = Counter(self.mails())
        with self.read_meanwhile() as failures:
            tried = self._disturbed(point)
        assert not failures, (point, failures)
        done = self.repeat()
        assert done.returncode == 0, (point, tried, done.stderr)
        kept = self.kept()
        assert kept.keys() == reference.keys(), (point, kept.keys() ^ reference.keys())
        other = [name for name in kept if kept[name] != reference[name]]
        assert not other, (point, other)
        taken = Counter(self.mails()) - sent
        assert taken.keys() == mails.keys(), (point, taken)
        # A mail that was accepted, but whose note was lost, goes out a second time.
        assert (taken - mails).total() <= 1, (point, taken)
        return tried

    def _disturbed(self, point: Point) -> Tried:
        """The command with what *point* says."""
        effect = "signal=KILL" if point.effect == "kill" else f"error={point.effect}"
        inject = f"inject={point.call}:{effect}:when={point.number}"
        trace = ["-e", f"trace={point.call}", "-P", str(self.work / point.path)]
        log = self.work.with_name("injected")
        done = self.child(["-o", str(log), *trace, "-e", inject])
        if point.effect == "kill":
            assert done.returncode in {0, *_KILLED}, (point, done)
            return Tried(done.returncode, done.returncode in _KILLED)
        assert done.returncode in {0, 1, 3, 6}, (point, done)
        assert "unexpected" not in done.stderr, (point, done.stderr)
        assert "Traceback" not in done.stderr, (point, done.stderr)
        if done.returncode:
            *_, first, second = done.stderr.splitlines()
            assert " error: " in f" {first}", (point, done.stderr)
            assert second, (point, done.stderr)
        return Tried(done.returncode, "(INJECTED)" in log.read_text(errors="replace"))

    @contextmanager
    def read_meanwhile(self) -> Iterator[list[str]]:
        """Within it, somebody reads warehouse, lake and pages; what went wrong."""
        failures: list[str] = []
        is_over = Event()
        pages = [path.name for path in (self.work / "data/reports").glob("*")]

        def read() -> None:
            while not is_over.wait(_PAUSE):
                try:
                    self._read(pages)
                except Exception as exc:  # noqa: BLE001 (what a reader is told)
                    failures.append(f"{type(exc).__name__}: {exc}")

        reader = Thread(target=read)
        reader.start()
        try:
            yield failures
        finally:
            is_over.set()
            reader.join()

    def _read(self, pages: list[str]) -> None:
        data = self.work / "data"
        with warehouse.read(data / "warehouse.duckdb") as connection:
            query = "select * from statement order by all"
            rows = connection.execute(query).fetchall()
        assert rows in self.shown, rows
        try:
            found = self._usage(data)
        except (pl.exceptions.PolarsError, OSError):
            found = self._usage(data)  # a file that was listed was replaced
        assert self.name != "compact" or found == self._usage(self.folder / "data")
        assert pages == [] or (data / "reports/index.html").read_bytes()

    @staticmethod
    def _usage(data: Path) -> int:
        """How many rows of usage a reader of the lake finds."""
        rows = pl.scan_parquet(data / "lake/usage/**/*.parquet")
        return len(rows.collect())

    @cached_property
    def shown(self) -> list[Any]:
        """The statements before and after, which are all that a reader may see."""
        after = self.reference[0]["statement"]
        with warehouse.read(self.folder / "data/warehouse.duckdb") as connection:
            query = "select * from statement order by all"
            return [after, connection.execute(query).fetchall()]
