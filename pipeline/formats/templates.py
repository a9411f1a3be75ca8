"""Templates that have words of a language: `_`, `ngettext` and `trans` in them."""

from jinja2 import Environment

from pipeline.formats.language import Language

EXTENSIONS = ("jinja2.ext.do", "jinja2.ext.i18n")


def install(environment: Environment, language: Language) -> None:
    """Let the templates of *environment*, which has `EXTENSIONS`, speak *language*.

    Words are trusted and may have tags; what is put into them is escaped.
    """
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        language.gettext, language.ngettext, newstyle=True
    )
