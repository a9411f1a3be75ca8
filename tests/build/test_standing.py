"""What is made of what did not change stands; all else is made again."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline import config
from pipeline.build import finance_files, standing
from pipeline.config import Run
from tools.commands import call
from worlds.closing import JANUARY, RATES, Company

AS_OF = date(2026, 1, 4)

pytestmark = pytest.mark.slow


def run_of(company: Company) -> Run:
    settings = config.load(company.path / "chargeback.toml", None)
    return Run(settings, AS_OF, datetime(2026, 1, 4, 2, tzinfo=UTC))


def stands(run: Run) -> bool:
    return standing.is_built(run, standing.key_of(run, finance_files(run.settings)))


def touch(path: Path) -> None:
    """Write the same once more."""
    path.write_bytes(path.read_bytes())


def flip(path: Path) -> None:
    """Change a bit, as a disk does: the time of the file stays."""
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def enter(company: Company) -> None:
    (company.path / "data/closed").mkdir()
    (company.path / "data/closed/register").write_text("an entry")


USAGE = Path("data/lake/usage/tenant=acme") / f"date={JANUARY}" / "usage.parquet"
WAREHOUSE = Path("data/warehouse.duckdb")
RECORD = Path("data/state/built.json")

CHANGES: dict[str, Callable[[Company], object]] = {
    "a day of the lake": lambda one: touch(one.path / USAGE),
    "a day more": lambda one: one.use(AS_OF, {"a1": 1}),
    "a day less": lambda one: one.forget(JANUARY),
    "a price": lambda one: one.write("rates", RATES.replace("0.5", "0.6")),
    "a setting": lambda one: one.configure("[privacy]\nowners = 'none'"),
    "what is closed": enter,
    "the warehouse": lambda one: flip(one.path / WAREHOUSE),
    "a log beside it": lambda one: (one.path / f"{WAREHOUSE}.wal").write_bytes(b""),
    "no warehouse": lambda one: (one.path / WAREHOUSE).unlink(),
    "no record": lambda one: (one.path / RECORD).unlink(),
    "a record cut short": lambda one: (one.path / RECORD).write_bytes(b"{"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_warehouse_stands_until_anything_changes(tmp_path: Path, change: str) -> None:
    company = Company(tmp_path)
    company.start(AS_OF)
    (tmp_path / WAREHOUSE).write_bytes(b"a warehouse")
    run = run_of(company)
    standing.keep_built(run, standing.key_of(run, finance_files(run.settings)))
    later = replace(run, now=datetime(2026, 1, 4, 3, tzinfo=UTC))
    assert stands(run)
    assert stands(later)
    assert not stands(replace(run, as_of=date(2026, 1, 5)))
    assert not stands(replace(run, is_full=True))
    assert not stands(replace(run, lost_days=(("acme", "usage", JANUARY),)))

    CHANGES[change](company)

    assert not stands(run_of(company))


def said(company: Company, command: str, *more: str) -> str:
    """What *command* logs, with all that its checks warn of."""
    done = call(
        *(command, "--as-of", str(AS_OF), *more), folder=company.path, env=company.env
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_nothing_is_made_again_and_the_same_is_said_and_shown(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.start(AS_OF)
    warned = [
        [one for one in said(company, "build").splitlines() if "warn_" in one]
        for _ in range(2)
    ]
    again = said(company, "build")
    charged = company.ask("select sum(amount) from charges")
    runs = company.ask("select command, state from run_history order by started_at")
    pages = said(company, "report"), said(company, "report")

    assert "warehouse: nothing changed" in again
    assert warned[0] == warned[1]
    assert [one for one in warned[0] if "warning" in one]
    assert charged[0][0] > 0
    assert runs == [("build", "ended"), ("build", "ended"), ("build", "running")]
    assert "nothing changed" not in pages[0]
    assert "pages: nothing changed" in pages[1]


@pytest.mark.parametrize("change", ["a page", "a page less", "a setting", "the build"])
def test_pages_are_made_again_if_they_or_the_warehouse_changed(
    company: Company, change: str
) -> None:
    first = company.path / "data/reports/index.html"
    before = first.read_bytes()
    match change:
        case "a page":
            flip(first)
        case "a page less":
            (company.path / "data/reports/quality.html").unlink()
        case "a setting":
            company.configure('[report]\nlocale = "de-DE"')
        case _:
            company.write("rates", RATES.replace("0.5", "0.7"))
            said(company, "build")

    assert "nothing changed" not in said(company, "report")
    assert (first.read_bytes() == before) == (change in {"a page", "a page less"})
    assert (company.path / "data/reports/quality.html").exists()


def test_pages_are_made_again_if_the_code_changed(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "_CODE", tmp_path)
    (tmp_path / "module.py").write_text("rows = 1")
    before = standing.key_of_pages(run_of(company))
    (tmp_path / "module.py").write_text("rows = 10")
    after = standing.key_of_pages(run_of(company))

    assert before
    assert after
    assert before != after


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company with a warehouse and pages."""
    made = Company(tmp_path_factory.mktemp("company"))
    made.start(AS_OF)
    for command in ("build", "report"):
        said(made, command)
    return made
