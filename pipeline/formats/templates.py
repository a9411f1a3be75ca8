"""Templates that have words of a language: `_`, `ngettext` and `trans` in them."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from pipeline.formats.language import Language

_EXTENSIONS = ("jinja2.ext.do", "jinja2.ext.i18n")


def environment(
    folder: Path,
    language: Language,
    escaped: bool = True,  # noqa: FBT001, FBT002
) -> Environment:
    """The templates in *folder*, which speak *language*.

    What they are given is *escaped* as HTML needs it; words are trusted and may have
    tags. A name that has no value is an error.
    """
    made = _Templates(
        loader=FileSystemLoader(folder),
        autoescape=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Or what a filter makes of a word would be compiled into the template, in the
        # language of who compiled it.
        optimized=False,
        bytecode_cache=_COMPILED[escaped],
        auto_reload=False,
        extensions=_EXTENSIONS,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        language.gettext, language.ngettext, newstyle=True
    )
    said = _gettext(language, escaped)
    made.globals |= {"gettext": said, "_": said}
    return made


def _gettext(language: Language, escaped: bool) -> Callable[..., str]:  # noqa: FBT001
    """What Jinja makes of a language's `gettext`, but words without values once."""

    @cache
    def words(text: str) -> str:
        found = language.gettext(text)
        return Markup(found) if escaped else found  # noqa: S704 (as Jinja does)

    @cache
    def alone(text: str) -> str:
        return words(text) % {}

    def said(text: str, /, **values: Any) -> str:
        return words(text) % values if values else alone(text)

    return said


class _Templates(Environment):
    """Templates that are mostly given rows, the values of which are found first."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What Jinja finds, but that a row is asked for a column before a method."""
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


class _Compiled(BytecodeCache):
    """Templates as compiled before in this process: closing a month renders twice."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Bucket] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled of the same text."""
        if kept := self._kept.get((bucket.key, bucket.checksum)):
            bucket.code = kept.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key, bucket.checksum] = bucket


_COMPILED: Mapping[bool, _Compiled] = {True: _Compiled(), False: _Compiled()}
