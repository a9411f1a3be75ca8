"""What is pruned: what is older than the retention, and that no figure needs."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest

from pipeline.endpoints import USAGE
from pipeline.lake import Lake
from worlds.closing import Company
from worlds.lake import keep
from worlds.small_builds import small_builds

pytestmark = pytest.mark.slow

TODAY = "2026-02-15"
RETENTION = "[privacy]\nretention_months = 1\n"
OLD = date(2025, 11, 3)


@pytest.fixture(autouse=True)
def few_tables() -> Iterator[None]:
    with small_builds():
        yield


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A month, and what is older than its first day."""
    folder = tmp_path_factory.mktemp("company")
    company = Company(folder)
    company.start(date(2026, 2, 4))
    lake = Lake(folder / "data" / "lake")
    row = {"automation_id": "a1", "metric": "runs", "value": 9, "owner_id": "o1"}
    for day in (OLD, date(2025, 12, 31)):
        keep(lake, USAGE.table, day, [row])
    lake.quarantine("acme", OLD, b"{}")
    lake.quarantine("acme", date(2026, 2, 1), b"{}")
    name = f"{OLD:%Y%m%d}T020000Z-aaaaaa.json"
    record = folder / "data" / "state" / "runs" / name
    record.parent.mkdir(parents=True)
    record.write_text("{}")
    return company


@pytest.fixture
def company(before: Company, tmp_path: Path) -> Company:
    copytree(before.path, tmp_path / "copy", symlinks=True)
    return Company(tmp_path / "copy")


def files(company: Company) -> set[str]:
    data = company.path / "data"
    return {
        str(path.relative_to(data))
        for path in data.rglob("*")
        if path.is_file() and path.name not in {".lock", "format.json"}
    }


def test_only_what_no_figure_needs_is_removed(company: Company) -> None:
    company.configure()
    privacy = (company.path / "chargeback.toml").read_text() + RETENTION
    (company.path / "chargeback.toml").write_text(privacy)
    assert company.close("2026-01", TODAY).returncode == 0
    kept, charged = files(company), company.ask("from charges order by all")

    tried = company.chargeback("prune", "--dry-run", "--as-of", TODAY)
    assert files(company) == kept
    done = company.chargeback("prune", "--as-of", TODAY)

    assert (tried.returncode, done.returncode, done.stderr) == (0, 0, "")
    removed = kept - files(company)
    assert {one.split("/")[0] for one in removed} == {"lake", "quarantine", "state"}
    assert len(removed) == 3
    assert all(str(OLD) in one or f"{OLD:%Y%m%d}" in one for one in removed)
    assert "lake, before the first day: 1 file," in tried.stdout
    assert tried.stdout == done.stdout.replace(" removed\n", " would be removed\n")
    assert company.chargeback("verify").returncode == 0
    company.build(TODAY)
    assert company.ask("from charges order by all") == charged
    again = company.chargeback("prune", "--as-of", TODAY)
    assert "nothing is older than 2026-01" in again.stdout


def test_without_a_retention_nothing_is_removed(company: Company) -> None:
    kept = files(company)

    done = company.chargeback("prune", "--dry-run", "--as-of", TODAY)

    assert done.returncode == 0
    assert done.stdout.startswith("nothing to remove: privacy.retention_months is")
    assert files(company) == kept


def test_nothing_is_removed_where_something_is_amiss(company: Company) -> None:
    config = company.path / "chargeback.toml"
    config.write_text(config.read_text() + RETENTION)
    assert company.close("2026-01", TODAY).returncode == 0
    page = next((company.folder("2026-01") / "pages").glob("*"))
    page.write_bytes(b"")
    kept = files(company)

    done = company.chargeback("prune", "--as-of", TODAY)

    assert done.returncode == 4
    assert files(company) == kept


def test_a_file_without_a_day_in_its_name_is_as_old_as_it_is(company: Company) -> None:
    config = company.path / "chargeback.toml"
    config.write_text(config.read_text() + RETENTION)
    odd = company.path / "data" / "quarantine" / "odd.json"
    odd.write_text("{}")
    old = datetime(2025, 1, 1, tzinfo=UTC).timestamp()
    os.utime(odd, (old, old))
    new = odd.with_name("new.json")
    new.write_text("{}")
    later = (datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=1)).timestamp()
    os.utime(new, (later, later))
    (odd.parent / "link.json").symlink_to(company.path / "rates.csv")

    assert company.chargeback("prune", "--as-of", TODAY).returncode == 0

    assert not odd.exists()
    assert new.exists()
    assert (odd.parent / "link.json").is_symlink()
