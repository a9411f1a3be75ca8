"""The sandbox has three layers: http serves api, and api answers from world."""

import ast
from pathlib import Path

import pytest

from pipeline import sandbox

LAYERS = ("http", "api", "world")
FOLDER = Path(sandbox.__file__).parent


def imported(layer: str) -> set[str]:
    """What of the pipeline modules of *layer* import, but for steps of the calendar."""
    return {
        node.module
        for path in (FOLDER / layer).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module.startswith("pipeline.")
        and node.module != "pipeline.dates"  # a leaf: days and months, no more
    }


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_itself_and_lower_layers_only(layer: str) -> None:
    allowed = LAYERS[LAYERS.index(layer) :]
    prefixes = tuple(f"pipeline.sandbox.{one}" for one in allowed)

    assert [name for name in imported(layer) if not name.startswith(prefixes)] == []
