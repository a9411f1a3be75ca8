"""`chargeback verify`: what is kept against its hashes, files against the register."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from pipeline import warehouse
from pipeline.build import by_month, names_today
from pipeline.build.lake_check import check_lake
from pipeline.cli.logs import say
from pipeline.closing import added, archive
from pipeline.closing.archive import Archive
from pipeline.closing.months import amounts_of, seal_of
from pipeline.closing.redacted import redacted
from pipeline.closing.seals import FIGURES
from pipeline.closing.verify import Verifier, check_paths
from pipeline.config import Settings
from pipeline.endpoints import TABLES
from pipeline.errors import CheckError, PipelineError, joined
from pipeline.formats.plurals import counted
from pipeline.lake import present, unchanged


def verify(settings: Settings, paths: Sequence[Path]) -> None:
    """Say of each of *paths* whether it was issued; without any, of all that is kept.

    Raises:
        ConfigError: A path is no file.
        CheckError: Something was not issued, or is not as it was: all of it.
    """
    check_paths(paths)
    if not paths:
        _verify_kept(settings)
        return
    verifier = Verifier(archive.load(settings.closed, names_today(settings)))
    answers = [answer for path in paths for answer in verifier.answers(path)]
    for answer in answers:
        say(answer.text)
    if wrong := sum(not answer.is_issued for answer in answers):
        raise CheckError(f"{wrong} of {len(answers)} files are not as they were issued")


def _verify_kept(settings: Settings) -> None:
    """Say a line for each part that is as it was, and raise what is not, at last."""
    if not settings.lake.exists() and not settings.closed.exists():
        raise CheckError(
            f"{settings.data_dir}: nothing is kept here\nrun `chargeback run` first;"
            " or restore what was here from a backup"
        )
    wrong: list[PipelineError] = []
    for part in (_lake, _lost, _facts, _closed):
        try:
            for line in part(settings):
                say(line)
        except PipelineError as exc:
            wrong.append(exc)
    if wrong:
        raise joined(wrong)


def _lake(settings: Settings) -> Iterator[str]:
    tenants, renamed = present.counted(settings), names_today(settings)
    yield str(unchanged.check(settings.lake, TABLES, tenants, renamed))


def _lost(settings: Settings) -> Iterator[str]:
    check_lake(settings)
    yield from ()


def _facts(settings: Settings) -> Iterator[str]:
    if count := by_month.verify(settings):
        yield f"facts: {counted(count, 'file')} of months, as they were made"


def _closed(settings: Settings) -> Iterator[str]:
    """Closed months and the register, and whether the warehouse shows them."""
    existing = archive.load(settings.closed, names_today(settings))
    months = [*existing.months, *existing.reversed]
    changed_later = redacted(existing.register)
    for one in months:
        changed = changed_later.get(("closing", one.manifest.seal), {})
        _check_seals(one, is_redacted=not FIGURES.isdisjoint(changed))
    added.check(settings.closed, existing)
    files = sum(len(one.manifest.files) for one in months)
    yield f"closed months: {len(months)}, {counted(files, 'file')}, as they were closed"
    entries = existing.register.entries
    credited = [one for one in existing.register.documents if one.kind == "credit note"]
    files = sum(len(one.files) for one in entries if one.kind == "reversal")
    if times := sum(one.kind == "redaction" for one in entries):
        named = counted(times, "time")
        yield f"without the name of a person: {named}, as the register says"
    if credited:
        issued = f"credit notes: {len(credited)}, {counted(files, 'file')}"
        yield f"{issued}, as they were issued"
    documents = counted(sum(1 for _ in existing.register.documents), "document")
    numbered = counted(len(entries), "entry", "entries")
    yield f"register: {numbered}, {documents}, in their order"
    yield _warehouse(settings.warehouse, existing)


def _check_seals(month: archive.ClosedMonth, *, is_redacted: bool) -> None:
    """Hold each statement to its seal; or to its amount, if a name was taken out.

    Raises:
        CheckError: A figure is another one than was closed.
    """
    known: dict[str, object]
    made: Mapping[str, object]
    if is_redacted:
        known = {one.cost_center: one.amount for one in month.manifest.statements}
        made = amounts_of(month)
    else:
        known = {
            one.cost_center: one.seal for one in month.manifest.statements if one.seal
        }
        made = seal_of(month)
    if wrong := [name for name, seal in known.items() if made.get(name) != seal]:
        raise CheckError(
            f"{month.folder}: the seal of {wrong[0]} is not that of its figures\n"
            "a closed month never changes: restore its folder from a backup"
        )


def _warehouse(database: Path, existing: Archive) -> str:
    """Whether the warehouse shows what was issued, and what stands.

    Raises:
        CheckError: It shows something else.
    """
    if not database.exists():
        return "warehouse: there is none"
    with warehouse.read(database, with_macros=False) as connection:
        shown = _asked(
            connection,
            "select statement_number, version, amount, seal from issued_statements",
        )
        stands = _asked(
            connection,
            "select statement_number, statement_version, amount, seal from statement"
            " where closed",
        )
    known = {
        (one.number, one.version, one.amount, one.seal)
        for one in existing.register.documents
    }
    standing = {
        (one.number, one.version, one.amount, one.seal)
        for month in existing.months
        for one in existing.register.statements(
            month.tenant, month.manifest.month, month.version
        )
    }
    if set(shown) != known or set(stands) != standing:
        raise CheckError(
            f"{database}: does not show what the register has\n"
            "run `chargeback build` to make it anew, as of today"
        )
    documents = counted(len(shown), "document")
    return f"warehouse: {documents}, {len(stands)} of them stand"


def _asked(
    connection: duckdb.DuckDBPyConnection, query: str
) -> list[tuple[object, ...]]:
    with warehouse.answering("what was issued"):
        return connection.execute(query).fetchall()
