"""What the pages of a month show in a second currency, where there is one."""

from collections.abc import Sequence
from typing import Any

from pipeline.formats import Filter
from pipeline.formats.amounts import Shown, with_display
from pipeline.formats.language import Language
from pipeline.report.marts import first
from pipeline.warehouse import Row

# What makes a rate: statements of a month may differ in it if tenants closed apart.
_RATE = ("display_currency", "exchange_rate", "exchange_rate_from")


def of_month(
    statements: Sequence[Row], centers: Sequence[Row], language: Language
) -> dict[str, Any]:
    """The *statements* of a month as its page shows them, and what stands beside them.

    `columns` are those of their table, `total` is the amount below it, `rates` is a
    statement for each rate. There are none if no statement has a second currency.
    """
    currencies = {one["display_currency"] for one in statements} - {None}
    if not currencies:
        return {"columns": [], "rates": [], "total": None, "statements": statements}
    rates = {tuple(one[name] for name in _RATE): one for one in statements}
    total = Shown(
        first(one["display_month_amount"] for one in centers),
        first(one["display_currency"] for one in centers),
    )
    label = language.gettext("In %(currency)s") % {
        "currency": ", ".join(sorted(currencies))
    }
    return {
        "columns": [("display", label, "display")],
        "rates": list(rates.values()),
        "total": total,
        "statements": [with_display(one) for one in statements],
    }


def of_lines(lines: Sequence[Row], words: Filter) -> list[dict[str, Any]]:
    """The *lines* of a statement with what each is of, in *words*."""
    return [
        with_display(one)
        | {"what": words(one["meter"]) if one["meter"] else one["item"]}
        for one in lines
    ]


def balance(documents: Sequence[Row], amount: str) -> Shown:
    """What *documents* come to in the second currency, by their column *amount*."""
    return Shown(
        first(one[amount] for one in documents),
        first(one["display_currency"] for one in documents),
    )
