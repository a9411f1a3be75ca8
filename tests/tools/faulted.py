"""Run `chargeback` at moments, each time in a fork of this process, for strace to stop.

A line of JSON says what to run, as `Task` has it. The answer is the id of a process,
which begins after an empty line; and, when it has ended, its exit code. What takes
long before a command does anything, such as imports, is done once.
"""

import ctypes
import os
import sys
from contextlib import nullcontext
from datetime import UTC, datetime

import msgspec

from pipeline.cli import clock
from pipeline.cli import main as chargeback
from worlds.small_builds import months_kept, small_builds

_PR_SET_PTRACER, _ANY = 0x59616D61, ctypes.c_ulong(-1)


class Task(msgspec.Struct, frozen=True):
    """A command in a *folder*, at a *moment*; *output* takes what it says.

    *is_small* if its builds are small; its months may be *kept*.
    """

    args: tuple[str, ...]
    folder: str
    moment: str
    env: dict[str, str]
    is_small: bool
    output: str
    kept: bool = False


def main() -> None:
    with small_builds(pages=True):
        pass  # which reads the models
    for line in iter(sys.stdin.readline, ""):
        task = msgspec.json.decode(line, type=Task)
        waits, begins = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(begins)
            os.read(waits, 1)  # nothing: it returns when the other end is closed
            _run(task)
        os.close(waits)
        _answer(process)
        sys.stdin.readline()
        os.close(begins)
        _, status = os.waitpid(process, 0)
        _answer(os.waitstatus_to_exitcode(status))


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _run(task: Task) -> None:
    """Run the command; never return."""
    code = 1
    try:
        output = os.open(task.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for number in (1, 2):
            os.dup2(output, number)
        os.close(output)
        os.chdir(task.folder)
        os.environ.update(task.env)
        now = datetime.fromisoformat(task.moment).replace(tzinfo=UTC)
        clock.now = lambda: now
        sys.argv = ["chargeback", *task.args]
        with (
            small_builds(pages=True) if task.is_small else nullcontext(),
            months_kept() if task.kept else nullcontext(),
        ):
            chargeback()
    except SystemExit as exc:
        code = exc.code if isinstance(exc.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    # Where only parents may trace, whoever wants to.
    ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANY, 0, 0, 0)
    main()
