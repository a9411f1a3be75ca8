"""Marts → the rows of the first sheet of a workbook: statements, or lines of one."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline import formats
from pipeline.export.printed import printed
from pipeline.export.scope import Scope
from pipeline.formats.language import Language, msgid
from pipeline.formats.quantities import to_decimals
from pipeline.formats.terms import term

LINES = {
    "item": msgid("Item"),
    "unit": msgid("Unit"),
    "quantity": msgid("Used"),
    "included_quantity": msgid("Included"),
    "billable_quantity": msgid("Charged for"),
    "unit_price": msgid("Price"),
    "amount": msgid("Amount"),
}
_KINDS = {
    "usage": msgid("Usage"),
    "fixed": msgid("Shared and fixed amounts"),
    "adjustment": msgid("Corrections"),
}
_OF_ROUNDING = 4  # decimals
# The key of a row that sums up those above it.
SUM = "is_sum"
Row = Mapping[str, Any]


def statements_of(scope: Scope) -> list[Row]:
    """The statements of a month, each with a number in words, and its days."""
    said = scope.language
    return [
        {
            **one,
            "statement_number": term(one["statement_number"], said),
            "period": said.gettext("%(read)s of %(all)s")
            % {"read": one["covered_days"], "all": one["days_in_month"]},
        }
        for one in _rows("statement", scope)
        if one["statement_number"]
    ]


def _rows(part: str, scope: Scope) -> list[Row]:
    table = printed(part, scope.ask(part), scope.digits, scope.language)
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def lines_of(scope: Scope) -> list[Row]:
    """The lines of a statement, each kind with its sum below if there are several."""
    said = scope.language
    rows = _rows("statement_lines", scope)
    kinds = {said.gettext(title): term(kind, said) for kind, title in _KINDS.items()}
    lines: list[Row] = []
    for title, kind in kinds.items():
        group = [one for one in rows if one["kind"] == kind]
        if len(group) in (0, len(rows)):
            lines += [_line(one, said) for one in group]
            continue
        total = sum((one["amount"] for one in group), Decimal(0))
        lines += [_line(one, said) for one in group]
        lines.append(dict.fromkeys(LINES) | {"item": title, "amount": total, SUM: 1})
    others = [one for one in rows if one["kind"] not in kinds.values()]
    return lines + [_line(one, said) for one in others]


def _line(line: Row, said: Language) -> Row:
    """*line* with what it is called as its item, and which share of what it is."""
    item = line["item"] or line["meter"] or line["cause"] or ""
    if line["corrects_month"]:
        month = month_in(line["corrects_month"], said)
        item = said.gettext("Correction of %(month)s: %(what)s") % {
            "month": month,
            "what": item,
        }
    elif line["tier"] and line["tier"] > 1:
        item = said.gettext("%(what)s, tier %(tier)s") % {
            "what": item,
            "tier": line["tier"],
        }
    if line["share_ratio"] is not None:
        locale = formats.parse_locale(said.tag)
        share = formats.percent(line["share_ratio"], locale)
        item = ", ".join(filter(None, (f"{item}: {share}", line["driver"])))
    return {**line, "item": item}


def disputable_until(scope: Scope, statements: Sequence[Row]) -> date | None:
    """The last day on which the month may be disputed, if it says so and is closed."""
    if scope.document or not all(one["statement_version"] for one in statements):
        return None
    ((until,),) = scope.connection.execute(
        "select min(dispute_until_date) from marts.closed_months where month = $1",
        [scope.month],
    ).fetchall()
    return until if isinstance(until, date) else None


def month_in(month: date, said: Language) -> str:
    """A month, as a language writes it."""
    return formats.month(month, formats.parse_locale(said.tag))


def rounding_in(scope: Scope, statements: Sequence[Row]) -> str | None:
    """How much of a whole month is rounding, in words; a tie-out is of no one alone."""
    if scope.cost_center or scope.document or not statements:
        return None
    tied = (one["rounding_difference"] for one in _rows("tie_out", scope))
    said, currency = scope.language, statements[0]["currency"]
    shown = formats.filters(currency, formats.parse_locale(said.tag), said)["signed"]
    amount = shown(to_decimals(sum(tied, Decimal(0)), _OF_ROUNDING))
    words = said.gettext("Rounding comes to %(amount)s %(currency)s in all")
    return words % {"amount": amount, "currency": currency} + "."
