"""What a command takes: CPU seconds, wall seconds and memory at its peak."""

import os
import subprocess
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
    start = perf_counter()
    with subprocess.Popen(  # noqa: S603 (our own commands)
        [*map(str, command)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        said = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{said[-3000:]}")
    wall = perf_counter() - start
    return Used(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


def build(folder: Path, *options: str) -> Used:
    """`chargeback build` of the data folder that `made_lake.py` made in *folder*."""
    as_of = ("--as-of", "2026-11-01")
    config = ("--config", folder / "chargeback.toml")
    return run([OURS, "-m", "pipeline", "build", *config, *as_of, *options], folder)
