"""Rows → the texts of their cells, and how each is marked up."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from pipeline.formats import Filter
from pipeline.report.anchors import Anchors, of_row

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
    "month": "time",
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
    "tenant": "text",
    "presence": "term",
}
_PLAIN = "plain"
_UNKNOWN = "unknown"  # of which the text says why
_NUMBER = "number"  # the most of them all
_BETWEEN = "\0"

# Kinds of names that people typed, which are cut after so many characters.
_NAMES = {"name", "title", "center", "label", "tree"}
_LONGEST = 200
# Those of them that head a row of an owner, space or automation.
_HEADS = {"name", "title"}
# What is no id of one.
_NOBODY = {"", "unknown", "shared"}
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
        self._known: dict[tuple[Any, ...], str] = {}

    def rows(
        self, rows: Iterable[Row], columns: Sequence[Column], patterns: Patterns
    ) -> Iterator[Markup | tuple[Row, str, Sequence[Markup | Cell]]]:
        """All rows as HTML, or each with its id and its cells.

        These are the HTML of the *patterns*; a cell without one is left to a template.
        """
        rows = list(rows)
        (key, first), *others = self._makers(columns)
        naming = [_cell(row[key], *first) for row in rows]
        ids = [
            of_row(row) if cell[0] in _NAMING else ""
            for row, cell in zip(rows, naming, strict=True)
        ]
        made: list[Sequence[str | Cell]] = [
            [
                self._head(row, cell, row_id, patterns)
                for row, cell, row_id in zip(rows, naming, ids, strict=True)
            ]
        ]
        made += [
            _column([row[name] for row in rows], maker, patterns)
            for name, maker in others
        ]
        if all({str}.issuperset(map(type, column)) for column in made):
            yield self._trusted("".join(self._lines(ids, made)))
            return
        for row, row_id, *cells in zip(rows, ids, *made, strict=True):
            yield row, self._anchors.given(row_id), self._parts(cells)

    def _lines(self, ids: Sequence[str], columns: Iterable[Any]) -> Iterator[str]:
        """The HTML of rows whose cells are HTML."""
        for row_id, *cells in zip(ids, *columns, strict=True):
            given = self._anchors.given(row_id)
            own = f' id="{given}"' if given else ""
            yield f"<tr{own}>\n{''.join(cells)}</tr>\n"

    def sums(
        self, row: Row, columns: Sequence[Column], patterns: Patterns
    ) -> Sequence[Markup | Cell]:
        """The cells of a row of sums; a column without a sum is empty."""
        return self._parts(
            patterns[_PLAIN].format("", "", maker[2])
            if row.get(key) is None
            else _column([row[key]], maker, patterns)[0]
            for key, maker in self._makers(columns[1:])
        )

    def _parts(self, cells: Iterable[str | Cell]) -> Sequence[Markup | Cell]:
        """*cells*, of which a template is to trust those that are HTML."""
        return [self._trusted(x) if isinstance(x, str) else x for x in cells]

    def _head(
        self, row: Row, cell: Cell, row_id: str, patterns: Patterns
    ) -> str | Cell:
        """The cell that names a row, as HTML if it is an owner, a space and so on.

        It is mostly the same in each month.
        """
        form, _, text, _ = cell
        if form not in _HEADS:
            return cell
        beside = (row.get("detail"), row.get("is_deleted")) if form == "name" else ()
        key = (row_id, row["entity_id"], text, *beside)
        if key not in self._known:
            self._known[key] = self._named(row, cell, row_id, patterns)
        return self._known[key]

    def _named(self, row: Row, cell: Cell, row_id: str, patterns: Patterns) -> str:
        """A link to where the search has the name of a row, and what is beside it."""
        form, _, text, _ = cell
        name = patterns["words"].format(escape(text))
        if target := self._anchors.listed(row_id):
            name = patterns["link"].format(name, target)
        if form == "name" and row.get("detail"):
            name += patterns["detail"].format(escape(row["detail"]))
        if form == "name" and row.get("is_deleted"):
            name += patterns["deleted"]
        entity = row["entity_id"]
        title = "" if entity in _NOBODY else patterns["id"].format(escape(entity))
        return patterns["head"].format(name, title)

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


def _column(
    values: Sequence[Any], maker: _Maker, patterns: Patterns
) -> Sequence[str | Cell]:
    """The cells of a column, as HTML where the *patterns* have their markup."""
    _, form, css, text = maker
    if form != _NUMBER:
        return _filled([_cell(value, *maker) for value in values], patterns)
    known, unknown = (
        patterns[one].format(_BETWEEN, "", css).split(_BETWEEN)
        for one in (_NUMBER, _UNKNOWN)
    )
    return [
        shown.join(unknown if value is None else known)
        for value, shown in zip(values, _escaped(map(text, values)), strict=True)
    ]


def _filled(cells: Sequence[Cell], patterns: Patterns) -> Sequence[str | Cell]:
    """The HTML of *cells* whose markup has a pattern; values are numbers and dates."""
    shown = _escaped(text for _, _, text, _ in cells)
    return [
        patterns[cell[0]].format(text, cell[3], cell[1])
        if cell[0] in patterns
        else cell
        for cell, text in zip(cells, shown, strict=True)
    ]


def _escaped(words: Iterable[str]) -> list[str]:
    """Each of *words* escaped; most have nothing to escape, which is seen at once."""
    shown = list(words)
    together = "".join(shown)
    if len(escape(together)) == len(together):
        return shown
    return [str(escape(text)) for text in shown]


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
