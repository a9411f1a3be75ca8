"""Half of the months may be rendered by a second process: the pages are the same."""

import os
import subprocess
import sys
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipeline import report
from pipeline.report import processes
from pipeline.report.statements import statements
from worlds.report import AS_OF, make_warehouse
from worlds.runs import run_of

COUNTED = {date(2026, month, 1): 100 for month in (8, 9, 10, 11)}


def rendered(database: Path, name: str) -> dict[str, bytes]:
    folder = database.parent / name
    run = run_of(database.parent, AS_OF)
    report.render(database, folder, run)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(name="asked")
def fixture_asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A second process for few pages too, and what it is asked for."""
    asked: list[str] = []
    started = subprocess.Popen

    def start(command: list[str], **how: object) -> object:
        asked.append(command[0])
        return started(command, **how)  # type: ignore[call-overload]

    monkeypatch.setattr(processes, "_MANY", 1)
    monkeypatch.setattr(processes, "Popen", start)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    return asked


def test_pages_of_two_processes_are_those_of_one(
    tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = make_warehouse(tmp_path)
    own: list[date] = []

    def recorded(
        site: object, marts: dict[str, list[dict[str, date]]], kept: object
    ) -> object:
        own.extend(row["month"] for row in marts["months"])
        return statements(site, marts, kept)  # type: ignore[arg-type]

    monkeypatch.setattr(report, "statements", recorded)
    together = rendered(database, "together")
    shared_out, months = len(asked), list(own)
    own.clear()
    monkeypatch.setattr(processes, "_MANY", 10**6)
    alone = rendered(database, "alone")

    assert together == alone
    assert shared_out == len(asked) == 1
    assert 0 < len(months) < len(own)


@pytest.mark.parametrize("program", ["/bin/false", "/bin/true", "/bin/none", ""])
def test_a_process_that_ends_early_or_never_starts_is_made_up_for(
    tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    database = make_warehouse(tmp_path)
    monkeypatch.setattr(sys, "executable", program)
    together = rendered(database, "together")
    monkeypatch.setattr(processes, "_MANY", 10**6)

    assert together == rendered(database, "alone")
    assert asked == [program]


def test_the_other_process_ends_with_the_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Recorded(subprocess.Popen[bytes]):
        def __init__(self, *how: Any, **more: Any) -> None:
            super().__init__(*how, **more)
            started.append(self)

    monkeypatch.setattr(processes, "Popen", Recorded)
    with pytest.raises(KeyError), processes.beside(partial(_endless, "x")):
        raise KeyError
    (process,) = started
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def _endless(word: str, _: processes.Listed) -> dict[str, bytes]:
    while word:
        pass
    return {}


@pytest.mark.parametrize(
    ("counted", "threads", "cpus", "months"),
    [
        (COUNTED, None, 2, 2),
        (COUNTED, 2, 2, 2),
        (COUNTED, 1, 2, 0),
        (COUNTED, None, 1, 0),
        ({date(2026, 8, 1): 1, date(2026, 9, 1): 1}, None, 2, 0),
        ({date(2026, 8, 1): 400}, None, 2, 0),
        ({}, None, 2, 0),
    ],
)
def test_a_part_of_many_statements_is_shared_out(
    monkeypatch: pytest.MonkeyPatch,
    counted: dict[date, int],
    threads: int | None,
    cpus: int,
    months: int,
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cpus)
    assert len(processes.shared_out(counted, threads)) == months
