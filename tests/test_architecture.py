"""Imports and reads go one way, in the orders that docs/architecture.md gives."""

import ast
import re
from pathlib import Path

import pytest

from tools.model_tables import models

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "pipeline"
DOCUMENT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def order(name: str) -> list[str]:
    """The lines of the block of that *name* in docs/architecture.md."""
    block = re.search(rf"```text {name}\n(.*?)```", DOCUMENT, re.DOTALL)
    assert block, f"docs/architecture.md has no block {name!r}"
    return block[1].split()


IMPORTS = order("imports")
READS = order("reads")
MODELS = models()


def parts() -> set[str]:
    """What stands in the package: folders and single modules."""
    found = {
        path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for path in PACKAGE.rglob("*.py")
    }
    return found - {"__init__"}


def imported(part: str) -> set[str]:
    """The parts of ours that *part* imports, wherever in it, but for itself."""
    single = PACKAGE / f"{part}.py"
    paths = [single] if single.exists() else (PACKAGE / part).rglob("*.py")
    found = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            found |= {n.split(".")[1] for n in names if n.startswith("pipeline.")}
    return found - {part}


def upward(position: dict[str, int], arrows: dict[str, set[str]]) -> list[str]:
    """Arrows of *arrows* that do not go to a higher position."""
    return [
        f"{start} → {end}"
        for start, ends in sorted(arrows.items())
        for end in sorted(ends)
        if position[end] <= position[start]
    ]


def test_every_part_of_the_package_has_its_place() -> None:
    assert sorted(IMPORTS) == sorted(parts())


@pytest.mark.parametrize("part", IMPORTS)
def test_a_part_imports_from_below_only(part: str) -> None:
    position = {name: place for place, name in enumerate(IMPORTS)}

    assert upward(position, {part: imported(part)}) == []


def reads_upward(folders: dict[str, str], reads: dict[str, set[str]]) -> list[str]:
    """Reads of a model whose folder comes later in the order than the reader's."""
    return [
        f"{folders[model]}/{model} ← {folders[read]}/{read}"
        for model, tables in sorted(reads.items())
        for read in sorted(tables & folders.keys())
        if READS.index(folders[read]) > READS.index(folders[model])
    ]


def private_reads(folders: dict[str, str], reads: dict[str, set[str]]) -> list[str]:
    """Reads of another folder's private model."""
    return [
        f"{folders[model]}/{model} ← {folders[read]}/{read}"
        for model, tables in sorted(reads.items())
        for read in sorted(tables & folders.keys())
        if read.startswith("_") and folders[read] != folders[model]
    ]


FOLDERS = {name: model.folder for name, model in MODELS.items()}
ALL_READS = {name: set(model.reads) for name, model in MODELS.items()}


def test_every_folder_of_models_has_its_place() -> None:
    assert set(READS) == set(FOLDERS.values())


def test_a_model_reads_from_its_own_and_earlier_folders_only() -> None:
    assert reads_upward(FOLDERS, ALL_READS) == []


def test_a_read_that_points_upward_is_found() -> None:
    """Every model in turn reads one of the last folder: each is told."""
    last = next(name for name, folder in FOLDERS.items() if folder == READS[-1])
    for name, folder in FOLDERS.items():
        if folder != READS[-1]:
            found = reads_upward(FOLDERS, {name: {last}})
            assert found == [f"{folder}/{name} ← {READS[-1]}/{last}"]


def test_a_private_model_is_read_in_its_folder_only() -> None:
    assert private_reads(FOLDERS, ALL_READS) == []


def test_the_clock_is_read_at_the_top_only() -> None:
    """Pacing and log lines may look at a stopwatch, nothing below at the date."""
    readers = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "today", "utcnow"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date"}
    }

    assert readers <= {"cli", "sandbox"}
