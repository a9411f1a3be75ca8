"""Imports point one way: cli → steps → places → leaves."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "pipeline"

LEAVES = {
    "errors",
    "cells",
    "resources",
    "config",
    "entities",
    "files",
    "formats",
    "charts",
    "logs",
    "parquet",
    "progress",
}
PLACES = {
    "tenant",
    "lake",
    "seeds",
    "closed",
    "warehouse",
    "mailserver",
    "webhook",
}
STEPS = {
    "extract",
    "sources",
    "build",
    "check",
    "close",
    "report",
    "export",
    "deliver",
    "query",
    "doctor",
    "init",
}
TOP = {"cli", "chosen", "options", "job", "mailing", "trial", "__main__"}
SANDBOX = {"sandbox"}

ABOVE = (
    (LEAVES | SANDBOX, {"errors"}),
    (PLACES, LEAVES),
    (STEPS, LEAVES | PLACES),
    (TOP, LEAVES | PLACES | STEPS | SANDBOX | TOP),
)
ALLOWED = {module: below for layer, below in ABOVE for module in layer}


def modules() -> list[str]:
    found = {
        path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for path in PACKAGE.rglob("*.py")
    }
    return sorted(found - {"__init__"})


def imports(module: str) -> set[str]:
    """The modules of ours that *module* imports, wherever in it, but for itself."""
    single = PACKAGE / f"{module}.py"
    paths = [single] if single.exists() else (PACKAGE / module).rglob("*.py")
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
    return found - {module}


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_from_below_only(module: str) -> None:
    assert imports(module) <= ALLOWED[module]


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

    assert readers <= {"cli.py", "sandbox"}
