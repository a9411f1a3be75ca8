"""What cost centres were charged by month: every total is the sum of its rows."""

from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.report.money_trends import charged

MONTHS = [date(2026, 10, 1), date(2026, 9, 1)]


def centers(count: int) -> list[dict[str, Any]]:
    """Cost centres of which the last is the dearest, with 1 more of it each month."""
    return [
        {
            "month": month,
            "cost_center": f"{number:02}",
            "label": f"Center {number:02}",
            "page": f"statement-{number:02}.html",
            "amount": Decimal(number + place),
            "budget": None,
            "is_unallocated": False,
            "comparable_change_amount": Decimal(number - 5) if place else None,
        }
        for place, month in enumerate(MONTHS)
        for number in range(1, count + 1)
    ]


def marts(rows: list[dict[str, Any]], currency: str | None = "EUR") -> dict[str, Any]:
    months = [
        {
            "month": month,
            "is_recent": True,
            "has_ended": True,
            "budget": None,
            "currency": currency,
            "amount": sum(row["amount"] for row in rows if row["month"] == month),
        }
        for month in MONTHS
    ]
    amounts = [
        {
            "month": month["month"],
            "position": 1,
            "is_rest": False,
            "label": "All",
            "amount": month["amount"],
        }
        for month in months
    ]
    return {
        "months": months,
        "amounts": amounts,
        "cost_centers": rows,
        "forecast": [],
    }


def test_ten_stand_alone_and_the_others_are_a_row_that_adds_up() -> None:
    shown = charged(marts(centers(14)))

    assert shown is not None
    assert [row["label"] for row in shown["rows"]][:2] == ["Center 14", "Center 13"]
    assert len(shown["rows"]) == 10
    assert shown["rest"]["entity_count"] == len(shown["folded"]) == 4
    for month in MONTHS:
        listed = sum(row[month] for row in shown["rows"])
        assert listed + shown["rest"][month] == shown["total"][month]


def test_one_beyond_ten_is_no_rest() -> None:
    shown = charged(marts(centers(11)))

    assert shown is not None
    assert len(shown["rows"]) == 11
    assert shown["rest"] is None


def test_a_month_without_a_row_is_a_true_zero() -> None:
    rows = [
        row
        for row in centers(2)
        if row["month"] != MONTHS[1] or row["label"][-1] == "1"
    ]
    shown = charged(marts(rows))

    assert shown is not None
    assert [row[MONTHS[1]] for row in shown["rows"]] == [0, Decimal(2)]


def test_who_moved_most_comes_first_and_who_did_not_is_left_out() -> None:
    rows = centers(6)
    for row in rows:
        row["comparable_change_amount"] = row["amount"] - 3
    shown = charged(marts(rows))

    assert shown is not None
    assert [row["cost_center"] for row in shown["movers"]] == [
        "06",
        "01",
        "05",
        "02",
        "04",
    ]


def test_without_prices_nothing_is_shown() -> None:
    assert charged(marts(centers(2), currency=None)) is None
