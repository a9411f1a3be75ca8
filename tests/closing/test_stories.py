"""Whatever happens, in whatever order: closed months stand, and the sums are the truth.

A story is some nights of a small company. Before each, things happen at the tenant and
in finance; after it there is a build, a closing, a reversal, a power cut in these, or a
look back. After each step every closed file is as it was, `verify` agrees, and what a
cost centre is billed, by all documents that were issued and by open months, is what
`worlds.truth` says of today's facts, rules and prices.

`STORIES=3000` plays so many, three in four of them here; `make endurance` plays 300.
"""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import TypeVar

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from pipeline.cli.verify import verify
from worlds import plots
from worlds.plots import Step
from worlds.small_builds import small_builds
from worlds.story import Story
from worlds.truth import Finance

pytestmark = [pytest.mark.slow, pytest.mark.endurance]

ISSUED = "select tenant, cost_center, amount from issued_statements"
OPEN = (
    "select tenant, month, cost_center, amount from charges"
    " anti join closed_months using (tenant, month)"
)

Sums = dict[tuple[str, str], Decimal]
Months = dict[tuple[str, date, str], Decimal]
Key = TypeVar("Key")


def without_zeros(sums: Mapping[Key, Decimal]) -> dict[Key, Decimal]:
    return {key: amount for key, amount in sums.items() if amount}


def check(story: Story, before: dict[str, bytes]) -> None:
    after = story.files()
    grown = before.pop("register", b"")
    assert after.get("register", b"").startswith(grown)
    assert {name: after.get(name) for name in before} == before
    verify(story.run_on(story.as_of).settings, ())

    truth = story.truth()
    due: Sums = defaultdict(Decimal)
    for (tenant, _, center), amount in truth.items():
        due[tenant, center] += amount
    billed: Sums = defaultdict(Decimal)
    months: Months = defaultdict(Decimal)
    with story.reading() as connection:
        for tenant, center, amount in connection.execute(ISSUED).fetchall():
            billed[tenant, center] += amount
        for tenant, month, center, amount in connection.execute(OPEN).fetchall():
            billed[tenant, center] += amount
            months[tenant, month, center] += amount
        closed = {tenant for tenant, _ in story.standing}
    assert without_zeros(billed) == without_zeros(due)
    assert {
        key: amount
        for key, amount in without_zeros(months).items()
        if key[0] not in closed
    } == {key: amount for key, amount in truth.items() if key[0] not in closed}


@pytest.mark.parametrize(("batch", "stories"), plots.batches(3 / 4))
def test_closed_months_stand_and_all_sums_are_the_truth(
    tmp_path: Path, batch: int, stories: int
) -> None:
    folders = (tmp_path / str(number) for number in count())

    @seed(batch)
    @plots.profile(stories)
    @given(
        currency=st.sampled_from(plots.CURRENCIES),
        tenants=st.sampled_from([("acme",), ("acme",), ("acme", "beta")]),
        finance=plots.finances(),
        story=plots.stories(plots.events(), plots.endings()),
    )
    def play(
        currency: str, tenants: tuple[str, ...], finance: Finance, story: list[Step]
    ) -> None:
        folder = next(folders)
        is_whole = folder.name == "0" and batch % plots.WHOLE == 0
        with nullcontext() if is_whole else small_builds():
            company = Story(folder, tenants, currency, finance=finance)
            company.dawn()
            for events, ending in story:
                before = company.files()
                for event in events:
                    plots.happen(company, event)
                company.dawn()
                plots.end(company, ending)
                check(company, before)
        rmtree(folder)

    play()
