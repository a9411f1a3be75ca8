"""Run `chargeback` until the interpreter is about to do something; then kill it.

python killed_at.py EVENT WORD NUMBER ARGUMENT…: the process dies, as by a power cut,
before the NUMBERth audit event EVENT that has WORD in its arguments. With SMALL_BUILDS
in the environment, builds are small.
"""

import os
import signal
import sys
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from typing import Any


def main() -> None:
    event, word, number, *arguments = sys.argv[1:]
    seen = count(1)

    def hook(name: str, args: tuple[Any, ...]) -> None:
        if name == event and word in str(args) and next(seen) == int(number):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.argv = ["chargeback", *arguments]
    from pipeline.cli import main as chargeback  # noqa: PLC0415

    with _builds():
        sys.addaudithook(hook)
        chargeback()


def _builds() -> Any:
    if "SMALL_BUILDS" not in os.environ:
        return nullcontext()
    sys.path.append(str(Path(__file__).parents[1]))
    from worlds.small_builds import small_builds  # noqa: PLC0415

    return small_builds()


main()
