"""Catalogues are complete, with the placeholders and tags of the English words."""

import re
from pathlib import Path

import catalogues
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from catalogues import words_of

from pipeline.formats.language import ENGLISH, language, languages
from pipeline.formats.templates import environment
from pipeline.resources import resource
from tools.marked import texts, texts_unmarked

TEMPLATES = resource("templates")
FOLDER = TEMPLATES / "languages"
FILES = sorted(FOLDER.glob("*.po"))

# What is a product's name, or markup.
PRODUCTS = {"Qlik Automate", "letter", "yes", 'title=""'}

# Tags, and what is typed in a shell.
TAG = re.compile(r'<[^>]*>|query "…"')


@pytest.fixture(scope="module")
def words() -> Catalog:
    return catalogues.template()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_catalogue_has_every_word(path: Path, words: Catalog) -> None:
    translated = {_first(one): one for one in _catalogue(path) if one.id}

    assert translated.keys() == {_first(one) for one in words if one.id}, "make words"
    for one in translated.values():
        ids, strings = words_of(one.id), words_of(one.string)
        assert all(strings), one.id
        assert not one.fuzzy, one.id
        assert _put_in(ids[-1]) == _put_in(strings[-1]), one.id
        assert not any('"' in TAG.sub("", text) for text in strings), one.id


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_catalogue_is_in_the_order_of_files(
    path: Path, words: Catalog, tmp_path: Path
) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())

    catalogues.update(copy, words)

    assert copy.read_bytes() == path.read_bytes(), "make words"


def test_templates_have_no_word_that_is_not_marked() -> None:
    for path in TEMPLATES.glob("*.html"):
        source = _without_marked(path.read_text(encoding="utf-8"))
        assert texts_unmarked(texts(source), PRODUCTS) == [], path.name


def test_a_style_sheet_has_no_words() -> None:
    """It takes them of attributes of the page."""
    style = (TEMPLATES / "_style.css").read_text(encoding="utf-8")

    assert not re.findall(r'content: "[^"]*[a-z]{3}[^"]*"', style)


def test_a_language_may_be_of_a_country() -> None:
    assert languages() == ["de", "en"]
    austrian = language("de-AT")
    assert austrian.tag == "de-AT"
    assert austrian.gettext("Cost centre") == "Kostenstelle"
    assert austrian.counted("One day was not read", "%(n)s", 1).endswith("gelesen")
    assert language("en-GB").gettext("Cost centre") == "Cost centre"


def _without_marked(source: str) -> str:
    """The HTML of a template without its expressions and what is in `trans`."""
    kept, is_marked = [], False
    for _, kind, value in environment(TEMPLATES, ENGLISH).lex(source):
        if kind == "name" and value in {"trans", "endtrans"}:
            is_marked = value == "trans"
        elif kind == "data" and not is_marked:
            kept.append(value)
    return "".join(kept)


def _catalogue(path: Path) -> Catalog:
    with path.open("rb") as source:
        return read_po(source, locale=path.stem)


def _first(one: Message) -> str:
    return words_of(one.id)[0]


def _put_in(text: str) -> list[str]:
    """The placeholders and tags of a text, of which none may be lost or made up."""
    return sorted(re.findall(r"%\(\w+\)s|%%|%s|<[^>]*>", text))
