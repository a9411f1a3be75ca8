"""Checks hold for a real build, and each finds what it is there to find."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from pipeline import build, seeds, warehouse
from pipeline.build import checks
from pipeline.closing import archive
from pipeline.closing.archive import Archive
from pipeline.closing.draft import entered
from pipeline.closing.freeze import freeze
from pipeline.closing.readiness import Closing
from pipeline.endpoints import AUTOMATIONS, RUNS, SPACES, USAGE, USERS
from pipeline.errors import CheckError
from pipeline.finance import FinanceFiles, FixedCost, Rate, Rule, Value
from pipeline.formats import filters, parse_locale
from pipeline.formats.language import ENGLISH
from pipeline.formats.templates import environment
from pipeline.lake import Lake
from pipeline.report.findings import with_first
from pipeline.resources import resource
from worlds.lake import keep
from worlds.runs import run_of
from worlds.small_builds import small_builds

pytestmark = pytest.mark.slow

FIRST_DAY = date(2026, 10, 28)
AS_OF = date(2026, 11, 3)
DAY = timedelta(days=1)

PRICE = Rate(
    line=2,
    meter="duration_hours",
    unit_price=Decimal("1.234567"),
    currency="EUR",
    valid_from=FIRST_DAY,
)
GIGABYTES = Rate(
    line=3,
    meter="bandwidth_gb",
    unit_price=Decimal("0.08"),
    currency="EUR",
    valid_from=FIRST_DAY,
)
# From the month before on, since an allowance and tiers are counted by the month.
RUNS_CARD = tuple(
    Rate(
        line=4 + tier,
        meter="runs",
        unit_price=Decimal(price),
        currency="EUR",
        valid_from=date(2026, 10, 1),
        tier_from=Decimal(begins),
        included=Decimal(included),
    )
    for tier, (price, begins, included) in enumerate(
        [("0.0851", "0", "20"), ("0.0333", "15", "0"), ("0.01", "40.5", "0")]
    )
)
FINANCE = FinanceFiles(
    "EUR",
    rates=(PRICE, GIGABYTES, *RUNS_CARD),
    rules=(
        Rule(line=2, priority=1, cost_center="Finance", percent=Decimal("66.67")),
        Rule(line=3, priority=1, cost_center="Sales", percent=Decimal("33.33")),
    ),
    values=(
        Value(line=2, valid_from=date(2026, 10, 1), minutes_per_run=Decimal("2.5")),
    ),
    fixed_costs=(
        FixedCost(
            line=2,
            item="Licence fee",
            amount=Decimal("100.01"),
            currency="EUR",
            valid_from=date(2026, 10, 1),
            split="even",
        ),
    ),
)

# What is done to a finished build, so that the check has something to find. That
# every day has a price is a matter of the rate card: see the tests of late prices.
BREAKAGES = {
    "assert_charges_have_names": "delete from owners",
    "assert_closed_months_are_as_frozen": (
        "update charges set driver = 'even' where line = 1"
    ),
    "assert_corrections_sum_to_the_difference": (
        "update int_charges set amount = amount + 0.01 where line = 1"
    ),
    "assert_listed_runs_are_attributed": (
        "update automation_daily set failed_runs = failed_runs + 1"
    ),
    "assert_metered_usage_is_attributed": (
        "update automation_daily set triggered_runs = triggered_runs + 1"
    ),
    "assert_allowance_is_given_once": (
        "update int_usage_included set included_e4 = included_e4 + 1"
        " where rate_from is not null and meter = 'runs'"
    ),
    "assert_amounts_have_one_currency": (
        "update charges set currency = 'CHF' where line = 1"
    ),
    "assert_bridge_parts_sum_to_the_change": (
        "update statement_bridge set prior_amount = amount + 0.01"
    ),
    "assert_fixed_amounts_are_charged_once": (
        "update int_fixed_divided set amount_minor = amount_minor + 1"
    ),
    "assert_price_times_quantity_is_the_amount": (
        "update statement_lines set amount = amount + 0.01 where kind = 'usage'"
    ),
    "assert_no_usage_is_dropped": "update tie_out set difference = 1",
    "assert_statement_sums_charges": "update statement set amount = amount + 0.01",
    "assert_usage_daily_sums_automation_daily": (
        "update usage_daily set bandwidth_in_bytes = bandwidth_in_bytes + 1"
    ),
    "warn_a_tenth_is_unallocated": (
        "update tenant_monthly set unallocated_amount = amount"
    ),
    "warn_days_are_missing": "update coverage set status = 'partial'",
    "warn_metered_and_listed_differ": (
        "update reconciliation_daily set status = 'differs'"
    ),
    "warn_provider_figure_differs": "update tie_out set status = 'beyond'",
    "warn_rules_name_an_id": "update cost_center_rules set owner = 'o1'",
    "warn_rules_name_several": "update cost_center_rules set automation = 'Job'",
    "warn_rules_never_matched": (
        "update cost_center_rules set status = 'never matched'"
    ),
    "warn_rules_overlap": "update cost_center_rules set wins_over_rules = '3'",
    "warn_third_party_runs_are_unknown": (
        "update tenant_monthly set unknown_billing_runs = 1"
    ),
    "warn_usage_has_no_metered_row": "update tenant_monthly set unmetered_runs = 1",
    "warn_values_match_nothing": "delete from int_rules_met where rule < 0",
}


def fill(lake: Lake, random: Random) -> None:
    """Six days of three automations that run here and there, for this and that."""
    for day in (FIRST_DAY + n * DAY for n in range(6)):
        runs = [one_run(random, day, number) for number in range(random.randrange(40))]
        keep(lake, RUNS.table, day, runs)
        keep(lake, USAGE.table, day, metered(random, runs))
    users = [{"user_id": f"o{n}", "name": f"Owner {n}"} for n in range(3)]
    spaces = [{"space_id": f"s{n}", "name": f"Space {n}"} for n in range(2)]
    automations = [
        {"automation_id": f"a{n}", "name": f"Job {n}", "owner_id": "o1", "space_id": ""}
        for n in range(3)
    ]
    keep(lake, USERS.table, AS_OF, users)
    keep(lake, SPACES.table, AS_OF, spaces)
    keep(lake, AUTOMATIONS.table, AS_OF, automations)


def one_run(random: Random, day: date, number: int) -> dict[str, Any]:
    started = datetime.combine(day, time(random.randrange(24)), UTC)
    seconds = random.choice([0, 1, 7, 3600, 14_400])
    return {
        "run_id": f"{day}-{number}",
        "automation_id": f"a{random.randrange(3)}",
        "owner_id": random.choice(["o0", "o1", "o2", "gone"]),
        "space_id": random.choice(["", "s0", "s1", "gone"]),
        "status": random.choice(["finished", "failed"]),
        "billable": random.choice([True, False]),
        "created_at": started,
        "started_at": started,
        "stopped_at": started + timedelta(seconds=seconds),
        "updated_at": started,
    }


def metered(random: Random, runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Runs and seconds as listed; of bytes the tenant alone knows."""
    rows = []
    for automation_id in sorted({run["automation_id"] for run in runs}):
        own = [run for run in runs if run["automation_id"] == automation_id]
        seconds = sum((r["stopped_at"] - r["started_at"]).seconds for r in own)
        others = {one.metric: len(own) // 4 for one in seeds.measures() if one.metric}
        values = others | {
            "runs": len(own),
            "triggeredRuns": random.randrange(len(own) + 1),
            "scheduledRuns": len(own) // 2,
            "webhookRuns": len(own) // 3,
            "duration": seconds,
            "bandwidthIn": random.randrange(2**40),
            "bandwidthOut": random.randrange(2**40),
        }
        rows += [
            {"automation_id": automation_id, "metric": metric, "value": value}
            for metric, value in values.items()
            if value
        ]
    return rows


def close_october(folder: Path, finance: FinanceFiles) -> Archive:
    """The month that ended, closed as it is built."""
    run = run_of(folder, AS_OF, tenants=("acme",))
    closing = Closing(run, date(2026, 10, 1), "a late start")
    with small_builds(), warehouse.replacing(folder / "october.duckdb") as connection:
        build.build(connection, run, finance)
        drafts = freeze(connection, folder / "closed", closing, Archive())
    for draft in drafts:
        draft.finish()
    archive.enter(folder / "closed", entered(Archive(), drafts).register)
    for draft in drafts:
        draft.publish()
    return archive.load(folder / "closed")


@contextmanager
def built(
    folder: Path, finance: FinanceFiles, seed: int = 1
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A finished build that was not checked yet, with a month that is closed."""
    fill(Lake(folder / "lake"), Random(seed))  # noqa: S311 (repeatable, not secret)
    months = close_october(folder, finance)
    with warehouse.replacing(folder / "warehouse.duckdb") as connection:
        build.build(
            connection, run_of(folder, AS_OF, tenants=("acme",)), finance, months
        )
        connection.execute("set timezone = 'America/New_York'")
        yield connection


@pytest.fixture(scope="module")
def unchecked(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    with built(tmp_path_factory.mktemp("checks"), FINANCE) as connection:
        yield connection


@contextmanager
def broken(connection: duckdb.DuckDBPyConnection, change: str) -> Iterator[None]:
    """A finished build to which *change* is done, and taken back."""
    table = change.split()[2 if change.startswith("delete") else 1]
    connection.execute(f"create temp table kept as from {table}")
    connection.execute(change)
    try:
        yield
    finally:
        connection.execute(f"delete from {table}; insert into {table} from kept")
        connection.execute("drop table kept")


def found(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    rows = connection.execute("select check_name, failing_rows from checks").fetchall()
    return dict(rows)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """The warehouse of a seed's lake, built and checked once; to be read only."""

    @cache
    def make(seed: int) -> Path:
        folder = tmp_path_factory.mktemp(f"seed{seed}")
        with built(folder, FINANCE, seed) as connection:
            checks.check(connection)
        return folder / "warehouse.duckdb"

    return make


@pytest.mark.parametrize("seed", range(3))
def test_every_check_holds_for_any_lake(
    checked: Callable[[int], Path], seed: int
) -> None:
    with warehouse.read(checked(seed)) as connection:
        assert set(found(connection).values()) == {0}
        shared = connection.execute(
            "select count(*) from (select 1 from automation_daily"
            " group by date, automation_id having count(*) > 1)"
        ).fetchall()
    assert shared[0][0] > 0, "no day is divided: the lake is too tame"


def test_results_say_what_was_claimed(checked: Callable[[int], Path]) -> None:
    with warehouse.read(checked(1)) as connection:
        claim = connection.execute(
            "select severity, failing_rows, description from checks"
            " where check_name = 'warn_days_are_missing'"
        ).fetchall()
        comments = connection.execute(
            "select comment from duckdb_columns() where table_name = 'checks'"
        ).fetchall()
    text = "Usage and runs were read for every day before this one, after it had ended."
    assert claim == [("warn", 0, text)]
    assert all(comment for (comment,) in comments)


def test_every_check_is_broken_here() -> None:
    names = {path.stem for path in (resource("sql") / "checks").glob("*.sql")}

    assert names - {"assert_every_day_has_a_price"} == BREAKAGES.keys()


@pytest.mark.parametrize("name", BREAKAGES)
def test_each_check_finds_what_it_is_there_to_find(
    unchecked: duckdb.DuckDBPyConnection, name: str
) -> None:
    with broken(unchecked, BREAKAGES[name]):
        if name.startswith("assert"):
            with pytest.raises(CheckError, match=name) as caught:
                checks.check(unchecked)
            claim, examples = str(caught.value).splitlines()
            assert " row" in claim
            assert examples
            assert not re.search(r"\.\d\d0\b", examples)
        else:
            checks.check(unchecked)
        assert found(unchecked)[name] > 0


@pytest.mark.parametrize("name", [one for one in BREAKAGES if one.startswith("warn")])
def test_what_a_check_finds_is_said_in_words(
    unchecked: duckdb.DuckDBPyConnection, name: str
) -> None:
    with broken(unchecked, BREAKAGES[name]):
        checks.check(unchecked)
        rows = warehouse.rows(unchecked.execute("from checks where failing_rows > 0"))
    (finding,) = (one for one in rows if one["check_name"] == name)
    said = example_of(with_first(finding))

    assert said
    assert finding["example"] not in said
    plain = re.sub("<code>.*?</code>", "", said)
    assert not re.search(r"\d{4}-\d\d|_", plain), said


def example_of(finding: warehouse.Row) -> str:
    """The first exception as the page of data quality says it."""
    pages = environment(resource("templates"), ENGLISH)
    pages.filters |= filters("EUR", parse_locale("en"))
    pages.globals["tenant_columns"] = ["tenant"]
    macros: Any = pages.get_template("_checks.html").module
    return " ".join(str(macros.example(finding)).split())


def test_what_is_kept_of_a_check_by_month_counts(
    unchecked: duckdb.DuckDBPyConnection,
) -> None:
    name = "assert_listed_runs_are_attributed"
    table = f"scratch.intermediate.{name}"
    unchecked.execute(f"create table {table} as select 'acme' as tenant")
    try:
        with pytest.raises(CheckError, match=rf"{name} failed for 1 row\ntenant acme"):
            checks.check(unchecked)
    finally:
        unchecked.execute(f"drop table {table}")


@pytest.mark.parametrize("one", seeds.measures(), ids=lambda one: one.measure)
def test_each_measure_is_compared(
    unchecked: duckdb.DuckDBPyConnection, one: seeds.Measure
) -> None:
    """Where it is a column: what is metered by automation, and each by owner."""
    compared = {"usage_daily": "assert_usage_daily_sums_automation_daily"}
    if one.metric is not None:
        compared["automation_daily"] = "assert_metered_usage_is_attributed"
    for table, check in compared.items():
        columns = unchecked.execute(f"describe {table}").fetchall()
        if one.measure not in {name for name, *_ in columns}:
            continue
        change = f"update {table} set {one.measure} = {one.measure} + 1"
        with broken(unchecked, change), suppress(CheckError):
            checks.check(unchecked)

        assert found(unchecked)[check] > 0, f"{check} leaves out {one.measure}"


def test_usage_before_the_first_price_is_never_priced_at_zero(tmp_path: Path) -> None:
    late = Rate(
        line=2,
        meter="duration_hours",
        unit_price=Decimal(1),
        currency="EUR",
        valid_from=FIRST_DAY + DAY,
    )

    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"yesterday's")

    with (
        pytest.raises(CheckError, match=r"(?s)assert_every_day.*meter duration_hours"),
        built(tmp_path, FinanceFiles("EUR", rates=(late,))) as connection,
    ):
        checks.check(connection)

    assert path.read_bytes() == b"yesterday's"


def test_the_same_lake_makes_the_same_marts(
    checked: Callable[[int], Path], tmp_path: Path
) -> None:
    with built(tmp_path, FINANCE, 1) as connection:
        checks.check(connection)

    first, second = marts(checked(1)), marts(tmp_path / "warehouse.duckdb")
    assert len(first) > 50
    assert first == second


def marts(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table, in their order."""
    with warehouse.read(path) as connection:
        tables = connection.execute("select table_name from duckdb_tables()").fetchall()
        return {
            table: connection.execute(f"from {table}").fetchall() for (table,) in tables
        }


def test_amounts_are_the_lines_worked_out_by_hand(
    checked: Callable[[int], Path],
) -> None:
    """Each statement line from its own figures, half a cent upwards."""
    with warehouse.read(checked(1)) as connection:
        lines = connection.execute(
            "select meter, base_quantity, included_base_quantity, unit_price,"
            " quantity, gross_amount, amount from statement_lines where kind = 'usage'"
        ).fetchall()

    assert len(lines) > 10
    for meter, base, included, price, quantity, gross, amount in lines:
        per_unit = {"duration_hours": 3600, "bandwidth_gb": 10**9, "runs": 1}[meter]
        assert amount == cents((base - included) * price, per_unit)
        assert gross == cents(base * price, per_unit)
        assert abs(quantity * per_unit - base) <= Decimal(per_unit) / 2_000_000


def cents(millionths: Decimal, per_unit: int) -> Decimal:
    return (millionths * 100 * 2 + per_unit) // (2 * per_unit) / 100
