"""End and fail commands at every call that changes a file; report what goes wrong.

`make faults` tries every point with every effect, which takes hours; with FAULTS=7
every seventh one. strace is needed.
"""

import argparse
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from worlds.faults import EFFECTS, Case, Point
from worlds.faulty_commands import NAMES, cases


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--effects", nargs="+", choices=EFFECTS, default=EFFECTS)
    parser.add_argument("--commands", nargs="+", choices=NAMES, default=NAMES)
    options = parser.parse_args()
    failed = 0
    with (
        TemporaryDirectory() as root,
        cases(Path(root), tuple(options.commands)) as made,
    ):
        for effect in options.effects:
            for case in made:
                points = case.points[:: options.every]
                failed += _try(case, [replace(one, effect=effect) for one in points])
    return min(failed, 1)


def _try(case: Case, points: list[Point]) -> int:
    """The number of *points* after which something is not as it should be."""
    codes: Counter[int] = Counter()
    failed = 0
    for point in points:
        try:
            codes[case.tried(point)] += 1
        except AssertionError as exc:
            failed += 1
            sys.stdout.write(f"{case.name}: {point}\n    {str(exc)[:1000]}\n")
            sys.stdout.flush()
    sys.stdout.write(
        f"{case.name}: {points[0].effect} at {len(points)} points of"
        f" {len(case.points)}, {failed} failed, exit codes {dict(codes)}\n"
    )
    sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main())
