"""A tenant that left the configuration is closed to its end; a copy is no tenant."""

from datetime import date, timedelta
from pathlib import Path
from shutil import copytree

import pytest

from pipeline.lake.tenants import KnownTenant, read, write
from worlds.closing import FEBRUARY, JANUARY, Company

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_tables")]

BY_TENANT = "select tenant, sum(amount) from charges group by all order by all"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Of beta, eight days of February were read; then it left. January is closed."""
    company = Company(tmp_path_factory.mktemp("first"), ("acme", "beta"))
    company.start(date(2026, 2, 9))
    note(company, KnownTenant("acme", "1", "a"), KnownTenant("beta", "2", "b"))
    closed = company.close("2026-01", "2026-02-09")
    assert closed.returncode == 0, closed.stderr
    company.tenants = ("acme",)
    company.configure()
    for n in range(8, 28 + 31):
        company.use(FEBRUARY + timedelta(n), {"a1": 3, "a2": 2})
    return company


@pytest.fixture
def company(first: Company, tmp_path: Path) -> Company:
    copytree(first.path, tmp_path, dirs_exist_ok=True)
    return Company(tmp_path)


def note(company: Company, *tenants: KnownTenant) -> None:
    write(company.path / "data/lake", tenants)


def closed(company: Company) -> list[tuple[str, str]]:
    rows = company.ask("select tenant, month from closed_months order by all")
    return [(tenant, f"{month:%Y-%m}") for tenant, month in rows]


def test_the_last_month_of_a_tenant_that_left_is_closed(company: Company) -> None:
    company.build("2026-03-02")
    charged = company.ask(BY_TENANT)

    february = company.close("2026-02", "2026-03-02")
    again = company.close("2026-02", "2026-03-02")
    march = company.close("2026-03", "2026-04-02")

    assert february.returncode == 0, february.stderr
    assert "beta 2026-02: " in february.stdout
    assert again.stdout == "2026-02 is closed already: nothing was changed\n"
    assert march.returncode == 0, march.stderr
    assert closed(company) == [
        *(("acme", f"2026-0{n}") for n in (1, 2, 3)),
        *(("beta", f"2026-0{n}") for n in (1, 2)),
    ]
    assert company.ask(BY_TENANT)[1] == charged[1]
    assert company.adjustments() == {}


def test_its_open_month_comes_before_later_ones(company: Company) -> None:
    """Also where the others have closed it, as earlier versions did."""
    company.path.joinpath("data/lake/coverage/tenant=beta").rename(
        company.path / "hidden"
    )
    assert company.close("2026-02", "2026-03-02").returncode == 0
    (company.path / "hidden").rename(company.path / "data/lake/coverage/tenant=beta")

    march = company.close("2026-03", "2026-04-02")
    february = company.close("2026-02", "2026-04-02")

    assert march.returncode == 4
    assert "2026-02 of beta is still open" in march.stderr
    assert february.returncode == 0, february.stderr
    assert ("beta", "2026-02") in closed(company)


def test_its_last_day_has_to_be_whole_and_no_later_one(company: Company) -> None:
    company.forget(date(2026, 2, 7), "beta")

    refused = company.close("2026-02", "2026-03-02")
    accepted = company.close("2026-02", "2026-03-02", "--accept-incomplete", "Left.")

    assert refused.returncode == 4
    assert (
        "2026-02 of beta was not read whole: 2026-02-07 usage missing, 2026-02-07 runs"
        " missing\n" in refused.stderr
    )
    assert "beta left the configuration, so that nobody reads them" in refused.stderr
    assert accepted.returncode == 0, accepted.stderr


def test_its_own_first_day_is_remembered(company: Company) -> None:
    """Else days that the lake has from before it would be charged once it leaves."""
    beta = KnownTenant("beta", "2", "b", first_day=date(2026, 2, 5))
    note(company, KnownTenant("acme", "1", "a"), beta)
    company.path.joinpath("data/closed").rename(company.path / "elsewhere")
    company.path.joinpath("data/state").rename(company.path / "state")
    (company.path / "data/warehouse.duckdb").unlink()

    company.build("2026-03-02")

    first = "select min(date) from automation_daily where tenant = "
    assert company.ask(f"{first} 'beta'") == [(date(2026, 2, 5),)]
    assert company.ask(f"{first} 'acme'") == [(JANUARY,)]
    assert read(company.path / "data/lake")["beta"] == beta


@pytest.mark.parametrize(("name", "is_noted"), [("acme2", True), ("ACME", False)])
def test_a_copied_folder_is_no_tenant(
    company: Company, name: str, *, is_noted: bool
) -> None:
    company.build("2026-03-02")
    charged = company.ask(BY_TENANT)
    lake = company.path / "data/lake"
    for table in ("usage", "coverage"):
        copytree(lake / table / "tenant=acme", lake / table / f"tenant={name}")
    if not is_noted:  # as in an older lake: files say whose they are
        (lake / "tenants.json").unlink()

    result = company.chargeback("build", "--as-of", "2026-03-02")
    verified = company.chargeback("verify")

    assert result.returncode == 0, result.stderr
    assert company.ask(BY_TENANT) == charged
    told = [line for line in result.stderr.splitlines() if name in line]
    assert len(told) == 1
    assert told[0].endswith("left alone, and not charged")
    assert verified.returncode == 0, verified.stderr
