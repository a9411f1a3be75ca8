"""Whether docs/finance-files.md has what the models make of its examples."""

from collections.abc import Sequence
from pathlib import Path

DOCS = (Path(__file__).parents[2] / "docs" / "finance-files.md").read_text()


def row_of(*cells: object) -> str:
    """A row of a table as it is written there; None is an empty cell."""
    shown = ("" if cell is None else str(cell) for cell in cells)
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in shown)


def held_by_the_docs(rows: Sequence[str]) -> bool:
    """Whether *rows* stand there, one below the other."""
    return "\n".join(rows) in DOCS
