"""Templates that have words of a language: `_`, `ngettext` and `trans` in them."""

import hashlib
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import jinja2
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from pipeline.formats.language import Language

_DIGEST_BYTES = 32  # of SHA-256
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
        bytecode_cache=compiled(folder, escaped),
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
    """Templates as compiled before: in this process, or beside them as Python has it.

    Python's own modules are kept in `__pycache__` as well, under the same rights.
    """

    def __init__(self, folder: Path, escaped: bool) -> None:  # noqa: FBT001
        made_by = f"{jinja2.__version__}\0{escaped}\0{_text_of(__file__)}"
        self._tag = hashlib.sha256(made_by.encode()).hexdigest()[:8]
        self._folder = Path(cache_from_source(str(folder / "any"))).parent
        self._kept: dict[tuple[str, str], Bucket] = {}

    def get_cache_key(self, name: str, filename: str | None = None) -> str:  # noqa: ARG002
        """The name of a template's file."""
        return f"{name}.{self._tag}.{sys.implementation.cache_tag}.pyc"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled of the same text."""
        if known := self._kept.get((bucket.key, bucket.checksum)):
            bucket.code = known.code
            return
        with suppress(OSError):
            kept = (self._folder / bucket.key).read_bytes()
            digest, code = kept[:_DIGEST_BYTES], kept[_DIGEST_BYTES:]
            if hashlib.sha256(code).digest() == digest:  # or it is damaged
                bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled, if it may be kept."""
        self._kept[bucket.key, bucket.checksum] = bucket
        if sys.dont_write_bytecode:
            return
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            with NamedTemporaryFile(
                dir=self._folder, suffix=".pyc", delete=False
            ) as file:
                code = bucket.bytecode_to_string()
                file.write(hashlib.sha256(code).digest() + code)
            Path(file.name).replace(self._folder / bucket.key)


@cache
def compiled(folder: Path, escaped: bool) -> BytecodeCache:  # noqa: FBT001
    """What is compiled of the templates in *folder*, of this process and of others."""
    return _Compiled(folder, escaped)


def _text_of(file: str) -> str:
    return Path(file).read_text(encoding="utf-8")
