"""Builds of a tiny company, of what statements are made of and of nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import duckdb
import pytest

from pipeline import build, nightly, report, warehouse
from pipeline.build import by_month, checks, standing, to_date
from pipeline.build.by_month import kept
from pipeline.report import folder
from pipeline.resources import resource
from pipeline.warehouse import Model, runner
from worlds.plain_builds import plain_replacing

# What closing and the checks of a story read.
_NEEDED = (
    "charges",
    "statement",
    "automation_daily",
    "coverage",
    "closed_months",
    "cost_centers",
    "issued_statements",
    "usage_monthly",
)

# As it was before anything was put in its place.
_whole = build.models


@contextmanager
def small_builds(
    *, pages: bool = False, also: frozenset[str] = frozenset()
) -> Iterator[None]:
    """Within it a build takes a quarter of the time of a whole one.

    Pages, files, analyses and comments are left out, grains and claims are not proved,
    nothing is compared with the days of the month before, and of the checks those run
    whose tables are there. What did not change is made too. Models are read once, and
    queries run as in `plain_replacing`. With *pages* some are written, which say what
    is charged. Models that are named in *also* are made.
    """
    few, claims = small_models(also), _claims(also)

    def check(connection: duckdb.DuckDBPyConnection, *_: object) -> None:
        for claim in claims:
            wrong = connection.execute(f"{claim.sql} limit 3").fetchall()
            assert not wrong, (claim.name, wrong)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "models", lambda: few)
        patch.setattr(to_date, "price_to_date", lambda *_: None)
        patch.setattr(runner, "prove_grain", lambda *_: None)
        patch.setattr(warehouse, "replacing", plain_replacing)
        patch.setattr(standing, "is_built", lambda *_: False)
        patch.setattr(warehouse, "comment", lambda *_: None)
        patch.setattr(checks, "check", check)
        issued = {"issued/all/csv/statement.csv": b"a file"}
        patch.setattr(nightly, "issued_files", lambda *_: issued)
        patch.setattr(nightly, "credit_files", lambda *_: {"note.csv": b"a file"})
        patch.setattr(report, "pages_of", lambda *_: {"statement.html": b"a page"})
        patch.setattr(report, "render", _render if pages else _no_pages)
        yield


@contextmanager
def months_kept() -> Iterator[None]:
    """Within it files are kept of a lake of any size, and each month is made alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_month, "WORTH_KEEPING", 0)
        patch.setattr(kept, "TOGETHER", 1)
        yield


def _no_pages(_: Path, reports: Path, *_more: object) -> Path:
    return reports / "index.html"


def _render(database: Path, reports: Path, *_more: object) -> Path:
    with warehouse.read(database) as connection:
        rows = connection.execute(
            "select strftime(month, '%Y-%m'), sum(amount) from statement group by all"
            " order by all"
        ).fetchall()
    made = {f"chargeback-{month}.html": f"{amount}".encode() for month, amount in rows}
    folder.replace(reports, {"index.html": repr(rows).encode(), **made})
    return reports / "index.html"


@cache
def small_models(also: frozenset[str] = frozenset()) -> tuple[Model, ...]:
    """The models that such a build makes."""
    every = _whole()
    names = by_month.upstream(every, {*_NEEDED, *also})
    return tuple(replace(one, claims=()) for one in every if one.name in names)


@cache
def _claims(also: frozenset[str]) -> tuple[Model, ...]:
    every = {one.name for one in _whole()}
    made = {one.name for one in small_models(also)}
    paths = sorted((resource("sql") / "checks").glob("assert_*.sql"))
    claims = [warehouse.parse(path) for path in paths]
    return tuple(one for one in claims if one.reads & every <= made)
