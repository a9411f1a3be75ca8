"""Run `chargeback` at a moment, in small builds if it is told so, for strace to stop.

python faulted.py MOMENT SIZE ARGUMENT…: SIZE is `small` or `whole`.
"""

import sys
from contextlib import nullcontext
from datetime import UTC, datetime

from pipeline.cli import clock
from pipeline.cli import main as chargeback
from worlds.small_builds import small_builds


def main() -> None:
    moment, size, *arguments = sys.argv[1:]
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    clock.now = lambda: now
    sys.argv = ["chargeback", *arguments]
    with small_builds(pages=True) if size == "small" else nullcontext():
        chargeback()


main()
