"""The sheets of a workbook: what they are called, and their columns in words.

What a controller reads stands first, and is printed; what programs join by stands to
the right of it, and is not.
"""

from collections.abc import Sequence
from dataclasses import replace
from textwrap import wrap

from pipeline.export.cells import LINE
from pipeline.export.scope import Row, Table
from pipeline.formats.language import ENGLISH, Language, msgid

SHEETS = {
    "statement": msgid("Statement"),
    "statement_lines": msgid("Statement lines"),
    "lines": msgid("Lines"),
    "tie_out": msgid("Tie-out"),
    "documents": msgid("Documents"),
    "notes": msgid("Notes"),
}
_QUANTITIES = (
    *("quantity", "included_quantity", "billable_quantity", "unit", "unit_price"),
)
_SHOWN = ("display_amount", "display_currency")
_PRINTED = {
    "statement": (
        *("cost_center", "tenant", "statement_number", "status", "usage_amount"),
        *("fixed_amount", "adjustment_amount", "amount", *_SHOWN),
        *("comparable_prior_amount", "comparable_change_amount", "budget"),
        *("budget_remaining", "ytd_amount"),
    ),
    "statement_lines": (
        *("cost_center", "tenant", "kind", "meter", "item", "tier", *_QUANTITIES),
        *("amount", *_SHOWN, "driver", "share_ratio", "corrects_month", "cause"),
    ),
    "lines": (
        *("cost_center", "automation_name", "owner_name", "space_name", "kind"),
        *("meter", "item", "tier", *_QUANTITIES, "amount"),
    ),
    "tie_out": (
        *("meter", "tenant", "unit", "metered_quantity", "charged_quantity"),
        *("unallocated_quantity", "unpriced_quantity", "later_quantity", "difference"),
        *("exact_amount", "billed_amount", "rounding_difference"),
        *("provider_quantity", "provider_difference", "status"),
    ),
    "documents": (
        *("cost_center", "statement_number", "version", "kind", "issued_date"),
        *("booked_month", "amount", *_SHOWN, "reverses", "reason", "seal"),
    ),
    "notes": (
        *("cost_center", "tenant", "note_month", "state", "noted_date", "author"),
        "note_text",
    ),
}
# Of other columns the name is what they are called: `amount`, `statement_number`.
_TITLES = {
    "cost_center": msgid("Cost centre"),
    "cost_center_code": msgid("Cost centre code"),
    "cost_center_name": msgid("Cost centre name"),
    "cost_center_owner": msgid("Cost centre owner"),
    "usage_amount": msgid("Usage"),
    "fixed_amount": msgid("Fixed amounts"),
    "adjustment_amount": msgid("Corrections"),
    "prior_amount": msgid("Whole prior month"),
    "change_amount": msgid("Change to it"),
    "comparable_prior_amount": msgid("Prior month, like for like"),
    "comparable_change_amount": msgid("Change, like for like"),
    "budgeted_amount": msgid("Charged where budgeted"),
    "budget_remaining": msgid("Remaining budget"),
    "ytd_amount": msgid("Year to date"),
    "rolled_up_amount": msgid("With all below it"),
    "no_tenant_amount": msgid("Amount of no tenant"),
    "is_of_no_tenant": msgid("Of no tenant"),
    "covered_days": msgid("Days covered"),
    "days_in_month": msgid("Days in the month"),
    "quantity": msgid("Used"),
    "included_quantity": msgid("Included"),
    "billable_quantity": msgid("Charged for"),
    "unit_price": msgid("Price"),
    "driver": msgid("Shared"),
    "share_ratio": msgid("Share"),
    "corrects_month": msgid("Correction of"),
    "corrects_statement": msgid("Corrects"),
    "automation_name": msgid("Automation"),
    "owner_name": msgid("Owner"),
    "space_name": msgid("Space"),
    "metered_quantity": msgid("Metered"),
    "charged_quantity": msgid("Charged"),
    "unallocated_quantity": msgid("of it unallocated"),
    "unpriced_quantity": msgid("Not on the card"),
    "later_quantity": msgid("Charged later"),
    "billed_amount": msgid("Billed"),
    "rounding_difference": msgid("By rounding"),
    "unknown_runs": msgid("Runs not known"),
    "provider_quantity": msgid("Provider figure"),
    "provider_difference": msgid("Difference from it"),
    "provider_date": msgid("Day of the provider figure"),
    "tolerance_quantity": msgid("Tolerance"),
    "issued_date": msgid("Issued"),
    "booked_month": msgid("Booked in"),
    "note_month": msgid("Month of the note"),
    "noted_date": msgid("Day of the note"),
    "note_text": msgid("Note"),
}
# In signs; of others by the end of the name, and what is left is an amount.
_BY_WIDTH = {
    7: ("tier", "unit"),
    9: ("version", "unit_price", "share_ratio", "display_currency"),
    11: ("kind", "corrects_month"),
    13: ("tenant", "status", "state", "cause", "seal"),
    15: ("exact_amount", "rounding_difference", "budget_remaining", "ytd_amount"),
    17: ("meter", "driver"),
    21: ("statement_number", "reverses", "corrects_statement", "author"),
    23: ("item", "owner_name", "space_name"),
    26: ("cost_center",),
    34: ("automation_name",),
    40: ("reason", "rounding", "cause_detail"),
    60: ("note_text",),
}
_WIDTHS = {name: wide for wide, names in _BY_WIDTH.items() for name in names}
_ENDS = {"name": 30, "id": 26, "query": 40, "path": 30, "owner": 30, "month": 10}
_WIDTH = 12
# Bold text, and the button of the filter beside it.
_BOLDER = 3


def in_order(part: str, table: Table) -> tuple[Table, int]:
    """*table*, of that *part*, with what is printed first, and how many columns are."""
    first = [name for name in _PRINTED[part] if name in table.columns]
    order = first + [name for name in table.columns if name not in first]
    positions = [table.columns.index(name) for name in order]

    def moved(row: Row) -> Row:
        return tuple(row[position] for position in positions)

    types = tuple(table.types[position] for position in positions)
    rows = map(moved, table.rows)
    return replace(table, columns=tuple(order), types=types, rows=rows), len(first)


def title_of(column: str, language: Language = ENGLISH) -> str:
    """What a *column* is called in its sheet."""
    plain = column.replace("_", " ").capitalize()
    return language.gettext(_TITLES.get(column, plain))


def width(column: str) -> int:
    """How wide a *column* is, in signs."""
    return _WIDTHS.get(column) or _ENDS.get(column.rpartition("_")[2], _WIDTH)


def head_height(columns: Sequence[str], titles: Sequence[str]) -> int:
    """How high the heads of *columns* are, which are wrapped, in points."""
    heads = zip(columns, titles, strict=False)  # others are not printed
    lines = (len(wrap(title, width(name) - _BOLDER)) for name, title in heads)
    return LINE * max(2, *lines)
