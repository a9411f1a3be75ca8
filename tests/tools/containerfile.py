"""The steps of an image, as a Containerfile has them."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """An instruction, such as RUN, and what follows it."""

    instruction: str
    words: tuple[str, ...]


def stages(path: Path) -> list[list[Step]]:
    """The steps of each stage, from its FROM on."""
    found: list[list[Step]] = []
    for line in path.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            found.append([])
        words = re.findall(r'[^\s\[\]",]+', rest)
        found[-1].append(Step(instruction, tuple(words)))
    return found
