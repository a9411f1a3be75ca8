"""Rows → the texts of their cells, and how each is marked up."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.formats import Filter, quantities

Row = Mapping[str, Any]

# The key in the rows, the heading, and the kind.
Column = tuple[str, str, str]

# The markup, the class, the text, and the value that the text is made of.
Cell = tuple[str, str, str, Any]

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
}
# Kinds whose values are divided to be printed, and what they then are.
_DIVIDED = {
    "hours": (quantities.exact_hours, quantities.hours),
    "gigabytes": (quantities.exact_gigabytes, quantities.gigabytes),
}
_PLAIN = "plain"
_UNKNOWN = "unknown"  # of which the text says why
_NUMBER = "number"  # the most of them all

# Kinds of names that people typed, which are cut after so many characters.
_NAMES = {"name", "title", "center", "label", "tree"}
_LONGEST = 200


class Cells:
    """Makes the cells of tables with the *filters* of a site."""

    def __init__(self, filters: Mapping[str, Filter]) -> None:
        self._filters = filters

    def rows(
        self, rows: Iterable[Row], columns: Sequence[Column]
    ) -> Iterator[tuple[Row, Cell, list[Cell]]]:
        """Each row, the cell that names it, and its other cells."""
        makers = [(key, kind, *self._of(kind)) for key, _, kind in columns]
        for row in rows:
            first, *others = (
                _cell(row[key], kind, form, css, text)
                for key, kind, form, css, text in makers
            )
            yield row, first, others

    def sums(self, row: Row, columns: Sequence[Column]) -> list[Cell]:
        """The cells of a row of sums; a column without a sum is empty."""
        cells: list[Cell] = []
        for key, _, kind in columns[1:]:
            form, css, text = self._of(kind)
            if row.get(key) is None:
                cells.append((_PLAIN, css, "", None))
            else:
                cells.append(_cell(row[key], kind, form, css, text))
        return cells

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
