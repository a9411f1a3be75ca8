"""Run `chargeback` until the interpreter is about to do something; then kill it.

python killed_at.py EVENT WORD NUMBER ARGUMENT…: the process dies, as by a power cut,
before the NUMBERth audit event EVENT that has WORD in its arguments.
"""

import os
import signal
import sys
from itertools import count
from typing import Any


def main() -> None:
    event, word, number, *arguments = sys.argv[1:]
    seen = count(1)

    def hook(name: str, args: tuple[Any, ...]) -> None:
        if name == event and word in str(args) and next(seen) == int(number):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.argv = ["chargeback", *arguments]
    from pipeline.cli import main as chargeback  # noqa: PLC0415

    sys.addaudithook(hook)
    chargeback()


main()
