"""Quantities: a number of decimals for each unit, and sums that hold as printed."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import seeds
from pipeline.formats import quantities


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("3.949719", "hours", "3.950"),
        ("3.949720", "hours", "3.950"),
        ("0.062500", "hours", "0.063"),
        ("-0.062500", "hours", "-0.063"),
        ("12.000000", "GB", "12.000"),
        ("12.000000", "runs", "12"),
        ("12.600000", "runs", "12.6000"),
        ("0.000100", "calls", "0.0001"),
        ("0.000001", None, "0.000001"),
    ],
)
def test_a_unit_has_one_number_of_decimals(
    value: str, unit: str | None, expected: str
) -> None:
    assert str(quantities.printed(Decimal(value), unit)) == expected


def test_units_of_several_meters_have_the_same_decimals() -> None:
    known = {(meter.unit, meter.decimals) for meter in seeds.meters()}

    assert len(known) == len({unit for unit, _ in known})


def line(**values: Any) -> dict[str, Any]:
    known = {
        "kind": "usage",
        "unit": "hours",
        "unit_price": Decimal("1.200000"),
        "quantity": Decimal("15.679167"),
        "included_quantity": Decimal("0.000000"),
        "billable_quantity": Decimal("15.679167"),
        "amount": Decimal("18.820"),
    }
    return known | values


def test_quantity_less_included_is_billable_as_printed() -> None:
    """1.001 less 0.000 is not 1.000, which the difference would be, rounded."""
    shown = quantities.printed_line(
        line(
            quantity=Decimal("1.000500"),
            included_quantity=Decimal("0.000400"),
            billable_quantity=Decimal("1.000100"),
        ),
        2,
    )

    assert str(shown["quantity"]) == "1.001"
    assert str(shown["included_quantity"]) == "0.000"
    assert str(shown["billable_quantity"]) == "1.001"


@pytest.mark.parametrize(
    ("values", "is_rounded"),
    [
        ({}, True),  # 15.679 at 1.20 is 18.81
        ({"amount": Decimal("18.810")}, False),
        (
            {
                "unit": "runs",
                "quantity": Decimal(500),
                "billable_quantity": Decimal(500),
                "unit_price": Decimal("0.0795"),
                "amount": Decimal("39.73"),
            },
            True,
        ),
        ({"kind": "adjustment", "unit_price": None}, False),
        ({"unit": None, "quantity": None, "billable_quantity": None}, False),
    ],
)
def test_a_line_says_where_the_price_does_not_give_the_amount(
    values: dict[str, Any], *, is_rounded: bool
) -> None:
    assert quantities.printed_line(line(**values), 2)["is_rounded"] is is_rounded


def test_what_is_charged_later_fills_the_tie_out_as_printed() -> None:
    row = {
        "unit": "hours",
        "metered_quantity": Decimal("1.000400"),
        "charged_quantity": Decimal("0.500700"),
        "unallocated_quantity": Decimal(0),
        "unpriced_quantity": Decimal(0),
        "later_quantity": Decimal("0.499700"),
        "difference": Decimal("0.0000"),
        "provider_quantity": None,
        "provider_difference": None,
        "tolerance_quantity": None,
    }

    shown = quantities.printed_tie_out(row)

    assert str(shown["metered_quantity"]) == "1.000"
    assert str(shown["charged_quantity"]) == "0.501"
    assert str(shown["later_quantity"]) == "0.499"
    assert str(shown["difference"]) == "0"


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=60))
def test_parts_sum_to_the_whole_as_printed(seconds: list[int]) -> None:
    whole = quantities.hours(sum(seconds))

    exact = [quantities.exact_hours(one) for one in seconds]
    parts = quantities.apportioned(exact, whole)

    assert sum(parts) == whole
    for part, one in zip(parts, exact, strict=True):
        assert abs(part - one) < Decimal("0.001")
