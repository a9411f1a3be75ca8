"""A command that is ended, or fails, at a call of the system; `make faults` has all."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tools.traced import can_trace
from worlds.faults import Case
from worlds.faulty_commands import cases

pytestmark = [
    pytest.mark.slow,
    pytest.mark.endurance,
    pytest.mark.skipif(not can_trace(), reason="strace is not here, or may not trace"),
]

# Effect, call, and what the path ends with; which of them.
POINTS = {
    "a kill before the register": ("kill", "rename", ".register.partial"),
    "a broken disk below DuckDB": ("EIO", "pwrite64", ".closing.duckdb.partial"),
    "what DuckDB cannot sync": ("EIO", "fdatasync", ".closing.duckdb.partial"),
    "a full disk in a draft": ("ENOSPC", "write", "manifest.json"),
}


# Of a build by month, and of a lake whose months are kept.
OF_MONTHS = {
    "a kill before a month": ("build", "kill", "rename", ".parquet.partial", 2),
    "a kill before the notes": ("build", "kill", "rename", "facts.json.partial", 0),
    "a kill before the tables": ("build", "kill", "rename", ".duckdb.partial", 0),
    "a kill among months": ("compact", "kill", "rename", "", -1),
}


@pytest.fixture(scope="module")
def closing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with cases(tmp_path_factory.mktemp("faults"), ("close",)) as (case,):
        yield case


@pytest.mark.parametrize("name", POINTS)
def test_a_closing_that_fails_anywhere_is_completed(closing: Case, name: str) -> None:
    effect, call, ending = POINTS[name]
    found = [
        one
        for one in closing.points
        if one.call == call and Path(one.path).name.endswith(ending)
    ]

    closing.tried(replace(found[0], effect=effect))

    assert len(closing.points) > 150


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Case]]:
    root = tmp_path_factory.mktemp("months")
    with cases(root, ("build", "compact")) as made:
        yield {case.name: case for case in made}


@pytest.mark.parametrize("name", OF_MONTHS)
def test_months_are_the_old_ones_or_whole(kept: dict[str, Case], name: str) -> None:
    command, effect, call, ending, number = OF_MONTHS[name]
    found = [
        one
        for one in kept[command].points
        if one.call.startswith(call) and Path(one.path).name.endswith(ending)
    ]

    tried = kept[command].tried(replace(found[number], effect=effect))

    assert tried.has_fired
    assert [one for one in kept[command].reference[0] if one.startswith("build/")]
