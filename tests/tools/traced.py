"""Commands under strace: started at once, in forks of a process that has all it needs.

With strace's `-p`; where nobody may do so, nothing of this works.
"""

import atexit
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import msgspec

from tools.faulted import Task

ROOT = Path(__file__).parents[2]


def can_trace() -> bool:
    """Whether strace is here, and may attach to a process."""
    if shutil.which("strace") is None:
        return False
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE
    ) as process:
        tracer = _attached(process.pid, [])
        process.kill()
        return tracer is not None and _end_of(tracer) == 0


def run(task: Task, strace: list[str]) -> int:
    """The exit code of *task*, with what options of *strace* do to it.

    Raises:
        AssertionError: It cannot be traced.
    """
    questions, answers = _server().stdin, _server().stdout
    assert questions is not None
    assert answers is not None
    questions.write(msgspec.json.encode(task) + b"\n")
    process = int(answers.readline())
    tracer = _attached(process, strace)
    questions.write(b"\n")
    code = int(answers.readline())
    assert tracer is not None
    _end_of(tracer)
    return code


def _attached(process: int, options: list[str]) -> subprocess.Popen[str] | None:
    """strace, when it has attached to *process*; None if it may not."""
    command = ["strace", "-f", "-o", os.devnull, *options, "-p", f"{process}"]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    if re.search(r"Process \d+ attached", tracer.stderr.readline()):
        # Nobody reads what else it says, which is a line for each thread.
        return tracer
    _end_of(tracer)
    return None


def _end_of(tracer: subprocess.Popen[str]) -> int:
    """The exit code of *tracer*, once it has ended."""
    with tracer:
        return tracer.wait()


@cache
def _server() -> subprocess.Popen[bytes]:
    """The process that makes those that are traced; it ends with this one."""
    path = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "tools" / "faulted.py")],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    )
    atexit.register(server.communicate)
    return server
