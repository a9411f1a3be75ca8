"""The classes of cells by the kind of their values: names, dates, numbers."""

# The classes of cells that are not numbers.
_CELLS = {
    "name": "name",
    "title": "name",
    "center": "name",
    "tree": "name",
    "label": "name",
    "words": "name",
    "code": "name",
    "seal": "name",
    "text": "text",
    "tenant": "text tenant",
    "term": "text",
    "listed": "text",
    "sentence": "sentence",
    "badge": "text",
    "presence": "text",
    "share": "share",
    "number_link": "text",
    "month_link": "date",
    "month": "date",
    "day": "date",
    "moment": "date",
}


def cell_class(kind: str) -> str:
    """The class of a cell of *kind*: name, text, sentence, share, date or number."""
    return _CELLS.get(kind.removeprefix("optional_"), "number")
