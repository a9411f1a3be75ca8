"""Finance files that are wrong: told by file, line and column, before any price."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from pipeline.errors import ConfigError, FinanceFilesError
from worlds.finance_files import (
    BUDGETS,
    ENTITLEMENTS,
    FIXED,
    NOTES,
    RULES,
    SPLITS,
    load,
)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("1.5,A,,,,,,,", "line 2, column priority: expected a whole number"),
        ("9999999999,A,,,,,,,", "line 2, column priority: expected a smaller number"),
        ("1,,,,,,,,", "line 2, column cost_center: expected some text"),
        ("1,unallocated,,,,,,,", "line 2, column cost_center: expected another name"),
        ("1,A,,,,,2026-10-02,2026-10-01,", "line 2, column valid_to: .*no day before"),
        ("1,A,,,,,,,0", "line 2, column percent: expected a percent above 0"),
        ("1,A,,,,,,,100.1", "line 2, column percent: .*up to 100"),
        ("1,A,,,,,,,NaN", "line 2, column percent: expected a percent"),
        ("1,A,,,,,,,60%", "line 2, column percent: expected a number"),
        ("1,A,,,,,,,60.001", "line 2, column percent: .*2 decimals.*'60.001'"),
        ("1,A,,,,,,,60", "line 2, column percent: .*sum to 100.*line 2 is 60"),
        (
            "1,A,,x,,,,,60\n1,B,,x,,,,,30\n1,C,,y,,,,,",
            "line 3, column percent: .*sum of line 2, 3 is 90, found '30'",
        ),
        (
            "1,A,,x,,,,,60\n1,B,,x,,,2026-10-01,,40",
            "line 2, column percent: .*sum of line 2 is 60",
        ),
        (
            "1,A,,x,,,,,60\n1,B,,x,,,,,60",
            "line 3, column percent: .*sum of line 2, 3 is 120",
        ),
        (
            "1,A,,x,,,,,60\n1,A,,x,,,,,40",
            "line 3, column cost_center: expected another cost centre than on line 2",
        ),
        (
            "1,B,,x,,,,,\n1,A,,x,,,,,100",
            "line 2, column percent: .*as on line 3, .*found nothing",
        ),
        (
            "1,A,,x,,,,,60\n1,B,,x,,,,,40\n1,C,,x,,,,,",
            "line 4, column percent: .*as on line 2",
        ),
    ],
)
def test_a_cost_centre_rule(tmp_path: Path, rules: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"rules\.csv, {said}"):
        load(tmp_path, rules=SPLITS + rules)


@pytest.mark.parametrize("column", ["space_id", "owner_id", "automation_id"])
def test_an_id_is_no_pattern(tmp_path: Path, column: str) -> None:
    said = rf"rules\.csv, line 2, column {column}: expected an id without \*.*'5f\*'"

    with pytest.raises(ConfigError, match=said):
        load(tmp_path, rules=f"priority,cost_center,{column}\n10,Finance,5f*\n")


def test_an_older_file_of_rules(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"rules\.csv, line 2, column priority"):
        load(tmp_path, rules=RULES + "x,A,,,,,,")


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (",1,EUR,2026-10,,even,,,", "line 2, column item: expected some text"),
        ("F,,EUR,2026-10,,even,,,", "line 2, column amount: expected a number"),
        ("F,NaN,EUR,2026-10,,even,,,", "line 2, column amount: expected a number"),
        ("F,1.001,EUR,2026-10,,even,,,", "line 2, column amount: .*2 decimals"),
        ("F,-1.1e15,EUR,2026-10,,even,,,", "line 2, column amount: .*up to 1,000,000"),
        ("F,1,USD,2026-10,,even,,,", "line 2, column currency: expected EUR.*USD"),
        ("F,1,EUR,2026-10-01,,even,,,", "line 2, column valid_from: expected a month"),
        ("F,1,EUR,2026-10,x,even,,,", "line 2, column valid_to: expected a month"),
        (
            "F,1,EUR,2026-10,2026-09,even,,,",
            "line 2, column valid_to: expected no month before 2026-10, .*'2026-09'",
        ),
        ("F,1,EUR,2026-10,,,,,", "line 2, column split: expected some text"),
        (
            "F,1,EUR,2026-10,,fair,,,",
            "line 2, column split: expected one of even, proportional, percent, budget",
        ),
        (
            "F,1,EUR,2026-10,,proportional,,,",
            "line 2, column meter: expected one of runs, .*nothing",
        ),
        ("F,1,EUR,2026-10,,proportional,x,,", "line 2, column meter: .*found 'x'"),
        ("F,1,EUR,2026-10,,even,runs,,", "line 2, column meter: expected nothing"),
        ("F,1,EUR,2026-10,,budget,,A=100,", "line 2, column shares: expected nothing"),
        ("F,1,EUR,2026-10,,percent,,,", "line 2, column shares: .*Sales=40.*nothing"),
        ("F,1,EUR,2026-10,,percent,,A,", "line 2, column shares: .*Sales=40.*'A'"),
        ("F,1,EUR,2026-10,,percent,,=100,", "line 2, column shares: .*Sales=40"),
        ("F,1,EUR,2026-10,,percent,,A=60%,", "line 2, column shares: .*Sales=40"),
        ("F,1,EUR,2026-10,,percent,,A=60,", "line 2, column shares: .*but it is 60"),
        (
            "F,1,EUR,2026-10,,percent,,A=0;B=100,",
            "line 2, column shares: .*for A a percent",
        ),
        ("F,1,EUR,2026-10,,percent,,A=NaN,", "line 2, column shares: .*for A a perc"),
        (
            "F,1,EUR,2026-10,,percent,,A=99.99999,",
            "line 2, column shares: .*2 decimals",
        ),
        (
            "F,1,EUR,2026-10,,percent,,A=50;A=50,",
            "line 2, column shares: .*A only once",
        ),
        (
            "F,1,EUR,2026-10,,percent,,Unallocated=100,",
            "line 2, column shares: .*another name",
        ),
        ("F,1,EUR,2026-10,,even,,,other", "line 2, column tenant: .*acme.*'other'"),
        (
            "F,1,EUR,2026-10,,even,,,\nF,2,EUR,2026-12,2026-12,even,,,",
            "line 3, column valid_from: .*line 2 does not hold, found '2026-12'",
        ),
        (
            "F,1,EUR,2026-10,2026-11,even,,,acme\nF,1,EUR,2026-01,2026-10,even,,,acme",
            "line 2, column valid_from: .*line 3 does not hold",
        ),
    ],
)
def test_a_fixed_cost(tmp_path: Path, cost: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"fixed\.csv, {said}"):
        load(tmp_path, fixed=FIXED + cost, tenants=("acme",))


@pytest.mark.parametrize(
    ("currency", "fits", "too_fine", "decimals"),
    [
        ("JPY", "-5", "-5.5", 0),
        ("EUR", "-5.55", "5.555", 2),
        ("KWD", "5.555", "5e-4", 3),
    ],
)
def test_a_fixed_cost_that_no_coin_could_pay(
    tmp_path: Path, currency: str, fits: str, too_fine: str, decimals: int
) -> None:
    load(
        tmp_path,
        fixed=f"{FIXED}F,{fits},{currency},2026-10,,even,,,",
        currency=currency,
    )

    with pytest.raises(
        ConfigError, match=f"line 2, column amount: .*at most {decimals} decimals"
    ):
        load(
            tmp_path,
            fixed=f"{FIXED}F,{too_fine},{currency},2026-10,,even,,,",
            currency=currency,
        )


@pytest.mark.parametrize(
    ("entitlement", "said"),
    [
        ("x,A,1,2026-10,", "line 2, column meter: expected one of runs"),
        ("runs,,1,2026-10,", "line 2, column cost_center: expected some text"),
        ("runs,Unallocated,1,2026-10,", "line 2, column cost_center: .*another name"),
        ("runs,A,,2026-10,", "line 2, column percent: expected a number"),
        ("runs,A,-1,2026-10,", "line 2, column percent: expected a percent above 0"),
        ("runs,A,0.001,2026-10,", "line 2, column percent: .*2 decimals"),
        ("runs,A,1,,", "line 2, column valid_from: expected a month.*nothing"),
        ("runs,A,1,2026-10,2026-09", "line 2, column valid_to: .*no month before"),
        (
            "runs,A,1,2026-10,\nruns,A,1,2026-11,2026-11",
            "line 3, column valid_from: .*line 2 does not hold",
        ),
        (
            "runs,A,60,2026-01,2026-11\nruns,C,99,2027-01,\nruns,B,40.01,2026-11,2026-12",
            "line 4, column percent: .*in 2026-11, but .*line 2, 4 is 100.01",
        ),
    ],
)
def test_an_entitlement(tmp_path: Path, entitlement: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"entitlements\.csv, {said}"):
        load(tmp_path, entitlements=ENTITLEMENTS + entitlement)


@pytest.mark.parametrize(
    ("budgets", "said"),
    [
        ("A,October,1", "line 2, column month: expected a month such as 2026-10"),
        ("A,2026-13,1", "line 2, column month: expected a month such as 2026-10"),
        ("A,2026-10,1.234", "line 2, column amount: expected at most 2 decimals"),
        ("A,2026-10,1.1e15", "line 2, column amount: expected a number up to 1,000"),
        ("A,2026-10,1\nB,2026-10,1\nA,2026-10,2", "line 4, column month: .*line 2"),
    ],
)
def test_a_budget(tmp_path: Path, budgets: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"budgets\.csv, {said}"):
        load(tmp_path, budgets=BUDGETS + budgets)


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        ("October,A,,,Anna,x", "line 2, column month: expected a month such as"),
        ("2026-10,A,,,,x", "line 2, column author: expected some text"),
        ("2026-10,A,,,Anna,", "line 2, column text: expected some text"),
        ('2026-10,A,,,Anna,"x\ny"', "line 3, column text: expected a text in one line"),
        (f"2026-10,A,,,Anna,{'x' * 1001}", "line 2, column text: .*1000 characters"),
        ("2026-10,A,memo,,Anna,x", "line 2, column kind: expected one of note"),
        ("2026-10,A,,soon,Anna,x", "line 2, column date: expected a date such as"),
        ("2026-10,C,,,Anna,x", "line 2, column cost_center: expected a cost centre"),
        (
            "2026-10,A,dispute,,Anna,x\n2026-11,A,settled,,Anna,x",
            "line 3, column kind: .*a dispute of the same statement, found 'settled'",
        ),
    ],
)
def test_a_note(tmp_path: Path, notes: str, said: str) -> None:
    rules = RULES + "10,A,,,,x,,\n"
    with pytest.raises(ConfigError, match=rf"notes\.csv, {said}"):
        load(tmp_path, rules=rules, notes=NOTES + notes)


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        ("note,gamma", "line 2, column tenant: expected nothing, or one of acme, beta"),
        ("note,;", "line 2, column tenant: expected nothing, or one of acme"),
        ("dispute,acme\nsettled,beta", "line 3, column kind: .*a dispute of the same"),
        ("dispute,acme\nsettled,", ""),
        ("dispute,\nsettled,beta", ""),
        ("dispute,acme; beta\nsettled,beta", ""),
    ],
)
def test_the_tenant_of_a_note(tmp_path: Path, notes: str, said: str) -> None:
    """Of all tenants is of each; what settles is of a tenant that disputes."""
    rules, head = RULES + "10,A,,,,x,,\n", "month,cost_center,text,author,kind,tenant\n"
    lines = "\n".join(f"2026-10,A,x,Anna,{one}" for one in notes.split("\n"))
    wrong = pytest.raises(ConfigError, match=rf"notes\.csv, {said}")
    with wrong if said else nullcontext():
        load(tmp_path, rules=rules, notes=head + lines, tenants=("acme", "beta"))


def test_all_that_is_wrong_with_notes_as_excel_writes_them_is_said(
    tmp_path: Path,
) -> None:
    text = "sep=;\nmonth;cost_center;kind;date;author;text\n"
    rules = RULES + "10,A,,,,x,,\n"
    notes = text + "2026-10;A;memo;;Anna;x\n2026-10;A;note;;;x\n"

    with pytest.raises(FinanceFilesError) as wrong:
        load(tmp_path, rules=rules, notes=notes)

    assert [str(one).split(":")[0].split(", ")[1:] for one in wrong.value.each] == [
        ["line 3", "column kind"],
        ["line 4", "column author"],
    ]
