"""The register and the closed months know each other, by entry and by file."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copytree, rmtree

import duckdb
import pytest
from msgspec.structs import replace as replaced

from pipeline.closing import register
from pipeline.closing.manifest import encode, read, sealed
from worlds.closing import MARCH, RATES, Company

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_tables")]

NIGHT = ("--as-of", "2026-03-02", "--quiet")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """January and February are closed for two tenants."""
    company = Company(tmp_path_factory.mktemp("done"), ("acme", "beta"))
    company.start(MARCH)
    for month in ("2026-01", "2026-02"):
        assert company.close(month, "2026-03-02").returncode == 0
    return company


@pytest.fixture
def closed(tmp_path: Path, done: Company) -> Iterator[Company]:
    """The same, to be spoilt."""
    company = Company(tmp_path / "company", done.tenants)
    copytree(done.path, company.path)
    yield company
    rmtree(company.path)


def path_of(company: Company) -> Path:
    return company.path / "data/closed/register"


def entries(company: Company) -> list[dict[str, object]]:
    return [json.loads(line) for line in path_of(company).read_text().splitlines()]


def refused(company: Company, *words: str) -> None:
    """Build and close stop, with two lines that have *words*."""
    for command in (["build"], ["close", "2026-02"]):
        result = company.chargeback(*command, *NIGHT)
        assert result.returncode == 4, result.stderr
        assert len(result.stderr.splitlines()) == 2
        for word in (*words, "backup"):
            assert word in result.stderr


def test_each_statement_has_an_entry_with_its_seal(done: Company) -> None:
    found = entries(done)

    assert [(one["kind"], one.get("number"), one["amount"]) for one in found[:6]] == [
        ("closing", None, "177.500"),
        ("statement", "acme-2026-01-001", "96.500"),
        ("statement", "acme-2026-01-002", "81.000"),
        ("closing", None, "77.500"),
        ("statement", "beta-2026-01-001", "46.500"),
        ("statement", "beta-2026-01-002", "31.000"),
    ]
    manifest = done.manifest("2026-01")
    assert found[0]["seal"] == manifest["seal"]
    assert [one["seal"] for one in found[1:3]] == [
        one["seal"] for one in manifest["statements"]
    ]
    assert manifest["register"] == register.BEGINNING
    assert done.manifest("2026-02")["register"] == found[5]["hash"]


def test_the_warehouse_has_the_documents(done: Company) -> None:
    rows = done.ask(
        "select statement_number, version, kind, i.amount, booked_month,"
        " i.seal = s.seal"
        " from issued_statements i join statement s using (statement_number)"
        " where i.tenant = 'beta' order by entry"
    )

    assert rows[0] == (
        "beta-2026-01-001", 1, "statement", Decimal("46.5"), date(2026, 1, 1), True
    )  # fmt: skip
    assert len(rows) == 4


def test_a_number_is_draft_until_the_month_is_closed(closed: Company) -> None:
    closed.use(MARCH, {"a1": 3, "a2": 2})
    closed.build("2026-03-02")

    assert closed.ask(
        "select distinct statement_number, statement_version, seal from statement"
        " where month = date '2026-03-01'"
    ) == [("draft", 0, None)]


def changed(line: str) -> str:
    return line.replace("2026-0", "2026-1", 1)


def with_changed(number: int) -> Callable[[list[str]], list[str]]:
    def spoil(lines: list[str]) -> list[str]:
        return [changed(x) if n == number else x for n, x in enumerate(lines)]

    return spoil


SPOILT: dict[str, Callable[[list[str]], list[str]]] = {
    **{f"entry {number} is changed": with_changed(number) for number in range(12)},
    "the first is cut": lambda lines: lines[1:],
    "one is cut": lambda lines: lines[:4] + lines[5:],
    "the last is cut": lambda lines: lines[:-1],
    "the last month is cut": lambda lines: lines[:6],
    "all are cut": lambda _: [],
    "two change places": lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]],
    "one is there twice": lambda lines: [*lines[:5], lines[4], *lines[5:]],
    "a line is empty": lambda lines: [*lines[:5], "", *lines[5:]],
    "a line is nonsense": lambda lines: [*lines, "{}"],
    "half a line": lambda lines: [*lines[:-1], lines[-1][:40]],
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_changed_register_stops_the_night(closed: Company, what: str) -> None:
    path = path_of(closed)
    lines = SPOILT[what](path.read_text().splitlines())
    path.write_text("".join(f"{line}\n" for line in lines))

    refused(closed, "closed/register")


def test_a_missing_register_stops_the_night(closed: Company) -> None:
    path_of(closed).unlink()

    refused(closed, "closed/register")


def test_an_amount_that_is_chained_anew_is_still_another(closed: Company) -> None:
    """Who can calculate hashes still has the closed month and the head against them."""
    known = register.read(path_of(closed), {})
    assert known
    other = [
        replaced(one, amount=Decimal(1)) if one.number == "acme-2026-02-001" else one
        for one in known.entries
    ]
    register.write(path_of(closed), register.Register().extended(other))

    refused(closed, "closed/register")
    rmtree(closed.path / "data/state")
    refused(closed, "month=2026-02")


def test_all_that_was_closed_cannot_be_deleted_unseen(closed: Company) -> None:
    rmtree(closed.path / "data/closed")

    refused(closed, "closed/register")


def test_what_the_warehouse_shows_as_issued_is_not_forgotten(closed: Company) -> None:
    """Nothing is left of what was closed but what analysts read."""
    rmtree(closed.path / "data/closed")
    rmtree(closed.path / "data/state")

    refused(closed, "-2026-01-", "v1 as issued", "does not know")

    (closed.path / "data/warehouse.duckdb").unlink()
    closed.build("2026-03-02")
    assert closed.ask("from issued_statements") == []


def test_a_warehouse_of_an_earlier_version_shows_no_document(closed: Company) -> None:
    with duckdb.connect(closed.path / "data/warehouse.duckdb") as connection:
        connection.execute("drop table marts.issued_statements")

    assert closed.close("2026-02", "2026-03-02").returncode == 0

    assert len(closed.ask("from issued_statements")) == 8


def test_the_last_month_cannot_be_cut_off_unseen(closed: Company) -> None:
    """Neither the folder alone, nor with its entries: the head of then is noted."""
    for tenant in closed.tenants:
        rmtree(closed.folder("2026-02", tenant))

    refused(closed, "month=2026-02", "is not there")
    lines = path_of(closed).read_text().splitlines(keepends=True)
    path_of(closed).write_text("".join(lines[:6]))
    refused(closed, "closed/register")


def test_a_number_never_says_another_amount(closed: Company) -> None:
    """Seen: the folder of the last closed month deleted, and closed at other prices."""
    rmtree(closed.folder("2026-02"))
    closed.write("rates", RATES.replace("0.5", "2"))

    refused(closed, "month=2026-02", "is not there")

    assert not closed.folder("2026-02").exists()
    amounts = {one.get("number"): one["amount"] for one in entries(closed)}
    assert amounts["acme-2026-02-001"] == "92.000"


def test_a_month_that_the_register_does_not_know_stops_the_night(
    closed: Company,
) -> None:
    copytree(closed.folder("2026-02"), closed.folder("2026-02 (copy)"))

    refused(closed, "2026-02 (copy)", "does not know")


def test_a_month_of_another_register_stops_the_night(
    closed: Company, tmp_path: Path
) -> None:
    other = Company(tmp_path / "other", closed.tenants)
    copytree(closed.path, other.path)
    for day in range(1, 32):
        other.use(date(2026, 3, day), {"a1": 3, "a2": 2})
        other.use(date(2026, 3, day), {"a1": 3, "a2": 2}, "beta")
    assert other.close("2026-03", "2026-04-01").returncode == 0
    copytree(other.folder("2026-03"), closed.folder("2026-03"))

    refused(closed, "month=2026-03", "does not know")


def forget_register(company: Company) -> None:
    """Make the closed months those of a version that had no register."""
    previous: dict[str, str | None] = {}
    for month in ("2026-01", "2026-02"):
        for tenant in company.tenants:
            path = company.folder(month, tenant) / "manifest.json"
            manifest = read(path.parent)
            bare = [replaced(one, seal="") for one in manifest.statements]
            older = replaced(
                manifest,
                register=None,
                previous=previous.get(tenant),
                statements=tuple(bare),
            )
            older = sealed(older, older.files)
            path.write_bytes(encode(older))
            previous[tenant] = older.seal
    path_of(company).unlink()
    rmtree(company.path / "data/state")


def test_months_of_earlier_versions_are_entered_in_a_new_register(
    closed: Company,
) -> None:
    seals = dict(closed.ask("select statement_number, seal from issued_statements"))
    forget_register(closed)
    months = closed.files()

    closed.build("2026-03-02")

    assert closed.files().keys() - months.keys() == {path_of(closed)}
    assert {k: v for k, v in closed.files().items() if k in months} == months
    found = entries(closed)
    assert [one["kind"] for one in found].count("statement") == 8
    assert (
        dict(closed.ask("select statement_number, seal from issued_statements"))
        == seals
    )
    result = closed.close("2026-01", "2026-03-02")
    assert result.stdout == "2026-01 is closed already: nothing was changed\n"
    path_of(closed).unlink()
    refused(closed, "closed/register")


def test_a_month_closed_after_adoption_names_the_register(closed: Company) -> None:
    forget_register(closed)
    for day in range(1, 32):
        for tenant in closed.tenants:
            closed.use(date(2026, 3, day), {"a1": 3, "a2": 2}, tenant)

    assert closed.close("2026-03", "2026-04-01").returncode == 0

    assert closed.manifest("2026-03")["register"] == entries(closed)[11]["hash"]
    rmtree(closed.path / "data/state")
    path_of(closed).unlink()
    result = closed.chargeback("build", "--as-of", "2026-04-01", "--quiet")
    assert result.returncode == 4
    assert "closed/register" in result.stderr
