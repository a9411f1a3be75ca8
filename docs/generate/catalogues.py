"""The catalogues of languages: `make words` puts in what is new, and takes out the old.

English words are marked in Python with `gettext`, `ngettext`, `counted` and `msgid`, in
templates with `_`, `ngettext` and `trans`; the labels of seeds are words too.
"""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from pipeline import seeds
from pipeline.formats.words import inside
from pipeline.resources import resource

_ROOT = Path(__file__).parents[2]
_KEYWORDS = {**DEFAULT_KEYWORDS, "msgid": None, "counted": (1, 2)}
_METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
_TEMPLATES = {
    "extensions": "jinja2.ext.do,jinja2.ext.i18n",
    "newstyle_gettext": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}
_SORTED = {"sort_by_file": True, "include_lineno": False}
_OPTIONS = {"**.html": _TEMPLATES, "**.txt": _TEMPLATES}


def template() -> Catalog:
    """All words, by the files that have them."""
    catalogue = Catalog(charset="utf-8")
    for folder in ("pipeline", "reports/templates"):
        for name, _, words, _, _ in extract_from_dir(
            _ROOT / folder, _METHODS, _OPTIONS, _KEYWORDS
        ):
            catalogue.add(words, None, [(f"{folder}/{name}", 0)])
    for words in _of_seeds():
        catalogue.add(words, None, [("data/seeds", 0)])
    for words in _of_workbooks():
        catalogue.add(words, None, [("sql/exports", 0)])
    return catalogue


def words_of(text: object) -> tuple[str, ...]:
    """The words of a message, or those for one and for several."""
    return tuple(map(str, text)) if isinstance(text, list | tuple) else (str(text),)


def _of_seeds() -> Iterator[str]:
    """What is said of meters, contexts and statuses."""
    for meter in seeds.meters():
        yield from (meter.label, meter.unit)
        yield from (f"{way} {inside(meter.label)}" for way in ("by", "of"))
    yield from (one.label for one in seeds.contexts())
    yield from (one.status for one in seeds.statuses())


def _of_workbooks() -> Iterator[str]:
    """The heads of columns, as the data contract has them."""
    contract = json.loads((_ROOT / "docs/data-contract.json").read_text("utf-8"))
    for sheet in contract["schema"]:
        if sheet["name"].startswith("xlsx."):
            yield from (one["name"] for one in sheet["properties"])


def update(path: Path, words: Catalog) -> None:
    """Make the catalogue at *path* one of all *words*; new ones have no translation.

    Its head, with the glossary, stays.
    """
    head, _, _ = path.read_text(encoding="utf-8").partition("\n\n#:")
    with path.open("rb") as source:
        catalogue = read_po(source, locale=path.stem)
    catalogue.update(words, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    body = BytesIO()
    write_po(body, catalogue, width=0, omit_header=True, **_SORTED)
    texts = (head, body.getvalue().decode())
    path.write_text("\n\n".join(one.strip() for one in texts) + "\n", "utf-8")


if __name__ == "__main__":
    for one in sorted((resource("templates") / "languages").glob("*.po")):
        update(one, template())
