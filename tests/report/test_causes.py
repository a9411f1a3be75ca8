"""Causes of a change: their words, whom they are of, and what is summed up."""

from datetime import date
from decimal import Decimal
from typing import Any

from babel import Locale

from pipeline import formats
from pipeline.report.causes import causes, of_month, of_running, so_far

FILTERS = formats.filters("EUR", Locale("en"))
NOTHING: dict[str, Any] = {
    "other_cost_center": "",
    "subject": "",
    "rule_from": None,
    "conditions": None,
    "share_percent": None,
    "automations": 0,
    "automation_names": None,
}


def row(kind: str, amount: str, **values: Any) -> dict[str, Any]:
    return {**NOTHING, "kind": kind, "amount": Decimal(amount), **values}


def test_what_moved_by_a_rule_names_the_rule_and_the_other_cost_centre() -> None:
    moved = row(
        "moved in",
        "13.42",
        other_cost_center="Customer Service",
        rule_from=date(2026, 10, 1),
        conditions="space Customer Service",
        share_percent=Decimal("40.00"),
        automations=5,
        automation_names=["Tickets", "Calls", "Chats"],
    )

    assert causes([moved], FILTERS) == [
        (
            "Rule of Oct 1, 2026: 40 % of space Customer Service",
            "from Customer Service: Tickets, Calls, Chats and 2 more",
            Decimal("13.42"),
        )
    ]


def test_a_rule_that_names_people_is_told_by_its_day() -> None:
    moved = row(
        "moved away",
        "-1",
        other_cost_center="Sales",
        rule_from=date(2026, 10, 1),
        share_percent=Decimal(100),
        automations=1,
        automation_names=["Tickets"],
    )

    ((words, detail, _),) = causes([moved], FILTERS)

    assert (words, detail) == ("Rule of Oct 1, 2026", "to Sales: Tickets")


def test_a_price_says_whether_it_rose() -> None:
    rows = [row("price", "2", subject="runs"), row("price", "-1", subject="runs")]

    assert [words for words, _, _ in causes(rows, FILTERS)] == [
        "Higher price: Runs",
        "Lower price: Runs",
    ]


def test_from_the_ninth_on_they_are_summed_up() -> None:
    rows = [row("fixed", str(20 - one), subject=f"Fee {one}") for one in range(12)]

    described = causes(rows, FILTERS)

    assert [words for words, _, _ in described[7:]] == ["Fee 7", "4 other causes"]
    assert sum(amount for _, _, amount in described) == sum(r["amount"] for r in rows)


def test_a_long_name_is_cut() -> None:
    used = row("new", "1", automations=1, automation_names=["a" * 10_000])
    fee = row("fixed", "1", subject="b" * 10_000)

    (_, detail, _), (words, _, _) = causes([used, fee], FILTERS)

    assert max(len(detail), len(words)) < 100


def test_what_moved_between_cost_centres_cancels_out_in_a_month() -> None:
    rows = [
        row("moved in", "5", other_cost_center="B"),
        row("moved away", "-5", other_cost_center="A"),
        row("more", "2", automations=1, automation_names=["Tickets"]),
        row("more", "1", automations=1, automation_names=["Calls"]),
    ]

    described = of_month({"comparable_change_amount": Decimal(3)}, rows, FILTERS)

    assert described == [("Automations that were used more", "", Decimal(3))]


def test_a_month_whose_causes_do_not_come_to_its_change_has_none() -> None:
    rows = [row("more", "2")]

    assert of_month({"comparable_change_amount": Decimal(3)}, rows, FILTERS) == []
    assert of_month({"comparable_change_amount": None}, rows, FILTERS) == []


def automation(number: int, change: str | None, **values: Any) -> dict[str, Any]:
    return {
        "label": f"Job {number}",
        "detail": "Anna" if number == 11 else None,
        "position": number,
        "is_rest": False,
        "entity_count": 1,
        "presence": None,
        "other_cost_center": None,
        "change_amount": None if change is None else Decimal(change),
        **values,
    }


def test_a_running_month_names_the_automations_that_moved_it() -> None:
    rows = [automation(one, "1") for one in range(1, 11)]
    rows += [automation(11, "-5", presence="moved away", other_cost_center="IT")]
    rows += [automation(12, "0"), automation(13, "2", is_rest=True, entity_count=7)]

    described = so_far({"comparable_change_amount": Decimal(7)}, rows, FILTERS)

    assert described[:2] == [
        ("Job 11", "Anna, moved to IT", Decimal(-5)),
        ("Job 1", "", Decimal(1)),
    ]
    assert described[-1] == ("10 others", "", Decimal(5))


def test_a_running_month_has_the_parts_that_moved_it() -> None:
    rows = [
        part("third_party_runs", "43.15", "621", "runs"),
        part("duration_hours", "-2", "-5.5", "hours"),
        part("bandwidth_gb", "0", "1", "GB"),
        part("fixed", "1", None, None),
    ]

    assert of_running(rows, FILTERS) == [
        ("Third-party runs", "+621 runs", Decimal("43.15")),
        ("Duration", "\N{MINUS SIGN}5.5 hours", Decimal(-2)),
        ("Fixed amounts", "", Decimal(1)),
    ]


def part(
    name: str, change: str, quantity: str | None, unit: str | None
) -> dict[str, Any]:
    return {
        "name": name,
        "change_amount": Decimal(change),
        "quantity_change": None if quantity is None else Decimal(quantity),
        "unit": unit,
    }


def test_without_the_same_days_before_a_running_month_has_no_causes() -> None:
    rows = [automation(1, None)]

    assert so_far({"comparable_change_amount": None}, rows, FILTERS) == []
