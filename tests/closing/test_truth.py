"""Whatever changes, closes and changes again: what is billed comes to the truth.

A month may be closed on figures, prices and rules that change later, several times
over. At each moment the lines of all months together, closed ones as they were and
corrections in the next open one, are what the models say of today's data.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline import build, finance, warehouse
from pipeline.build import checks
from pipeline.closing import archive
from pipeline.closing.freeze import Closing, check_order, freeze
from pipeline.config import Charge, Run
from worlds.closing import Company
from worlds.runs import run_of

pytestmark = pytest.mark.slow

MONTHS = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
AS_OF = date(2026, 4, 2)  # a month after those that close is there to correct them
DAYS = [date(2026, month, day) for month in (1, 2, 3) for day in (1, 20)]
AUTOMATIONS = ["a1", "a2", "a3"]
DIGITS = {"EUR": 2, "JPY": 0, "KWD": 3}
PATTERNS = [
    "10,Finance,a1,\n",
    "10,Sales,a2,\n",
    "5,Sales,a1,\n",
    "7,Finance,a3,66.67\n7,Legal,a3,33.33\n",
]

# What may happen between two closings: a day's runs, other prices, rules or fees.
changes = st.one_of(
    st.tuples(
        st.just("use"),
        st.sampled_from(DAYS),
        st.dictionaries(st.sampled_from(AUTOMATIONS), st.integers(0, 400)),
    ),
    st.tuples(
        st.just("rates"),
        st.integers(0, 2_000_000),
        st.sampled_from(["", "100", "350.5"]),
        st.booleans(),
    ),
    st.tuples(st.just("rules"), st.sets(st.sampled_from(PATTERNS))),
    st.tuples(
        st.just("fixed"),
        st.one_of(st.none(), st.integers(-5000, 5000)),
        st.sampled_from(["even", "proportional"]),
    ),
)
rounds = st.lists(
    st.lists(changes, min_size=1, max_size=3), min_size=2, max_size=len(MONTHS)
)


class Books(Company):
    """A company whose months are built and closed in this process."""

    currency = "EUR"

    @property
    def charge(self) -> Charge:
        names = ("rates", "rules", "fixed")
        rates, rules, fixed = (self.path / f"{name}.csv" for name in names)
        return Charge(rate_card=rates, cost_centers=rules, fixed_costs=fixed)

    @property
    def root(self) -> Path:
        return self.path / "data" / "closed"

    def change(self, kind: str, *what: Any) -> None:
        if kind == "use":
            day, runs = what
            self.use(day, runs)
        elif kind == "rates":
            self.set_rates(*what)
        elif kind == "rules":
            lines = "".join(sorted(*what))
            self.write("rules", f"priority,cost_center,automation,percent\n{lines}")
        else:
            self.set_fee(*what)

    def set_rates(self, micros: int, included: str, has_tiers: bool) -> None:  # noqa: FBT001
        price = Decimal(micros).scaleb(-6)
        header = "meter,unit_price,currency,valid_from,tier_from,included\n"
        lines = f"runs,{price},{self.currency},2026-01-01,0,{included}\n"
        if has_tiers:
            lines += f"runs,{price / 2:.6f},{self.currency},2026-01-01,120,\n"
        self.write("rates", header + lines)

    def set_fee(self, minor: int | None, split: str) -> None:
        header = "item,amount,currency,valid_from,split,meter\n"
        meter = "runs" if split == "proportional" else ""
        amount = Decimal(minor or 0).scaleb(-DIGITS[self.currency])
        line = f"Fee,{amount},{self.currency},2026-01,{split},{meter}\n"
        self.write("fixed", header if minor is None else header + line)

    @property
    def run(self) -> Run:
        return run_of(
            self.path / "data",
            AS_OF,
            tenants=("acme",),
            charge=self.charge,
            currency=self.currency,
            first_day=MONTHS[0],
        )

    @contextmanager
    def built(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """All marts, checked; `int_charges` beside them is the truth of today."""
        with warehouse.replacing(self.path / "data/warehouse.duckdb") as connection:
            files = finance.load(self.charge, self.currency)
            build.build(connection, self.run, files, archive.load(self.root))
            checks.check(connection)
            yield connection

    def close_month(self, month: date) -> None:
        held = archive.load(self.root)
        closing = Closing(self.run, month, "a test")
        check_order(closing, held)
        with self.built() as connection:
            for draft in freeze(connection, self.root, closing, held):
                draft.finish()
                draft.publish()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("books")
    return (folder / str(number) for number in count())


def billed_and_true(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """By cost centre, all that is billed, and all that today's data come to."""
    return connection.execute(
        "select cost_center, sum(billed), sum(known) from ("
        " select cost_center, amount as billed, 0 as known from charges"
        " union all select cost_center, 0, amount from int_charges)"
        " group by cost_center"
    ).fetchall()


@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # to make a story shorter would take minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(currency=st.sampled_from(list(DIGITS)), story=rounds)
def test_closing_changing_and_correcting_sums_to_the_truth(
    folders: Iterator[Path], currency: str, story: list[list[tuple[Any, ...]]]
) -> None:
    books = Books(next(folders))
    books.path.mkdir()
    books.currency = currency
    books.set_rates(250_000, "", False)  # noqa: FBT003
    books.change("rules", set(PATTERNS[:2]))
    books.set_fee(1001, "even")
    for day in DAYS:
        books.use(day, {"a1": 30, "a2": 20, "a3": 7})
    for month, happened in zip(MONTHS, story, strict=False):
        books.close_month(month)
        for change in happened:
            books.change(*change)

        with books.built() as connection:
            sums = billed_and_true(connection)

        assert all(billed == known for _, billed, known in sums), sums
