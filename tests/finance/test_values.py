"""Values of runs: minutes or money, read, checked, and from the most specific on."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline import finance
from pipeline.config import Charge
from pipeline.endpoints import AUTOMATIONS, RUNS, SPACES
from pipeline.errors import ConfigError
from pipeline.lake import Lake
from worlds.closing import JANUARY, Company
from worlds.lake import cover, keep

HEADER = (
    "valid_from,valid_to,tenant,space,space_id,automation,automation_id,"
    "minutes_per_run,hourly_rate,amount_per_run\n"
)


def read(folder: Path, text: str, header: str = HEADER) -> finance.FinanceFiles:
    path = folder / "value.csv"
    path.write_text(header + text, encoding="utf-8")
    return finance.load(Charge(values=path), "EUR")


def test_a_run_saves_minutes_with_a_price_or_an_amount(tmp_path: Path) -> None:
    files = read(
        tmp_path,
        "2026-10-01,,,,,Reload *,,7.5,48.00,\n"
        "2026-10-01,2026-12-31,acme,Finance,,,,,,0.333333\n",
    )

    assert files.rows("finance_values") == [
        (-2, files.values[0].valid_from, None, Decimal("7.5"), Decimal(48), None),
        (
            -3,
            files.values[1].valid_from,
            files.values[1].valid_to,
            None,
            None,
            Decimal("0.333333"),
        ),
    ]


def test_the_more_specific_line_comes_first_wherever_it_stands(tmp_path: Path) -> None:
    files = read(
        tmp_path,
        "2026-10-01,,,,,,,1,,\n"
        "2026-10-01,,acme,,,,,1,,\n"
        "2026-10-01,,,Finance,,,,1,,\n"
        "2026-10-01,,acme,Finance,,,,1,,\n"
        "2026-10-01,,,,s1,,,1,,\n"
        "2026-10-01,,,,,Reload *,,1,,\n"
        "2026-10-01,,,Finance,,Reload *,,1,,\n"
        "2026-10-01,,acme,,,,a1,1,,\n"
        "2026-10-01,,acme,Finance,s1,Reload *,,1,,\n",
    )

    ranked = sorted(files.rows("finance_rules"), key=lambda row: row[1])
    assert [-row[0] for row in ranked] == [9, 10, 8, 7, 6, 5, 4, 3, 2]
    assert [row[5:8] for row in ranked] == [("", "", "")] * 9  # no owners


def test_rules_of_cost_centres_and_values_stand_apart(tmp_path: Path) -> None:
    values, rules = tmp_path / "value.csv", tmp_path / "rules.csv"
    values.write_text("valid_from,automation,minutes_per_run\n2026-10-01,x,2\n")
    rules.write_text(
        "priority,cost_center,space,percent\n10,A,x,60\n10,B,x,40\n20,C,,\n"
    )

    files = finance.load(Charge(values=values, cost_centers=rules), "EUR")

    assert [row[0] for row in files.rows("finance_rules")] == [2, 4, -2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "2026-10-01,,,,,a,,,,\n",
            "line 2, column minutes_per_run: expected the minutes that a run saves",
        ),
        (
            "2026-10-01,,,,,a,,3,,0.5\n",
            "line 2, column amount_per_run: expected nothing, since the line has",
        ),
        (
            "2026-10-01,,,,,a,,,48,0.5\n",
            "line 2, column hourly_rate: expected nothing, since the line has",
        ),
        (
            ",,,,,a,,3,,\n",
            "line 2, column valid_from: expected a date such as 2026-10-01",
        ),
        (
            "2026-10-01,2026-09-30,,,,a,,3,,\n",
            "line 2, column valid_to: expected no day before 2026-10-01",
        ),
        (
            "2026-10-01,,,,,a,,-3,,\n",
            "line 2, column minutes_per_run: expected a number that is 0 or more",
        ),
        (
            "2026-10-01,,,,,a,,nan,,\n",
            "line 2, column minutes_per_run: expected a number that is 0 or more",
        ),
        (
            "2026-10-01,,,,,a,,1.005,,\n",
            "line 2, column minutes_per_run: expected at most 2 decimals",
        ),
        (
            "2026-10-01,,,,,a,,100001,,\n",
            "line 2, column minutes_per_run: expected a number up to 100,000",
        ),
        (
            "2026-10-01,,,,,a,,,,1000001\n",
            "line 2, column amount_per_run: expected a number up to 1,000,000",
        ),
        (
            "2026-10-01,,,,s*,,,3,,\n",
            "line 2, column space_id: expected an id without *",
        ),
        (
            "2026-10-01,,,,,,a*,3,,\n",
            "line 2, column automation_id: expected an id without *",
        ),
        (
            "2026-10-01,,,,,a\x07,,3,,\n",
            "line 2, column automation: expected a name in one line",
        ),
        (
            "2026-10-01,,,,,a,,3,48,\n2026-10-01,,,,,b,,3,,\n",
            "line 3, column hourly_rate: expected what an hour costs, since line 2",
        ),
        (
            "2026-10-01,,,,,a,,3,,\n2026-10-01,,,,,b,,,,1\n",
            "line 2, column hourly_rate: expected what an hour costs, since line 3",
        ),
    ],
)
def test_what_is_wrong_in_it_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, text)

    assert str(raised.value).startswith(f"{tmp_path / 'value.csv'}, {said}")


def test_an_hour_may_cost_nothing(tmp_path: Path) -> None:
    files = read(tmp_path, "2026-10-01,,,,,a,,3,0,\n2026-10-01,,,,,b,,3,48,\n")

    assert [one.hourly_rate for one in files.values] == [0, 48]


def test_a_header_alone_has_no_values_and_a_typing_error_is_named(
    tmp_path: Path,
) -> None:
    assert read(tmp_path, "").values == ()

    with pytest.raises(ConfigError, match="did you mean minutes_per_run"):
        read(tmp_path, "", "valid_from,minute_per_run\n")


def test_names_in_a_file_are_data(tmp_path: Path) -> None:
    name = """=cmd|' /C calc'!A0; drop table <b> "%_\\"""
    quoted = '"' + name.replace('"', '""') + '"'
    files = read(tmp_path, f"2026-10-01,,,,,{quoted},,3,,\n")

    assert files.rows("finance_rules")[0][8] == name


def ran(made: Company, day: date, automation: str, space: str = "") -> None:
    """A run of an hour that finished, beside others that are metered."""
    began = datetime.combine(day, time(6), UTC)
    run = {
        "run_id": f"{automation} {day}",
        "automation_id": automation,
        "owner_id": "o1",
        "space_id": space,
        "status": "finished",
        "created_at": began,
        "started_at": began,
        "stopped_at": began + timedelta(hours=1),
        "updated_at": began + timedelta(hours=1),
    }
    keep(Lake(made.path / "data/lake"), RUNS.table, day, [run])


@pytest.mark.slow
def test_names_and_spaces_count_as_they_were_on_the_day(tmp_path: Path) -> None:
    """It is renamed on the 15th, moves on the 20th, and is deleted on the 25th.

    14 runs of 6 minutes, 5 of 3, and in the other space 5 of 2 by the space: 109.
    """
    made = Company(tmp_path)
    made.start(JANUARY)
    made.write(
        "value",
        "valid_from,space,automation,minutes_per_run\n"
        "2026-01-01,Finance,,2\n"
        "2026-01-01,,Load *,6\n"
        "2026-01-01,Sales,Store,3\n",
    )
    with (tmp_path / "chargeback.toml").open("a") as config:
        config.write('values = "value.csv"\n')
    lake = Lake(tmp_path / "data/lake")
    spaces = {"s1": "Sales", "s2": "Finance"}
    for number in range(1, 25):
        day = JANUARY.replace(day=number)
        space = "s1" if number < 20 else "s2"
        name = "Load it" if number < 15 else "Store"
        made.use(day, {"a1": 1, "a2": 1})
        ran(made, day, "a1", space)
        listed = {"automation_id": "a1", "name": name, "owner_id": "o1"}
        keep(lake, AUTOMATIONS.table, day, [{**listed, "space_id": space}])
        names = [{"space_id": key, "name": called} for key, called in spaces.items()]
        keep(lake, SPACES.table, day, names)
    cover(lake, AUTOMATIONS.table, JANUARY.replace(day=25))

    made.build("2026-01-26")

    assert made.ask(
        "select automation_id, space_id, valued_runs, saved_minutes, value_amount"
        " from automation_value where valued_runs > 0 order by all"
    ) == [("a1", "s1", 19, 99, None), ("a1", "s2", 5, 10, None)]


@pytest.mark.slow
def test_a_closed_page_stays_and_later_months_have_the_new_value(
    tmp_path: Path,
) -> None:
    """31 runs of 6 minutes at 40.00 are 3.1 hours, worth 124.00; beside 3.00 a day.

    A value of another day moves no other month; a line that is changed moves the table
    of all its months, and no page of a closed one.
    """
    made = Company(tmp_path)
    rules = "priority,cost_center,automation_id\n10,Finance,a1\n10,Sales,a2\n"
    made.start(JANUARY, rules=rules)
    first = "valid_from,valid_to,automation_id,minutes_per_run,hourly_rate\n"
    made.write("value", f"{first}2026-01-01,,a1,6,40\n")
    with (tmp_path / "chargeback.toml").open("a") as config:
        config.write('values = "value.csv"\n')
    for month, days in ((1, 31), (2, 14)):
        for day in (JANUARY.replace(month=month, day=n + 1) for n in range(days)):
            made.use(day, {"a1": 3, "a2": 2})
            ran(made, day, "a1")
    closed = made.close("2026-01", "2026-02-15")
    assert (closed.returncode, closed.stderr) == (0, "")
    page = made.folder("2026-01") / "pages/statement-2026-01-finance-e4f25793.html"
    shown = page.read_bytes()
    assert b"Value: at least <strong>\xe2\x82\xac124.00, 3.1 hours saved" in shown

    worth = []
    for text in (
        "2026-01-01,2026-02-10,a1,6,40\n2026-02-11,,a1,12,40\n",
        "2026-01-01,,a1,60,40\n",
    ):
        made.write("value", first + text)
        made.build("2026-02-15")
        assert made.chargeback("report", "--as-of", "2026-02-15").returncode == 0
        kept = tmp_path / "data/reports" / page.name
        assert kept.read_bytes() == page.read_bytes() == shown
        worth.append(
            made.ask(
                "select strftime(month, '%Y-%m'), sum(saved_minutes),"
                " sum(value_amount), sum(unknown_outcome_runs) from automation_value"
                " group by all order by all"
            )
        )

    assert worth == [
        [("2026-01", 186, 124, 62), ("2026-02", 60 + 48, 40 + 32, 28)],
        [("2026-01", 1860, 1240, 62), ("2026-02", 840, 560, 28)],
    ]
    assert made.chargeback("verify").returncode == 0
