"""Imports and reads go one way, in the orders that docs/architecture.md gives."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import graph
import pytest
from pages import pages
from pictures import draw

from pipeline import endpoints, finance, seeds
from pipeline.closing import archive
from pipeline.resources import resource
from pipeline.warehouse import Model
from tools.model_tables import models

MODELS = models()
PLACES = {name: number for number, name in enumerate(graph.order("Read order"))}
GRAPHS = {"imports": graph.imports(), "reads": graph.reads()}
MODULES = sorted(graph.PACKAGE.rglob("*.py"))
QUERIES = sorted(resource("sql").rglob("*.sql"))


def test_every_part_of_the_package_has_its_place() -> None:
    assert sorted(graph.order("Import order")) == sorted(graph.parts())


def test_every_folder_of_models_has_its_place() -> None:
    assert set(PLACES) == {model.folder for model in MODELS.values()}


@pytest.mark.parametrize("name", GRAPHS)
def test_no_arrow_goes_up(name: str) -> None:
    assert GRAPHS[name].upward == []


@pytest.mark.parametrize("name", GRAPHS)
def test_an_arrow_that_goes_up_is_found_and_drawn_as_such(name: str) -> None:
    """One from each box but the first, to the first, in turn."""
    known = GRAPHS[name]
    assert 'class="up"' not in draw(known, "title", "arrows")

    first, *others = known.boxes
    for box in others:
        wrong = replace(known, arrows={**known.arrows, (box, first): 3})
        picture = draw(wrong, "title", "arrows")
        assert wrong.upward == [(box, first)]
        assert picture.count('class="up"><path') == 1
        assert f">Up: {box} → {first}</text>" in picture


def needs_upward(model: Model, needs: frozenset[str]) -> list[str]:
    """Of the tables that *model* needs, those of a folder that comes after its own."""
    return [
        name
        for name in sorted(needs & MODELS.keys())
        if PLACES[MODELS[name].folder] > PLACES[model.folder]
    ]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_model_needs_its_own_and_earlier_folders_only(model: Model) -> None:
    """To be made, and to be compared with; one of the last folder would be found."""
    last = next(name for name, one in MODELS.items() if one.folder == [*PLACES][-1])

    assert needs_upward(model, model.needs) == []
    if model.folder != MODELS[last].folder:
        assert needs_upward(model, model.needs | {last}) == [last]


def test_a_private_model_is_needed_in_its_folder_only() -> None:
    found = [
        f"{model.place} ← {name}"
        for model in MODELS.values()
        for name in sorted(model.needs & MODELS.keys())
        if name.startswith("_") and MODELS[name].folder != model.folder
    ]

    assert found == []


KINDS = {
    "lake": {f"raw_{table.name}" for table in endpoints.TABLES},
    "seeds": set(seeds.TABLES),
    "finance files": set(finance.TABLES),
    "closed months": set(archive.TABLES),
}


@pytest.mark.parametrize("folder", PLACES)
def test_what_a_folder_reads_besides_models_is_written_down(folder: str) -> None:
    document = (graph.DOCS / "architecture.md").read_text(encoding="utf-8")
    section = document.partition("## Read order")[2]
    row = re.search(rf"^\| `{folder}` \|.*\| ?(.*) \|$", section, re.MULTILINE)
    reads = {
        name
        for model in MODELS.values()
        if model.folder == folder
        for name in model.reads
    }

    assert row
    assert row[1] == ", ".join(
        kind for kind, tables in sorted(KINDS.items()) if tables & reads
    )


def test_what_is_private_to_a_folder_is_imported_in_it_only() -> None:
    found = [
        f"{path.relative_to(graph.PACKAGE)} ← {name}"
        for path in MODULES
        for name in imported(path)
        if re.search(r"\._(?!_)", name) and name.split(".")[1] != graph.part(path)
    ]

    assert found == []


def imported(path: Path) -> Iterator[str]:
    """The full name of all of ours that the module of *path* imports."""
    for names in graph.imported(path):
        yield from (name for name in names if name.startswith("pipeline."))


def test_httpcore_stands_in_the_transport_only() -> None:
    places = {
        str(path.relative_to(graph.PACKAGE).parent)
        for path in MODULES
        if "httpcore" in path.read_text(encoding="utf-8")
    }

    assert places == {"tenant/transport"}


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


@pytest.mark.parametrize(
    "name",
    [
        *("chargeback.schema.json", "tenants.schema.json", "configuration.md"),
        *("data-dictionary.md", "imports.svg", "reads.svg"),
    ],
)
def test_what_is_made_from_the_code_is_current(name: str, made: dict[str, str]) -> None:
    written = (graph.DOCS / name).read_text(encoding="utf-8")

    assert written == made[name], "run `make docs`"


def test_no_function_is_longer_than_40_lines() -> None:
    long = [
        f"{path.relative_to(graph.PACKAGE)}: {node.name} has {length} lines"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > 40
    ]

    assert not long, "\n".join(long)


def test_no_module_is_longer_than_250_lines() -> None:
    long = [
        f"{path.relative_to(graph.PACKAGE)} has {length} lines"
        for path in MODULES
        if (length := len(path.read_text(encoding="utf-8").splitlines())) > 250
    ]

    assert not long, "\n".join(long)


def test_no_query_has_more_than_80_lines_of_code() -> None:
    long = [
        f"{path.relative_to(resource('sql'))} has {length} lines"
        for path in QUERIES
        if (length := code_lines(path)) > 80
    ]

    assert not long, "\n".join(long)


def code_lines(path: Path) -> int:
    """Lines that are neither blank nor only a comment."""
    lines = map(str.strip, path.read_text(encoding="utf-8").splitlines())
    return sum(bool(line) and not line.startswith("--") for line in lines)


def test_there_are_at_most_24_parts_and_fewer_than_120_models() -> None:
    parts = [path.name for path in graph.PACKAGE.iterdir() if path.name[:2] != "__"]

    assert len(parts) <= 24, "make the new part a module of one of the others"
    assert len(MODELS) < 120, "make one model of two that say almost the same"


def test_the_clock_is_read_at_the_top_only() -> None:
    """Pacing and log lines may look at a stopwatch, nothing below at the date."""
    readers = {
        graph.part(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "today", "utcnow"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date"}
    }

    assert readers <= {"cli", "sandbox"}
