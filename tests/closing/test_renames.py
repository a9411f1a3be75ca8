"""What is renamed, moved or handed over changes the days from then on, and no other.

Stories as in `test_stories.py`, but of names, addresses, spaces and owners. Nothing is
ever booked for them, and no charge of a month that was over is another than before.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worlds import plots
from worlds.small_builds import small_builds
from worlds.story import Story
from worlds.truth import Finance, Price, Rule

pytestmark = pytest.mark.slow

# So many stories are played with small builds before one has builds and pages in full.
WHOLE_EVERY = 25


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("renames")
    return (folder / str(number) for number in count())


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


@plots.profile(12)
@given(
    currency=st.sampled_from(plots.CURRENCIES),
    finance=plots.finances(),
    story=plots.stories(plots.changes_of_names(), plots.quiet_endings()),
)
def test_names_and_owners_of_today_change_no_month_that_is_over(
    folders: Iterator[Path], currency: str, finance: Finance, story: list[plots.Step]
) -> None:
    folder = next(folders)
    is_whole = int(folder.name) % WHOLE_EVERY == 0
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


@pytest.mark.parametrize("change", [{"name": "Other"}, {"owner": "o2"}])
def test_the_first_snapshot_changes_no_month_that_was_charged_before_it(
    folders: Iterator[Path], change: dict[str, str]
) -> None:
    """Usage was read before, and is the first to name automation and owner."""
    centers = enumerate(RULES)
    rules = tuple(Rule(((f"Center {n}", 10_000),), (rule,)) for n, rule in centers)
    price = Price("runs", date(2026, 1, 1), None, ((0, 250_000),))
    with small_builds():
        story = Story(next(folders), ("acme",), finance=Finance((price,), rules, ()))
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
