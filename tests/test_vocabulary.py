"""Names use the words of docs/vocabulary.md, and none that it replaces."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs" / "vocabulary.md").read_text(encoding="utf-8")
MODULES = sorted((ROOT / "pipeline").rglob("*.py"))
QUERIES = sorted((ROOT / "sql").rglob("*.sql"))

# Words of other fields that are spelled like one of ours.
ELSEWHERE = {
    "note": "what a person writes down about a statement",
    "post": "the verb of HTTP",
    "sender": "the From of a message",
}


def replaced() -> set[str]:
    """The words of the document's first table that are not to be used."""
    table = DOCUMENT.split("\n## ")[1]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`(\w+)`", row)}


REPLACED = replaced()


def wrong_words(name: str) -> set[str]:
    """The words of a name in snake or camel case that the vocabulary replaces."""
    if name.startswith("__"):
        return set()  # names of Python
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")
    singular = {word.removesuffix("s") for word in words}
    return (REPLACED & (singular | set(words))) - ELSEWHERE.keys()


def defined(module: ast.AST) -> Iterator[str]:
    """What a module gives a name: functions, classes, arguments, variables, fields."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def named(sql: str) -> set[str]:
    """What a query gives a name: columns, tables and common table expressions."""
    code = re.sub(r"--[^\n]*|'[^']*'", "", sql)
    return {*re.findall(r"\bas (\w+)", code), *re.findall(r"\b(\w+) as \(", code)}


def test_the_document_has_words_to_look_for() -> None:
    assert {"night", "told", "mend", "scene", "bp"} <= REPLACED


@pytest.mark.parametrize("name", ["_told", "is_told", "NightJob", "base_bp", "letters"])
def test_a_replaced_word_is_found_in_a_name(name: str) -> None:
    assert wrong_words(name)


@pytest.mark.parametrize("name", ["midnight", "nightly", "__post_init__", "denoted"])
def test_a_word_is_not_found_within_another(name: str) -> None:
    assert not wrong_words(name)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_uses_the_vocabulary(path: Path) -> None:
    names = {path.stem, *defined(ast.parse(path.read_text(encoding="utf-8")))}

    assert {name for name in names if wrong_words(name)} == set()


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_query_uses_the_vocabulary(path: Path) -> None:
    names = {path.stem, *named(path.read_text(encoding="utf-8"))}

    assert {name for name in names if wrong_words(name)} == set()


def test_every_exception_is_needed() -> None:
    """A word that nobody uses needs no reason."""
    words = {
        word
        for path in MODULES
        for name in defined(ast.parse(path.read_text(encoding="utf-8")))
        for word in name.lower().split("_")
    }

    assert ELSEWHERE.keys() <= words & REPLACED
