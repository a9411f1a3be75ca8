"""The words of pages, mails and workbooks in a language: a gettext catalogue.

English words are the keys of catalogues, so that English needs none. A catalogue is
a file of translators, `<language>.po`, beside the templates; it is read as it is.
"""

from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO

from pipeline.resources import resource

_ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """A catalogue, and the language's `tag` as HTML writes it."""

    tag: str
    catalogue: NullTranslations

    def gettext(self, words: str) -> str:
        """English *words* in this language; what has no translation stays."""
        return self.catalogue.gettext(words) if words else words

    def ngettext(self, one: str, several: str, count: int) -> str:
        """The words for *count* things."""
        return self.catalogue.ngettext(one, several, count)

    def counted(self, one: str, several: str, count: int) -> str:
        """The words for *count* things, which have it as `%(count)s`."""
        return self.ngettext(one, several, count) % {"count": count}


ENGLISH = Language(_ENGLISH, NullTranslations())


def msgid(words: str) -> str:
    """*words*, marked as ones to translate where they are shown."""
    return words


def languages() -> list[str]:
    """The names of all languages that there are words of."""
    return sorted(_catalogues() | {_ENGLISH})


def has_words(name: str) -> bool:
    """Whether there are words of the language *name*, or of the one it is a kind of."""
    return _catalogue_of(name) in languages()


@cache
def language(name: str) -> Language:
    """The language *name*: `de`, or `de-AT` where what is not its own is of `de`."""
    found = _catalogue_of(name)
    tag = name.replace("_", "-")
    if found == _ENGLISH:
        return Language(tag, ENGLISH.catalogue)
    return Language(tag, _read(found))


def _catalogue_of(name: str) -> str:
    whole = name.replace("-", "_")
    return whole if whole in _catalogues() else whole.partition("_")[0]


def _catalogues() -> set[str]:
    return {path.stem for path in (resource("templates") / "languages").glob("*.po")}


def _read(name: str) -> GNUTranslations:
    """The catalogue as gettext has it, without what is marked as fuzzy."""
    # Here, since what is English should not wait for it.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    path = resource("templates") / "languages" / f"{name}.po"
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=name))
    compiled.seek(0)
    return GNUTranslations(compiled)
