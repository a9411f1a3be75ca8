"""Rows → the same with words of a language where models name what has no name."""

from collections.abc import Sequence
from typing import Any

from pipeline.formats.language import ENGLISH, Language
from pipeline.formats.terms import label, term
from pipeline.report.marts import Marts
from pipeline.warehouse import Row

_LABELS = ("label", "owner_label", "space_label", "other_cost_center")


def in_words(marts: Marts, language: Language) -> dict[str, list[Row]]:
    """The *marts* with words for pages: the warehouse is in English."""
    if language.catalogue is ENGLISH.catalogue:
        return dict(marts)
    return {name: _named(rows, language) for name, rows in marts.items()}


def _named(rows: Sequence[Row], language: Language) -> list[Row]:
    columns = [name for name in _LABELS if rows and name in rows[0]]
    has_more = rows and {"entries", "detail"} & rows[0].keys()
    if not columns and not has_more:
        return list(rows)
    return [_in_words(row, columns, language) for row in rows]


def _in_words(row: Row, columns: Sequence[str], language: Language) -> Row:
    said: dict[str, Any] = {
        name: label(row[name], language) for name in columns if row[name]
    }
    if row.get("entries"):
        said["entries"] = _named(row["entries"], language)
    if row.get("detail"):  # the type of a space; of others an owner, or an address
        say = term if row.get("dimension") == "space" else label
        said["detail"] = say(row["detail"], language)
    return {**row, **said}
