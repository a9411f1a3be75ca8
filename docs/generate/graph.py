"""What imports and what reads what in the code, and the order that it keeps to."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pipeline import build

DOCS = Path(__file__).parents[1]
PACKAGE = DOCS.parent / "pipeline"


@dataclass(frozen=True, slots=True)
class Graph:
    """Boxes from top to bottom, and how much goes from one to another, or stays."""

    boxes: tuple[str, ...]
    arrows: Mapping[tuple[str, str], int]
    inside: int = 0

    @classmethod
    def of(cls, title: str, pairs: Iterable[tuple[str, str]]) -> Self:
        """The graph of *pairs*, its boxes in the order under that *title*."""
        counted = Counter(pairs)
        arrows = {(a, b): count for (a, b), count in counted.items() if a != b}
        return cls(order(title), arrows, counted.total() - sum(arrows.values()))

    @property
    def upward(self) -> list[tuple[str, str]]:
        """The arrows that go from a box to one above it."""
        place = self.boxes.index
        return [(a, b) for a, b in sorted(self.arrows) if place(a) > place(b)]


def order(title: str) -> tuple[str, ...]:
    """The names in the table under that *title* in docs/architecture.md, in order.

    Raises:
        ValueError: There is no such table.
    """
    document = (DOCS / "architecture.md").read_text(encoding="utf-8")
    section = document.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    names = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    if not names:
        raise ValueError(f"docs/architecture.md has no table under {title!r}")
    return tuple(names)


def imports() -> Graph:
    """An arrow from a part of the package to each that it imports, by statements."""
    return Graph.of(
        "Import order",
        (
            (part(path), other)
            for path in sorted(PACKAGE.rglob("*.py"))
            for names in imported(path)
            for other in _parts_of(names)
        ),
    )


def _parts_of(names: set[str]) -> set[str]:
    return {name.split(".")[1] for name in names if name.startswith("pipeline.")}


def reads() -> Graph:
    """An arrow from a folder of models to each that reads its tables, by reads."""
    models = build.models()
    folders = {model.name: model.folder for model in models}
    return Graph.of(
        "Read order",
        (
            (folders[table], model.folder)
            for model in models
            for table in sorted(model.reads & folders.keys())
        ),
    )


def parts() -> set[str]:
    """What stands in the package: folders and single modules."""
    return {part(path) for path in PACKAGE.rglob("*.py")} - {"__init__"}


def part(path: Path) -> str:
    """The part of the package that *path* is, or is in."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[set[str]]:
    """The full names that each import statement of a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            yield {alias.name for alias in node.names}
