"""The reversal in `docs/closing.md` says what it says there, command by command."""

import re
import shlex
import subprocess
from datetime import date
from pathlib import Path

import pytest

from worlds.closing import Company

pytestmark = pytest.mark.slow

DOCUMENT = Path(__file__).parents[2] / "docs" / "closing.md"


def test_the_worked_example_is_what_happens(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.start(date(2026, 3, 2))
    blocks = re.findall(r"```console\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    steps = [step for block in blocks for step in block.split("$ ") if step]

    assert len(steps) == 9
    for step in steps:
        command, _, expected = step.partition("\n")
        name, *arguments = shlex.split(command)
        if name == "sed":
            subprocess.run([name, *arguments], cwd=tmp_path, check=True)
            continue
        result = company.chargeback(*arguments)
        assert result.returncode == 0, result.stderr
        assert shown(result.stdout) == shown(expected)


def shown(text: str) -> list[str]:
    """The lines of *text*, without seals, which change with every new column."""
    lines = (re.sub("seal [0-9a-f]+", "seal", line) for line in text.splitlines())
    return [line.rstrip() for line in lines if line.strip()]
