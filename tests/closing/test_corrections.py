"""What changes after a month was closed is booked in the next open one, by cause."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from worlds.closing import FIXED, MARCH, RATES, RULES, Company

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_tables")]

FEB, MAR = ("2026-02", "2026-01"), ("2026-03", "2026-01")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """January is closed; February is read whole."""
    company = Company(tmp_path_factory.mktemp("done"))
    company.start(MARCH)
    assert company.close("2026-01", "2026-03-01").returncode == 0
    return company


@pytest.fixture
def closed(tmp_path: Path, done: Company) -> Company:
    company = Company(tmp_path / "company")
    copytree(done.path, company.path)
    return company


def by_month(company: Company) -> dict[tuple[str, str], Decimal]:
    """What a month comes to for a cost centre, with all that corrects it."""
    rows = company.ask(
        "select strftime(coalesce(corrects_month, month), '%Y-%m'), cost_center,"
        " sum(amount) from charges group by all having sum(amount) != 0"
    )
    return {(month, name): amount for month, name, amount in rows}


def truth(company: Company, as_of: str) -> dict[tuple[str, str], Decimal]:
    """The same of a warehouse in which nothing was ever closed."""
    other = Company(company.path / "other")
    unknown = ["closed", "other", "reports", "state", "warehouse.duckdb"]
    copytree(company.path, other.path, ignore=lambda _, __: unknown)
    other.build(as_of)
    amounts = by_month(other)
    rmtree(other.path)
    return amounts


def test_nothing_changed_is_no_line(closed: Company) -> None:
    closed.build("2026-03-01")

    assert closed.adjustments() == {}


def test_late_usage_is_corrected_as_usage(closed: Company) -> None:
    closed.use(date(2026, 1, 9), {"a1": 13})

    closed.build("2026-03-01")

    assert closed.adjustments() == {(*FEB, "Finance", "runs", "usage"): Decimal(5)}
    assert closed.ask(
        "select corrects_statement, quantity, unit, owner_id, unit_price from charges"
        " where kind = 'adjustment'"
    ) == [("acme-2026-01-001 v1", Decimal(10), "runs", None, None)]
    assert closed.ask(
        "select amount, usage_amount, fixed_amount, adjustment_amount from statement"
        " where month = date '2026-02-01' and cost_center = 'Finance'"
    ) == [(Decimal(97), Decimal(42), Decimal(50), Decimal(5))]


def test_usage_of_nobody_before_corrects_a_month_without_a_statement(
    closed: Company,
) -> None:
    closed.use(date(2026, 1, 9), {"a9": 2})

    closed.build("2026-03-01")

    assert closed.adjustments() == {(*FEB, "Unallocated", "runs", "usage"): Decimal(1)}
    assert closed.ask(
        "select corrects_statement from charges where kind = 'adjustment'"
    ) == [("acme-2026-01",)]


def test_a_changed_rate_is_corrected_as_prices(closed: Company) -> None:
    closed.write("rates", RATES.replace("0.5", "0.75"))

    closed.build("2026-03-01")

    assert closed.adjustments() == {
        (*FEB, "Finance", "runs", "prices"): Decimal("23.25"),
        (*FEB, "Sales", "runs", "prices"): Decimal("15.5"),
    }


def test_a_changed_rule_moves_amounts_and_adds_none(closed: Company) -> None:
    closed.write("rules", RULES.replace("Sales", "Research"))

    closed.build("2026-03-01")

    found = closed.adjustments()
    assert found == {
        (*FEB, "Research", "Licence fee", "allocation"): Decimal(50),
        (*FEB, "Research", "runs", "allocation"): Decimal(31),
        (*FEB, "Sales", "Licence fee", "allocation"): Decimal(-50),
        (*FEB, "Sales", "runs", "allocation"): Decimal(-31),
    }
    assert sum(found.values()) == 0


def details(company: Company) -> set[tuple[str, ...]]:
    rows = company.ask(
        "select strftime(month, '%Y-%m'), strftime(corrects_month, '%Y-%m'),"
        " cost_center, cause_detail from statement_lines where cause = 'allocation'"
    )
    return set(rows)


@pytest.mark.whole
def test_a_correction_names_the_rule_that_changed_and_from_when(
    closed: Company,
) -> None:
    changed = RULES.replace("10,Sales,a2", "10,Research,a2")
    said = "rule 10 (automation id a2 → Research, before Sales), from 2026-01-01"
    closed.use(date(2026, 1, 9), {"a1": 13})
    closed.write("rules", changed)

    closed.build("2026-03-01")

    assert details(closed) == {(*FEB, "Research", said), (*FEB, "Sales", said)}
    assert closed.ask(
        "select distinct cause_detail from charges where cause = 'usage'"
    ) == [(None,)]

    # What was booked by one rule is no news when the next one changes.
    assert closed.close("2026-02", "2026-03-01").returncode == 0
    closed.use(date(2026, 3, 1), {"a1": 1})
    closed.write("rules", changed.replace("10,Finance,a1", ",Finance,\n10,IT,a1"))
    closed.build("2026-03-02")
    said = "rule 10 (automation id a1 → IT, before Finance), from 2026-"
    found = {line for line in details(closed) if line[0] == "2026-03"}
    assert found == {
        ("2026-03", month, center, f"{said}{month[-2:]}-01")
        for month in ("2026-01", "2026-02")
        for center in ("IT", "Finance")
    }


def test_a_fixed_cost_that_is_gone_is_corrected_as_fixed(closed: Company) -> None:
    closed.write("fixed", FIXED.splitlines()[0] + "\n")

    closed.build("2026-03-01")

    assert closed.adjustments() == {
        (*FEB, "Finance", "Licence fee", "fixed"): Decimal(-50),
        (*FEB, "Sales", "Licence fee", "fixed"): Decimal(-50),
    }


def test_without_any_prices_what_was_billed_is_taken_back(closed: Company) -> None:
    """The rate card is taken out of the configuration: one of a header is refused."""
    closed.write("fixed", FIXED.splitlines()[0] + "\n")
    config = closed.path / "chargeback.toml"
    config.write_text(config.read_text().replace("rate_card =", "#rate_card ="))

    closed.build("2026-03-01")

    assert sum(closed.adjustments().values()) == Decimal("-177.5")
    assert closed.chargeback("report", "--as-of", "2026-03-01").returncode == 0


def test_causes_are_told_apart(closed: Company) -> None:
    """Ten runs more of the one, a higher price, and the other moves."""
    closed.use(date(2026, 1, 9), {"a1": 13})
    closed.write("rates", RATES.replace("0.5", "1"))
    closed.write("rules", RULES.replace("Sales", "Research"))
    closed.write("fixed", FIXED.replace("100", "120"))

    closed.build("2026-03-01")

    assert closed.adjustments() == {
        (*FEB, "Finance", "Licence fee", "fixed"): Decimal(10),
        (*FEB, "Finance", "runs", "usage"): Decimal(5),
        (*FEB, "Finance", "runs", "prices"): Decimal("51.5"),
        (*FEB, "Sales", "Licence fee", "fixed"): Decimal(10),
        (*FEB, "Sales", "Licence fee", "allocation"): Decimal(-60),
        (*FEB, "Sales", "runs", "prices"): Decimal(31),
        (*FEB, "Sales", "runs", "allocation"): Decimal(-62),
        (*FEB, "Research", "Licence fee", "allocation"): Decimal(60),
        (*FEB, "Research", "runs", "allocation"): Decimal(62),
    }
    assert by_month(closed) == truth(closed, "2026-03-01")


def test_corrections_wait_for_a_month_with_a_day(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.start(date(2026, 2, 1))
    assert company.close("2026-01", "2026-02-01").returncode == 0
    company.use(date(2026, 1, 9), {"a1": 13})

    company.build("2026-02-01")

    assert company.adjustments() == {}
    company.use(date(2026, 2, 1), {"a1": 1})
    company.build("2026-02-02")
    assert company.adjustments() == {(*FEB, "Finance", "runs", "usage"): Decimal(5)}


def test_a_correction_is_closed_with_its_month_and_booked_once(
    closed: Company,
) -> None:
    """Round after round: what was frozen and all that corrects it are the truth."""
    closed.use(date(2026, 1, 9), {"a1": 13})
    assert closed.close("2026-02", "2026-03-01").returncode == 0
    closed.use(date(2026, 3, 1), {"a1": 3, "a2": 2})
    closed.build("2026-03-02")
    usage = (*FEB, "Finance", "runs", "usage")
    assert closed.adjustments() == {usage: Decimal(5)}
    assert closed.manifest("2026-02")["totals"]["adjustment_amount"] == "5.000"

    closed.use(date(2026, 1, 10), {"a1": 23})
    closed.use(date(2026, 2, 10), {"a2": 0})
    closed.write("rules", RULES.replace("Sales", "Research"))
    closed.build("2026-03-02")
    later = closed.adjustments()
    assert later.pop(usage) == Decimal(5)
    assert later[(*MAR, "Finance", "runs", "usage")] == Decimal(10)
    assert later[("2026-03", "2026-02", "Sales", "runs", "usage")] == Decimal(-1)
    assert by_month(closed) == truth(closed, "2026-03-02")

    for day in range(2, 32):
        closed.use(date(2026, 3, day), {"a1": 3, "a2": 2})
    assert closed.close("2026-03", "2026-04-01").returncode == 0
    closed.write("rates", RATES.replace("0.5", "0.45"))
    closed.write("rules", RULES)
    closed.use(date(2026, 4, 1), {"a1": 1})
    closed.build("2026-04-02")
    booked = closed.adjustments()
    assert {key[0] for key in booked} == {"2026-02", "2026-03", "2026-04"}
    assert {key[1] for key in booked} == {"2026-01", "2026-02", "2026-03"}
    assert by_month(closed) == truth(closed, "2026-04-02")
