"""Templates → pages whose policy forbids to load anything from elsewhere."""

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from babel import Locale
from markupsafe import Markup

from pipeline import formats
from pipeline.formats.language import Language
from pipeline.formats.numerals import kept_whole
from pipeline.formats.templates import environment
from pipeline.report import charts, drawings
from pipeline.report.anchors import Anchors, of_row
from pipeline.report.cells import Cells
from pipeline.report.palette import screen_colors, styled
from pipeline.report.paths import month_page, statement_page
from pipeline.report.sums import adding_up

# Plotly inserts an empty style element, which it fills by script.
_EMPTY = ""

# Kinds of amounts that have a sign and a currency.
_AMOUNTS = ("money", "optional_money", "signed_money", "display")

_DRAWINGS: Mapping[str, Callable[..., Any]] = {
    "sparkline": drawings.sparkline,
    "spark_bars": drawings.spark_bars,
    "budget_bar": drawings.budget_bar,
    "bullet": drawings.bullet,
    "waterfall": drawings.waterfall,
    "spans": drawings.spans,
}


class Site:
    """The templates in *folder*, with the values that all pages show, and formats.

    *plotly* is the chart library, which only pages with figures contain.
    """

    def __init__(
        self,
        folder: Path,
        words: Mapping[str, Any],
        locale: Locale,
        plotly: Path,
        language: Language,
    ) -> None:
        self._anchors = Anchors(words["listed"])
        self._style = styled(_text(folder / "_style.css"), words["look"])
        self._has_logo = words["look"].logo is not None
        self._table = _text(folder / "_table.js")
        self._draw = _text(folder / "_draw.js")
        self._search = _text(folder / "_search.js")
        self._plotly = _text(plotly)
        self._shared = {
            "themes": charts.themes(
                formats.separators(locale), screen_colors(self._style)
            ),
            "locale": str(locale).replace("_", "-"),
            "dates": formats.names_of_dates(locale),
        }
        self.language = language
        self._script_words = charts.to_json(_script_words(language))
        self.currency = words["currency"] or formats.NO_CURRENCY
        shown = formats.filters(self.currency, locale, language)
        # No line of a cell with a number ends within it.
        self._cells = Cells(shown, _trusted, self._anchors)
        self.filters = _unbroken(shown)
        self.words = self.filters["words"]
        self._templates = environment(folder, language)
        self._templates.filters |= self._filters()
        self._templates.globals |= {
            **words,
            "lang": language.tag,
            "decimal_sign": formats.separators(locale)[0],
        }

    def _filters(self) -> Mapping[str, Callable[..., Any]]:
        """What templates make of values."""
        percent = self.filters["percent"]
        return {
            **self.filters,
            **formats.row_filters(self.currency),
            "cells": self._cells.rows,
            "sum_cells": self._cells.sums,
            "adding_up": adding_up,
            **_DRAWINGS,
            "decimals": formats.decimals,
            "shortened": formats.shortened,
            "budget_words": lambda row: _budget_words(row, percent, self.language),
            "anchored": lambda row: self._anchors.given(of_row(row)),
            "listed_at": lambda row: self._anchors.listed(of_row(row)),
            "month_page": month_page,
            "statement_page": statement_page,
        }

    def page(
        self,
        name: str,
        template: str,
        *,
        figures: Mapping[str, Any] | None = None,
        printed: str = "",
        searched: bool = False,
        **values: Any,
    ) -> bytes:
        """The page *name* as HTML, with *figures* and the scripts that draw them.

        *printed* stands at the foot of each printed page. What is *searched* has the
        script for it.
        """
        self._anchors.begin()
        scripts = {"table_script": self._table, "plotly": "", "draw": ""}
        scripts["search_script"] = self._search if searched else ""
        drawn = ""
        if figures:
            scripts |= {"plotly": self._plotly, "draw": self._draw}
            drawn = charts.to_json(self._shared | {"figures": figures})
        foot = _foot(printed) if printed else ""
        inlined = {
            "style": self._style,
            "foot": foot,
            "figures": drawn,
            "script_words": self._script_words,
            **scripts,
        }
        page = self._templates.get_template(template).render(
            **{key: _trusted(text) for key, text in inlined.items()},
            **values,
            page=name,
            policy=_policy(
                (self._style, foot), filter(None, scripts.values()), self._has_logo
            ),
        )
        return page.encode()


def _script_words(language: Language) -> dict[str, str]:
    """The words that scripts put on a page; `%s` is what they put into them."""
    _ = language.gettext
    return {
        "copy": _("Copy"),
        "copied": _("Copied"),
        "copyTable": _("Copy table: %s"),
        "copyQuery": _("Copy query"),
        "filter": _("Filter"),
        "filterRows": _("Filter rows: %s"),
        "rows": _("%s of %s rows"),
        "drawn": _("What is drawn above, in %s"),
        "chartTable": _("Table of the chart"),
    }


def _unbroken(filters: Mapping[str, formats.Filter]) -> dict[str, formats.Filter]:
    """The *filters* of pages, on which the sign of an amount stays with the rest."""
    return {**filters, **{kind: partial(_whole, filters[kind]) for kind in _AMOUNTS}}


def _whole(show: formats.Filter, value: object) -> str:
    return kept_whole(show(value))


def _budget_words(
    row: Mapping[str, Any], percent: Callable[[Any], str], language: Language
) -> str:
    """What a bar of a budget shows, for those who do not see it."""
    _ = language.gettext
    if not row["budget"]:
        is_set = row["budget"] is not None
        return _("the budget is 0") if is_set else _("no budget is set")
    used = percent(row["amount"] / row["budget"])
    if row["forecast_amount"] is None:
        return _("%(used)s of the budget used") % {"used": used}
    forecast = percent(row["forecast_amount"] / row["budget"])
    return _("%(used)s of the budget used, %(forecast)s forecast") % {
        "used": used,
        "forecast": forecast,
    }


def _foot(text: str) -> str:
    """The style that prints *text* at the foot of each page; signs are escaped."""
    shown = "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in " ,.-") else _code(sign)
        for sign in text
    )
    return f'@page{{@bottom-left{{content:"{shown}";font:8pt Arial,sans-serif}}}}'


def _code(sign: str) -> str:
    """A sign as CSS escapes it; the space is its end, and is not shown."""
    return f"\\{ord(sign):06x} "


def _policy(
    styles: Iterable[str],
    scripts: Iterable[str],
    has_logo: bool,  # noqa: FBT001
) -> str:
    rules = ["default-src 'none'", "base-uri 'none'", "form-action 'none'"]
    own = " ".join(map(_hash, filter(None, styles)))
    rules.append(f"style-src {own} {_hash(_EMPTY)}")
    rules.append(f"script-src {' '.join(map(_hash, scripts))}")
    if has_logo:
        rules.append("img-src data:")
    return "; ".join(rules)


@lru_cache(64)
def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _trusted(text: str) -> Markup:
    """Our own style, script or HTML, or JSON without a `<`: it is not escaped."""
    return Markup(text)  # noqa: S704
