"""Rows → the texts of their cells, and how each is marked up."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from pipeline.formats import Filter, quantities
from pipeline.report.anchors import Anchors

Row = Mapping[str, Any]

# The key in the rows, the heading, and the kind.
Column = tuple[str, str, str]

# The markup, the class, the text, and the value that the text is made of.
Cell = tuple[str, str, str, Any]

# Kind, markup and class of a cell, and the filter that writes its text.
_Maker = tuple[str, str, str, Filter]

# The HTML of a markup, with places for text, value and class: those of templates.
Patterns = Mapping[str, str]

# The markup of kinds that are more than a text; templates define it.
_FORMS = {
    "share": "share",
    "badge": "badge",
    "presence": "presence",
    "month_link": "month_link",
    "number_link": "number_link",
    "center": "center",
    "tree": "tree",
    "name": "name",
    "title": "title",
    "label": "label",
    "words": "label",
    "rest": "rest",
    "day": "time",
    "moment": "time",
}
# The filter that writes the text of a kind, where its name is another.
_FILTERS = {
    "share": "percent",
    "badge": "text",
    "month_link": "month",
    "number_link": "term",
    "center": "text",
    "tree": "text",
    "name": "text",
    "title": "text",
    "presence": "term",
}
# Kinds whose values are divided to be printed, and what they then are.
_DIVIDED = {
    "hours": (quantities.exact_hours, quantities.hours),
    "gigabytes": (quantities.exact_gigabytes, quantities.gigabytes),
}
_PLAIN = "plain"
_UNKNOWN = "unknown"  # of which the text says why
_NUMBER = "number"  # the most of them all
_BETWEEN = "\0"

# Kinds of names that people typed, which are cut after so many characters.
_NAMES = {"name", "title", "center", "label", "tree"}
_LONGEST = 200
# Those of them by which a row is found.
_NAMING = {"name", "title", "center"}


class Cells:
    """Makes the cells of tables with the *filters* of a site.

    *trusted* takes HTML that is not to be escaped; *anchors* are the ids of rows.
    """

    def __init__(
        self,
        filters: Mapping[str, Filter],
        trusted: Callable[[str], Markup],
        anchors: Anchors,
    ) -> None:
        self._filters = filters
        self._trusted = trusted
        self._anchors = anchors
        self._layouts: dict[tuple[tuple[str, str], ...], tuple[str, list[int]]] = {}

    def rows(
        self, rows: Iterable[Row], columns: Sequence[Column], patterns: Patterns
    ) -> Iterator[tuple[Row, str, Cell, list[Markup | Cell]]]:
        """Each row with its id, the cell that names it, and its other cells.

        These are the HTML of the *patterns*; a cell without one is left to a template.
        """
        (key, first), *others = self._makers(columns)
        for row in rows:
            cells = [_cell(row[name], *maker) for name, maker in others]
            naming = _cell(row[key], *first)
            given = self._anchors.given(row) if naming[0] in _NAMING else ""
            yield row, given, naming, self._html(cells, patterns)

    def sums(
        self, row: Row, columns: Sequence[Column], patterns: Patterns
    ) -> list[Markup | Cell]:
        """The cells of a row of sums; a column without a sum is empty."""
        cells = [
            (_PLAIN, maker[2], "", None)
            if row.get(key) is None
            else _cell(row[key], *maker)
            for key, maker in self._makers(columns[1:])
        ]
        return self._html(cells, patterns)

    def _html(self, cells: Sequence[Cell], patterns: Patterns) -> list[Markup | Cell]:
        known = [cell for cell in cells if cell[0] in patterns]
        if len(known) == len(cells):
            return [self._filled(cells, patterns)]
        return [
            self._filled([cell], patterns) if cell[0] in patterns else cell
            for cell in cells
        ]

    def _filled(self, cells: Sequence[Cell], patterns: Patterns) -> Markup:
        """The HTML of *cells*, each of which has a pattern; its texts are escaped."""
        forms = tuple(cell[:2] for cell in cells)
        layout = self._layouts.get(forms)
        if layout is None:
            layout = self._layouts[forms] = _layout(forms, patterns)
        html, valued = layout
        raw = [cell[2] for cell in cells]
        raw += [str(cells[place][3]) for place in valued]
        shown = str(escape(_BETWEEN.join(raw))).split(_BETWEEN)
        if len(shown) != len(raw):  # somebody typed what stands between
            shown = [str(escape(text)) for text in raw]
        return self._trusted(html.format(*shown))

    def _makers(self, columns: Sequence[Column]) -> list[tuple[str, _Maker]]:
        """The key of each column, and what makes a cell of a value."""
        return [(key, (kind, *self._of(kind))) for key, _, kind in columns]

    def _of(self, kind: str) -> tuple[str, str, Filter]:
        """The markup of *kind*, its class, and the filter that writes its text."""
        css = self._filters["cell_class"](kind)
        form = _FORMS.get(
            kind.removeprefix("optional_"), _NUMBER if css == _NUMBER else _PLAIN
        )
        return form, css, self._filters[_FILTERS.get(kind, kind)]


def adding_up(
    rows: Sequence[Row], columns: Sequence[Column], rest: Row | None, total: Row | None
) -> tuple[Sequence[Row], Sequence[Column], Row | None, Row | None]:
    """A table whose hours and GB sum to its total as printed, where they do at all."""
    shown = list(columns)
    parts: list[dict[str, Any]] = [dict(row) for row in rows]
    parts += [dict(rest)] if rest else []
    sums = dict(total or {})
    for place, (key, label, kind) in enumerate(columns):
        if kind not in _DIVIDED:
            continue
        known = [part for part in parts if part[key] is not None]
        values = [part[key] for part in known]
        if not values or sums.get(key) != sum(values):
            continue
        exact, printed = _DIVIDED[kind]
        sums[key] = printed(sums[key])
        shares = quantities.apportioned([exact(value) for value in values], sums[key])
        for part, share in zip(known, shares, strict=True):
            part[key] = share
        shown[place] = key, label, "quantity"
    listed = len(rows)
    return parts[:listed], shown, parts[listed] if rest else None, total and sums


def _layout(
    forms: Sequence[tuple[str, str]], patterns: Patterns
) -> tuple[str, list[int]]:
    """The HTML of cells with places for their texts, then for the values of some."""
    valued = [place for place, (form, _) in enumerate(forms) if "{1}" in patterns[form]]
    html = [
        patterns[form].format(
            f"{{{place}}}",
            f"{{{len(forms) + valued.index(place)}}}" if place in valued else "",
            css,
        )
        for place, (form, css) in enumerate(forms)
    ]
    return "".join(html), valued


def _cell(value: Any, kind: str, form: str, css: str, text: Filter) -> Cell:
    if value is None:
        if kind == "presence":
            return _PLAIN, css, "", None
        return _UNKNOWN, css, text(None), None
    shown = text(value)
    if form == _NUMBER:
        return form, css, shown, value
    if form == "rest":
        return _PLAIN, f"{css} over" if value < 0 else css, shown, value
    if form in _NAMES and len(shown) > _LONGEST:
        shown = shown[: _LONGEST - 1] + "…"
    return form, css, shown, value
