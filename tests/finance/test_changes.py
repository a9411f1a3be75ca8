"""Which rule changed is known by what it says, and from the day on which it counts."""

from datetime import date
from pathlib import Path

import pytest

from pipeline.finance import rule_changes, words_of
from worlds.finance_files import load

SEPTEMBER = date(2026, 9, 1)
HEADER = "priority,cost_center,space,valid_from,valid_to,percent\n"
FINANCE = "20,1000 Management,Finance,,,\n"
SALES = "20,2100 Sales,Sales*,,,\n"


def changed(folder: Path, before: str, after: str, center: str = "2100 Sales") -> str:
    was = load(folder, rules=HEADER + before).rules
    now = load(folder, rules=HEADER + after).rules
    return words_of(rule_changes(was, now, SEPTEMBER), center)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (
            "20,1100 Finance,Finance,,,\n",
            (
                "rule 20 (space Finance → 1100 Finance, before 1000 Management),"
                " from 2026-09-01"
            ),
        ),
        (
            "20,1100 Finance,Finance,2026-09-15,,\n",
            (
                "rule 20 (space Finance → 1100 Finance, before 1000 Management),"
                " from 2026-09-15"
            ),
        ),
        (
            "20,1100 Finance,Finance,2026-07-01,,\n",
            (
                "rule 20 (space Finance → 1100 Finance, before 1000 Management),"
                " from 2026-07-01"
            ),
        ),
        (
            "10,1000 Management,Finance,,,\n",
            (
                "rule 10 (space Finance → 1000 Management, before of priority 20),"
                " from 2026-09-01"
            ),
        ),
        (
            "20,1000 Management,Finance,,2026-09-20,\n",
            "no more rule 20 (space Finance → 1000 Management), from 2026-09-21",
        ),
        ("", "no more rule 20 (space Finance → 1000 Management), from 2026-09-01"),
        (
            "20,1000 Management,Finance,,,60\n20,1100 Finance,Finance,,,40\n",
            (
                "rule 20 (space Finance → 1000 Management 60 %, 1100 Finance 40 %,"
                " before 1000 Management), from 2026-09-01"
            ),
        ),
        (
            FINANCE + "30,1100 Finance,Ledger,,,\n",
            "rule 30 (space Ledger → 1100 Finance), from 2026-09-01",
        ),
    ],
)
def test_a_rule_that_says_something_else_is_named(
    tmp_path: Path, after: str, words: str
) -> None:
    assert changed(tmp_path, FINANCE, after) == words


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (FINANCE + SALES, "20,2100 Sales,Sales*,,,\n\n20,1000 Management,Finance,,,\n"),
        (FINANCE, "20,1000 Management,Finance,2026-01-01,2026-12-31,\n"),
        (
            FINANCE,
            (
                "20,1000 Management,Finance,,2026-09-10,\n"
                "20,1000 Management,Finance,2026-09-11,,\n"
            ),
        ),
        (FINANCE, FINANCE + "20,1100 Finance,Ledger,2026-10-01,,\n"),
    ],
    ids=["another line", "another span", "two spans", "another month"],
)
def test_a_rule_that_says_the_same_of_the_month_has_not_changed(
    tmp_path: Path, before: str, after: str
) -> None:
    assert changed(tmp_path, before, after) == "the order of the rules"


def test_a_cost_centre_is_told_what_names_it_else_everything(tmp_path: Path) -> None:
    after = "20,1100 Finance,Finance,,,\n" + SALES.replace("Sales*", "Sales")
    finance = (
        "rule 20 (space Finance → 1100 Finance, before 1000 Management),"
        " from 2026-09-01"
    )
    sales = (
        "rule 20 (space Sales → 2100 Sales), from 2026-09-01;"
        " no more rule 20 (space Sales* → 2100 Sales), from 2026-09-01"
    )

    said = {
        center: changed(tmp_path, FINANCE + SALES, after, center)
        for center in ("1000 Management", "1100 Finance", "2100 Sales", "Unallocated")
    }

    assert said["1000 Management"] == said["1100 Finance"] == finance
    assert said["2100 Sales"] == sales
    assert said["Unallocated"] == f"{finance}; {sales}"


def test_of_many_rules_the_first_are_named(tmp_path: Path) -> None:
    after = "".join(f"{n},Finance,Space {n},,,\n" for n in range(5))

    found = changed(tmp_path, "", after)

    assert found.startswith("rule 0 (space Space 0 → Finance), from 2026-09-01; rule 1")
    assert found.endswith("from 2026-09-01; and 2 more")
