"""Each form of `-- conserves:`, where it holds, is broken, or cannot be read."""

from pathlib import Path

import pytest

from pipeline import warehouse
from pipeline.errors import CheckError, PipelineError

SALES = "(1, 'a', 2, 20), (1, 'b', 3, 30), (2, 'a', 5, 50)"


def write(folder: Path, name: str, select: str, *claims: str) -> None:
    path = folder / "marts" / f"{name}.sql"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"-- conserves: {claim}\n" for claim in claims)
    path.write_text(f"-- A sentence.\n-- grain: month, shop\n{lines}\n{select}\n")


def prove(folder: Path, claim: str, rows: str = SALES, where: str = "true") -> None:
    """Make a model of *rows* with that *claim*, beside tables of its sums."""
    table = f"(values {rows}) as v (month, shop, pieces, amount)"
    write(folder, "sales", f"select * from {table} where {where}", claim)
    known = {
        "months": "select 1 as m, 5 as n, 50 as amount union all select 2, 5, 50",
        "days": "select 1 as month, 'a' as shop, 2 as pieces, null as amount"
        " union all select 1, 'b', 3, 50 union all select 2, 'a', 4, 50"
        " union all select 2, 'a', 1, 0",
        "more": "select 1 as month, 10 as amount",
        "less": "select 1 as month, 40 as amount, 'x + y' as shop"
        " union all select 2 as month, 50, 'x'",
    }
    models = warehouse.load_models(folder, known)
    with warehouse.replacing(folder / "warehouse.duckdb") as connection:
        for name, select in known.items():
            table = f"{warehouse.SCHEMAS['raw']}.{name}"
            connection.execute(f"create table {table} as {select}")
        warehouse.make(connection, models)


HOLDING = [
    "sum(pieces) per month, shop = days",
    "sum(pieces) per the grain = days",
    "sum(pieces) per the grain without shop = days",
    "sum(pieces), sum(amount) per month = days",
    "sum(pieces), sum(amount) = days",
    "sum(amount) per month = sum(amount) of months by m",
    "sum(pieces), sum(amount) per month = sum(n), sum(amount) of months by m",
    "sum(amount) per month = more + less",
    "sum(amount) per month = months by m where m = 1 + less where month = 2",
    "sum(amount) where month = 2 = months where m = 2",
    "sum(amount) where shop = 'a' = 70",
    "sum(case when shop = 'a' then 1 end) per month = 1",
    (
        "sum(amount) per month = less where shop = 'x + y' + more"
        " where (10 + 0 = amount) + less where shop = 'x'"
    ),
    (
        "sum(amount + 1) per month where month = 1 = sum(amount + 2) of months by m"
        " where m = 1"
    ),
    "sum(amount) per month = less within 10",
    "sum(amount) per abs(month) = months by abs(m)",
    "each pieces * 10 = amount",
    "each nullif(pieces, pieces) = nullif(amount, amount)",
    "nothing: prices have no sum",
]

BROKEN = [
    (
        "sum(pieces) per month, shop = days where shop = 'a'",
        "month 1, shop b: .*3, not 0",
    ),
    ("sum(pieces) per the grain where shop = 'a' = days", "shop b: .* is 0, not 3"),
    (
        "sum(pieces + 1) per month = sum(pieces) of days",
        "month 1: .* is 7, not 5; month 2",
    ),
    ("sum(pieces) = sum(pieces + 1) of days", r"example sum\(pieces\) is 10, not 14"),
    ("sum(amount) per month = less", "month 1: .* is 50, not 40$"),
    ("sum(amount) per month = less within 9.5", "month 1"),
    ("sum(amount) per month = more + less + more", "month 1: .* is 50, not 60"),
    ("sum(amount) per month = 51", "month 1: .* is 50, not 51; month 2: "),
    (
        "sum(amount), sum(pieces) per month = sum(amount), sum(2) of months by m",
        r"month 1: sum\(pieces\) is 5, not 2;",
    ),
    (
        "each pieces * 10 = amount + pieces - 2",
        r"month 1, shop b: pieces \* 10 is 30, not 31",
    ),
    ("each pieces = nullif(pieces, 3)", "month 1, shop b: pieces is 3, not None"),
]

UNREADABLE = [
    ("everything", "cannot be read: everything\nexpected: "),
    ("", "cannot be read"),
    ("nothing:", "cannot be read"),
    ("sum(pieces)", "cannot be read"),
    ("pieces = days", "cannot be read"),
    ("sum(pieces) per = days", "cannot be read"),
    ("sum(pieces) = days up to rounding", "cannot be read"),
    ("sum(pieces) = days within reason", "cannot be read"),
    ("sum(pieces = days", "bracket or quote that is not closed"),
    ("sum(pieces) where shop = 'a = days", "bracket or quote that is not closed"),
    (
        "sum(pieces) per month = sum(n), sum(m) of months",
        "another number of sums or keys",
    ),
    ("sum(pieces) per month, shop = months by m", "another number of sums or keys"),
    (
        "sum(pieces) per the grain without day = days",
        "the grain is without 'day' anyway",
    ),
    ("sum(pieces) = nowhere", "conserves names 'nowhere'"),
    ("sum(pieces) = days where month in (select m from nowhere)", "names 'nowhere'"),
    (
        "sum(pieces pieces) = days",
        r"conserves sum\(pieces pieces\) = days: syntax error",
    ),
    ("sum(bytes) = days", r'conserves sum\(bytes\) = days: .*"bytes" not found'),
    ("sum(pieces) per day = days", 'conserves sum.*"day" not found'),
    ("sum(pieces) per month = months", 'conserves sum.*"month" not found'),
    ("each pieces = bytes", 'conserves each.*"bytes" not found'),
]


@pytest.mark.parametrize("claim", HOLDING)
def test_a_claim_that_holds_is_passed_over(tmp_path: Path, claim: str) -> None:
    prove(tmp_path, claim)


@pytest.mark.parametrize(("claim", "said"), BROKEN)
def test_a_claim_that_is_broken_stops_the_build(
    tmp_path: Path, claim: str, said: str
) -> None:
    with pytest.raises(CheckError, match=said) as caught:
        prove(tmp_path, claim)

    first = f"sales: does not conserve {claim}\nfor example "
    assert str(caught.value).startswith(first)


@pytest.mark.parametrize(("claim", "said"), UNREADABLE)
def test_a_claim_of_which_no_proof_can_be_made_is_refused(
    tmp_path: Path, claim: str, said: str
) -> None:
    with pytest.raises(PipelineError, match=rf"^marts/sales\.sql: (?s:.*){said}"):
        prove(tmp_path, claim)


def test_at_most_three_groups_are_named(tmp_path: Path) -> None:
    rows = ", ".join(f"({month}, 'a', 1, 1)" for month in range(5))

    with pytest.raises(CheckError) as caught:
        prove(tmp_path, "sum(amount) per month = 2", rows)

    assert str(caught.value).count("is 1, not 2") == 3


def test_no_rows_break_no_claim(tmp_path: Path) -> None:
    for claim in ("sum(pieces) per shop = 100", "sum(pieces) = 7", "each shop = 'z'"):
        prove(tmp_path, claim, where="false")


def test_a_null_is_a_key_like_another(tmp_path: Path) -> None:
    """A full join would find no partner for it."""
    write(
        tmp_path,
        "one",
        "select 1 as month, 2 as shop, null as day, 3 as n",
        "sum(n) per day = two",
    )
    write(tmp_path, "two", "select 1 as month, 2 as shop, null as day, 3 as n")
    models = warehouse.load_models(tmp_path, [])

    with warehouse.replacing(tmp_path / "warehouse.duckdb") as connection:
        warehouse.make(connection, models)
    assert [model.name for model in models] == ["two", "one"]


def test_a_claim_about_what_is_made_of_the_model_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "one", "select 1 as month, 2 as shop", "sum(shop) = two")
    write(tmp_path, "two", "select month, shop from one")

    with pytest.raises(
        PipelineError,
        match=r"marts/one\.sql: conserves names 'two', which is made after",
    ):
        warehouse.load_models(tmp_path, [])


def test_a_model_may_be_compared_with_itself(tmp_path: Path) -> None:
    prove(tmp_path, "sum(pieces * 10) per month = sum(amount) of sales")


def test_several_claims_are_proved_one_by_one(tmp_path: Path) -> None:
    claims = ("sum(month) = 1", "sum(shop) = 3")
    write(tmp_path, "one", "select 1 as month, 2 as shop", *claims)
    models = warehouse.load_models(tmp_path, [])

    with (
        pytest.raises(CheckError, match=r"one: does not conserve sum\(shop\) = 3"),
        warehouse.replacing(tmp_path / "warehouse.duckdb") as connection,
    ):
        warehouse.make(connection, models)


def test_a_claim_goes_on_in_the_next_line(tmp_path: Path) -> None:
    claim = (
        "sum(month),\n-- sum(shop) =\n--   sum(1), sum(1)\n--   of one +\n"
        "-- sum(0), sum(1) of one"
    )
    write(tmp_path, "one", "select 1 as month, 2 as shop", claim)

    (model,) = warehouse.load_models(tmp_path, [])

    words = "sum(month), sum(shop) = sum(1), sum(1) of one + sum(0), sum(1) of one"
    assert [one.words for one in model.claims] == [words]
    assert model.description == "A sentence."
