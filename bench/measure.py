"""What a command takes: CPU seconds, wall seconds and memory at its peak.

As a script it runs its arguments and says so as the last line, from a process that is
small itself: a command begins with the peak of the process that has begun it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[1]
OURS = ROOT / ".venv" / "bin" / "python"
# What is compared with is installed apart: `make bench` does it.
OTHERS = ROOT / ".venv-bench" / "bin"


@dataclass(frozen=True, slots=True)
class Used:
    """What something took: seconds of CPU and of the clock, MB at the peak."""

    cpu: float
    wall: float
    memory: float

    def __str__(self) -> str:
        return f"{self.cpu:.1f} CPU s, {self.wall:.1f} s, {self.memory:,.0f} MB"


def run(command: Sequence[str | Path], folder: Path = ROOT) -> Used:
    """Run *command* in *folder*, and say what it took, with its children.

    Raises:
        RuntimeError: It failed; what it wrote is in the message.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DO_NOT_TRACK": "1"}
    done = subprocess.run(  # noqa: S603 (our own commands)
        [sys.executable, "-S", "-P", __file__, *map(str, command)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout[-3000:]}")
    return Used(*json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Run the arguments as a command, and print what it took as a line of JSON."""
    start = perf_counter()
    with subprocess.Popen(sys.argv[1:]) as process:  # noqa: S603 (our own commands)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    took = perf_counter() - start, used.ru_maxrss / 1024
    print(json.dumps([used.ru_utime + used.ru_stime, *took]))
    sys.exit(process.returncode)


def peak() -> float:
    """MB of this process at its peak."""
    text = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(text.partition("VmHWM:")[2].split()[0]) / 1024


def build(folder: Path, *options: str) -> Used:
    """`chargeback build` of the data folder that `made_lake.py` made in *folder*."""
    as_of = ("--as-of", "2026-11-01")
    config = ("--config", folder / "chargeback.toml")
    return run([OURS, "-m", "pipeline", "build", *config, *as_of, *options], folder)


if __name__ == "__main__":
    main()
