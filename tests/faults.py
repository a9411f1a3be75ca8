"""End and fail commands at every call that changes a file; report what goes wrong.

`make faults` tries every point with every effect, which takes an hour or two on two
cores; with FAULTS=7 every seventh one, with EFFECTS=kill and COMMANDS="close deliver"
those alone. strace is needed.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from worlds.faults import EFFECTS, Case, Point
from worlds.faulty_commands import NAMES, cases


@dataclass(slots=True)
class Tally:
    """Points that were tried: those at which something happened, and what failed."""

    tried: int = 0
    fired: int = 0
    failed: int = 0
    codes: Counter[int] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        self.tried += other.tried
        self.fired += other.fired
        self.failed += other.failed
        self.codes += other.codes

    def __str__(self) -> str:
        codes = ", ".join(f"{code}: {n}" for code, n in sorted(self.codes.items()))
        return (
            f"{self.tried} points, {self.fired} fired, {self.failed} failed;"
            f" exit codes {codes}"
        )


@dataclass(frozen=True, slots=True)
class Part:
    """What one process tries: points by the name of their command, with *effects*."""

    effects: Sequence[str]
    points: Mapping[str, Sequence[Point]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--effects", nargs="+", choices=EFFECTS, default=EFFECTS)
    parser.add_argument("--commands", nargs="+", choices=NAMES, default=NAMES)
    options = parser.parse_args()
    points = _listed(options.commands, options.every)
    parts = [
        Part(
            options.effects,
            {name: each[n :: options.jobs] for name, each in points.items()},
        )
        for n in range(options.jobs)
    ]
    total = Tally()
    with ProcessPoolExecutor(options.jobs, get_context("spawn")) as workers:
        for tally in workers.map(_part, parts):
            total.add(tally)
    _say(f"all: {total}")
    return min(total.failed, 1)


def _listed(names: Sequence[str], every: int) -> dict[str, list[Point]]:
    """Each *every*th point of the commands: once for all processes.

    DuckDB's threads do not always do the same.
    """
    with TemporaryDirectory() as root, cases(Path(root), tuple(names)) as made:
        points = {case.name: case.points[::every] for case in made}
    for name, each in points.items():
        _say(f"{name}: {len(each)} points")
    return points


def _part(part: Part) -> Tally:
    """Try the points of *part*, in folders of its own."""
    total = Tally()
    with (
        TemporaryDirectory() as root,
        cases(Path(root), tuple(part.points)) as made,
    ):
        for effect in part.effects:
            for case in made:
                points = [replace(one, effect=effect) for one in part.points[case.name]]
                tally = _try(case, points)
                total.add(tally)
                _say(f"{case.name}, {effect}: {tally}")
    return total


def _try(case: Case, points: Sequence[Point]) -> Tally:
    tally = Tally(tried=len(points))
    for point in points:
        try:
            tried = case.tried(point)
        except AssertionError as exc:
            tally.failed += 1
            _say(f"{case.name}: {point}\n    {str(exc)[:1000]}")
            continue
        tally.codes[tried.code] += 1
        tally.fired += tried.has_fired
    return tally


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
