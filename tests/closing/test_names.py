"""A rename is of its day: it moves nothing that was used before, closed or open."""

import csv
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from pipeline.endpoints import AUTOMATIONS, SPACES, USERS
from pipeline.lake import Lake
from worlds.closing import Company
from worlds.lake import keep

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_tables")]

MAY = date(2026, 5, 1)
SPACE_NAMES = {"s1": "Finance", "s2": "Human Resources"}
RULES = """\
priority,cost_center,space,owner,owner_email,automation
10,Board,,,,*board pack*
20,Legal,,Lea,,
30,IT,,,*@it.example,
40,1100 Finance,Finance,,,
40,1300 Human Resources,Human Resources,,,
"""


def snapshot(  # noqa: PLR0913 (what there is to be named)
    company: Company,
    day: date,
    *,
    spaces: Mapping[str, str] = SPACE_NAMES,
    job: str = "Job 1",
    lea: str = "Lea",
    ivo: str = "ivo@it.example",
    owner: str = "o1",
) -> None:
    """A listing of *day*: a1 is in s1, a2 in s2, a3 is Lea's and a4 Ivo's."""
    lake = Lake(company.path / "data" / "lake")
    owners = {
        "a1": (owner, "s1"),
        "a2": ("o1", "s2"),
        "a3": ("o2", ""),
        "a4": ("o3", ""),
    }
    jobs = {"a1": job, "a2": "Job 2", "a3": "Job 3", "a4": "Job 4"}
    keep(
        lake,
        AUTOMATIONS.table,
        day,
        [
            {
                "automation_id": name,
                "name": jobs[name],
                "owner_id": who,
                "space_id": where,
            }
            for name, (who, where) in owners.items()
        ],
    )
    listed = [{"space_id": space, "name": name} for space, name in spaces.items()]
    keep(lake, SPACES.table, day, listed)
    users = [
        {"user_id": "o1", "name": "Olaf", "email": "olaf@acme.example"},
        {"user_id": "o2", "name": lea, "email": "lea@acme.example"},
        {"user_id": "o3", "name": "Ivo", "email": ivo},
    ]
    keep(lake, USERS.table, day, users)


RUNS = {"a1": 3, "a2": 2, "a3": 5, "a4": 7}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Three months are closed, April is open; the only snapshot is of the first day."""
    company = Company(tmp_path_factory.mktemp("names"))
    company.start(MAY, rules=RULES, budgets="cost_center,month,amount\n")
    for month in (1, 2, 3, 4):
        for day in (5, 20):
            company.use(date(2026, month, day), RUNS)
    snapshot(company, date(2026, 1, 12))
    for ended in ("2026-01", "2026-02", "2026-03"):
        assert company.close(ended, "2026-05-01").returncode == 0
    company.build("2026-05-01")
    return company


@pytest.fixture
def closed(tmp_path: Path, done: Company) -> Company:
    company = Company(tmp_path / "company")
    copytree(done.path, company.path)
    return company


def by_month(company: Company) -> dict[tuple[str, str], Decimal]:
    rows = company.ask(
        "select strftime(month, '%Y-%m'), cost_center, amount from statement"
        " where month < date '2026-05-01'"
    )
    return {(month, name): amount for month, name, amount in rows}


def example(company: Company, check: str) -> str:
    ((found,),) = company.ask(
        f"select example from checks where check_name = '{check}'"
    )
    return str(found)


def test_names_before_the_first_snapshot_are_its_own(done: Company) -> None:
    rows = done.ask(
        "select cost_center, sum(quantity) from charges where kind = 'usage'"
        " and month = date '2026-01-01' group by cost_center order by cost_center"
    )

    assert rows == [
        ("1100 Finance", Decimal(93)),
        ("1300 Human Resources", Decimal(62)),
        ("IT", Decimal(14)),
        ("Legal", Decimal(10)),
    ]


@pytest.mark.parametrize(
    "renamed",
    [
        {"spaces": {"s1": "Treasury", "s2": "People"}},
        {"spaces": {"s1": "Human Resources", "s2": "Finance"}},
        {"job": "Job 1 for the board pack"},
        {"lea": "Lea, retired", "ivo": "ivo@acme.example"},
        {"owner": "o2"},
    ],
    ids=["spaces", "swapped", "automation", "people", "owner"],
)
def test_what_is_renamed_or_moved_today_moves_no_earlier_month(
    closed: Company, renamed: dict[str, Any]
) -> None:
    before = by_month(closed)

    snapshot(closed, date(2026, 5, 1), **renamed)
    closed.build("2026-05-01")

    assert closed.adjustments() == {}
    assert by_month(closed) == before


def test_a_new_name_counts_from_its_day_on(closed: Company) -> None:
    """Six runs of three on the first two days of May, and then six of the board's."""
    snapshot(closed, date(2026, 5, 3), job="Job 1 for the board pack")
    snapshot(closed, date(2026, 5, 5), job="Job 1 again")
    for day in range(1, 7):
        closed.use(date(2026, 5, day), {"a1": 3})

    closed.build("2026-05-07")

    assert closed.adjustments() == {}
    assert closed.ask(
        "select cost_center, sum(quantity) from charges where kind = 'usage'"
        " and month = date '2026-05-01' group by cost_center order by cost_center"
    ) == [("1100 Finance", Decimal(12)), ("Board", Decimal(6))]


@pytest.mark.whole
def test_a_name_is_no_id_and_no_address(closed: Company) -> None:
    """Somebody calls an automation by another one's id, and a space by an address."""
    closed.write(
        "rules",
        "priority,cost_center,space,owner,owner_id,automation,automation_id\n"
        "10,A,,,,a2,\n10,B,,,,,a4\n10,C,,lea@acme.example,,,\n10,D,o3,,,,\n"
        "20,E,,,o1,,\n",
    )
    spaces = {"s1": "o3", "s2": "lea@acme.example"}
    snapshot(closed, date(2026, 4, 1), job="a2", spaces=spaces)

    closed.build("2026-05-01")

    # a1 is called a2 from April on, and is B's or E's otherwise by ids alone.
    assert dict(
        closed.ask(
            "select cost_center, sum(quantity) from charges where kind = 'usage'"
            " and month = date '2026-04-01' group by cost_center"
        )
    ) == {
        "A": Decimal(90),
        "B": Decimal(14),
        "E": Decimal(60),
        "Unallocated": Decimal(10),
    }
    assert example(closed, "warn_rules_name_an_id") == (
        "line 4, cost center C, named column owner, pattern lea@acme.example,"
        " right column owner_email"
    )


@pytest.mark.whole
def test_a_name_that_several_carry_is_warned_of(closed: Company) -> None:
    snapshot(closed, date(2026, 5, 2), job="Job 2")
    closed.write("rules", "priority,cost_center,automation\n10,Finance,Job 2\n")
    for day in (1, 2):
        closed.use(date(2026, 5, day), RUNS)

    closed.build("2026-05-03")

    assert example(closed, "warn_rules_name_several") == (
        "rule 2, cost center Finance, named column automation, stated name Job 2,"
        " tenant acme, first period start 2026-05-02, carriers 2"
    )


def names_in_files(company: Company, month: str) -> set[tuple[str, ...]]:
    """What an export calls owners, spaces and automations."""
    out = company.path / "files"
    result = company.chargeback("export", month, "--format", "csv", "--out", str(out))
    assert result.returncode == 0, result.stderr
    with (out / f"chargeback-{month}-lines.csv").open(newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["kind"] == "usage"]
    columns = ("owner_name", "space_name", "automation_name")
    return {tuple(line[column] for column in columns) for line in lines}


@pytest.mark.whole
def test_names_in_files_are_those_at_the_end_of_the_month(closed: Company) -> None:
    """Of a closed month for ever, of an open one whatever comes after it."""
    snapshot(closed, date(2026, 4, 30), spaces={"s1": "Treasury", "s2": "People"})
    snapshot(closed, date(2026, 5, 1), job="Job 1 of May", lea="Lea of May")
    closed.build("2026-05-01")

    march, april = names_in_files(closed, "2026-03"), names_in_files(closed, "2026-04")

    assert march == {
        ("Olaf", "Finance", "Job 1"),
        ("Olaf", "Human Resources", "Job 2"),
        ("Lea", "Personal space", "Job 3"),
        ("Ivo", "Personal space", "Job 4"),
    }
    assert april == {
        ("Olaf", "Treasury", "Job 1"),
        ("Olaf", "People", "Job 2"),
        ("Lea", "Personal space", "Job 3"),
        ("Ivo", "Personal space", "Job 4"),
    }


@pytest.mark.whole
def test_who_was_unknown_when_a_month_was_closed_stays_so_in_its_files(
    closed: Company,
) -> None:
    closed.use(date(2026, 4, 9), {"a9": 1})
    assert closed.close("2026-04", "2026-05-01").returncode == 0
    named = [{"automation_id": "a9", "name": "Job 9", "owner_id": "o2"}]
    keep(Lake(closed.path / "data/lake"), AUTOMATIONS.table, date(2026, 5, 1), named)
    closed.build("2026-05-01")

    assert ("Olaf", "Unknown space", "Unknown automation a9…") in names_in_files(
        closed, "2026-04"
    )
