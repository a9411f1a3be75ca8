"""What is renamed, moved or handed over changes the days from then on, and no other.

Stories as in `test_stories.py`, but of names, addresses, spaces and owners. Nothing is
ever booked for them, and no charge of a month that was over is another than before.
"""

from contextlib import nullcontext
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from worlds import plots
from worlds.small_builds import small_builds
from worlds.story import CENTERS, Story
from worlds.truth import Finance, Price, Rule

pytestmark = pytest.mark.slow

LINES = "from charges where month < date_trunc('month', $1::date) order by all"
STATEMENTS = (
    "select tenant, month, cost_center, amount, prior_amount, ytd_amount from statement"
    " where month < date_trunc('month', $1::date) order by all"
)
BOOKED = "from charges where kind = 'adjustment'"

# What matches before a rename, and after a change of owner.
RULES = (("owner_id", "o2"), ("automation", "Invoices"))
LISTINGS = ("automation", "owner", "space")


def over(story: Story, as_of: date) -> list[tuple[Any, ...]]:
    """Each line and each statement's amounts of the months that were over on a day."""
    with story.reading() as connection:
        assert connection.execute(BOOKED).fetchall() == []
        return [
            row
            for query in (LINES, STATEMENTS)
            for row in connection.execute(query, [as_of]).fetchall()
        ]


def charged(story: Story) -> dict[tuple[str, date, str], Decimal]:
    """By tenant, month and cost centre, corrections in the month that they correct."""
    with story.reading() as connection:
        rows = connection.execute(
            "select tenant, coalesce(corrects_month, month), cost_center, sum(amount)"
            " from charges group by all having sum(amount) != 0"
        ).fetchall()
    return {tuple(key): amount for *key, amount in rows}


def without_zeros(sums: dict[Any, Decimal]) -> dict[Any, Decimal]:
    return {key: amount for key, amount in sums.items() if amount}


@pytest.mark.endurance
@pytest.mark.parametrize(("batch", "stories"), plots.batches(1 / 6))
def test_names_and_owners_of_today_change_no_month_that_is_over(
    tmp_path: Path, batch: int, stories: int
) -> None:
    folders = (tmp_path / str(number) for number in count())

    @seed(batch)
    @plots.profile(stories)
    @given(
        currency=st.sampled_from(plots.CURRENCIES),
        finance=plots.finances(),
        story=plots.stories(plots.changes_of_names(), plots.quiet_endings()),
    )
    def play(currency: str, finance: Finance, story: list[plots.Step]) -> None:
        folder = next(folders)
        is_whole = folder.name == "0" and batch % plots.WHOLE == 0
        with nullcontext() if is_whole else small_builds():
            company = Story(folder, ("acme",), currency, finance=finance)
            company.dawn()
            company.build()
            for events, ending in story:
                as_of, before = company.as_of, over(company, company.as_of)
                for event in events:
                    plots.happen(company, event)
                company.dawn()
                plots.end(company, ending)
                assert over(company, as_of) == before
        rmtree(folder)

    play()


@pytest.mark.parametrize("change", [{"name": "Other"}, {"owner": "o2"}])
def test_the_first_snapshot_changes_no_month_that_was_charged_before_it(
    tmp_path: Path, change: dict[str, str]
) -> None:
    """Usage was read before, and is the first to name automation and owner."""
    centers = enumerate(RULES)
    rules = tuple(Rule(((f"Center {n}", 10_000),), (rule,)) for n, rule in centers)
    price = Price("runs", date(2026, 1, 1), None, ((0, 250_000),))
    with small_builds():
        story = Story(
            tmp_path / "company", ("acme",), finance=Finance((price,), rules, ())
        )
        for _ in range(2):
            story.unread |= {("acme", kind) for kind in LISTINGS}
            story.dawn()
        story.close(date(2026, 1, 1))
        as_of, before = story.as_of, over(story, story.as_of)
        story.today["acme"]["automation"]["a1"].update(change)
        story.dawn()
        story.build()

    assert {row[1] for row in before} >= {date(2026, 1, 1)}
    assert over(story, as_of) == before


@pytest.mark.parametrize("kinds", [("space",), LISTINGS])
def test_a_first_snapshot_that_comes_late_books_nothing_in_a_closed_month(
    tmp_path: Path, kinds: tuple[str, ...]
) -> None:
    """It names what was `Unallocated`, from the next month on, and late usage too."""
    columns = {"space": "Finance", "space_id": "s2", "owner": "Ann"}
    rules = tuple(
        Rule(((center, 10_000),), ((column, pattern),))
        for center, (column, pattern) in zip(CENTERS, columns.items(), strict=False)
    )
    price = Price("runs", date(2026, 1, 1), None, ((0, 250_000),))
    with small_builds():
        story = Story(
            tmp_path / "company", ("acme",), finance=Finance((price,), rules, ())
        )
        for _ in range(2):
            story.unread |= {("acme", kind) for kind in kinds}
            story.dawn()
        story.close(date(2026, 1, 1))
        as_of, before = story.as_of, over(story, story.as_of)
        for _ in range(2):
            story.dawn()
        story.build()
        assert over(story, as_of) == before
        assert charged(story) == without_zeros(story.truth())

        story.use("acme", date(2026, 1, 20), {"a1": (90, 60), "a3": (80, 60)})
        story.build()

    assert charged(story) == without_zeros(story.truth())
    assert charged(story)["acme", date(2026, 2, 1), "Finance"] > 0
