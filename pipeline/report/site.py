"""Templates → a page that may load nothing but what is in it."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline import formats

# Plotly makes an empty style element, and fills it by script.
_EMPTY = ""

# ISO 4217 has a code for it; where no prices are set, no money is shown.
_NO_CURRENCY = "XXX"


class Site:
    """The templates in *folder*, with the *words* and the number formats of a site."""

    def __init__(self, folder: Path, words: Mapping[str, Any], locale: Locale) -> None:
        self.folder = folder
        self._style = _text(folder / "_style.css")
        self._templates = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        filters = formats.filters(words["currency"] or _NO_CURRENCY, locale)
        self._templates.filters |= {**filters, "month_page": month_page}
        self._templates.globals |= words

    def page(
        self,
        name: str,
        template: str,
        *,
        scripts: Mapping[str, Path] | None = None,
        figures: str = "",
        **values: Any,
    ) -> str:
        """The page *name* as HTML, with *scripts* and JSON *figures* in it."""
        texts = {key: _text(path) for key, path in (scripts or {}).items()}
        inlined = {"style": self._style, "figures": figures, **texts}
        return self._templates.get_template(template).render(
            **{key: _trusted(text) for key, text in inlined.items()},
            **values,
            page=name,
            policy=_policy(self._style, texts.values()),
        )


def month_page(month: date) -> str:
    """The name of a month's page."""
    return f"chargeback-{month:%Y-%m}.html"


def _policy(style: str, scripts: Iterable[str]) -> str:
    rules = ["default-src 'none'", "base-uri 'none'", "form-action 'none'"]
    rules.append(f"style-src {_hash(style)} {_hash(_EMPTY)}")
    if hashes := " ".join(map(_hash, scripts)):
        rules.append(f"script-src {hashes}")
    return "; ".join(rules)


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _trusted(text: str) -> Markup:
    """Our own style or script, or JSON without a `<`, that stands as it is."""
    return Markup(text)  # noqa: S704
