"""Marts → a folder of Parquet files that other tools read, replaced whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline import warehouse
from pipeline.errors import PipelineError
from pipeline.export.marts import folder, tables
from pipeline.export.marts.companions import companions
from pipeline.export.marts.contract import contract

__all__ = ["Destination", "export_marts"]


@dataclass(frozen=True, slots=True)
class Destination:
    """The folder to replace, and files and folders that are *kept* as they are."""

    path: Path
    kept: Sequence[Path] = ()


def export_marts(
    database: Path, to: Destination, *, are_owners_named: bool = True
) -> list[Path]:
    """Write all documented marts of *database* into a folder; its files.

    The folder is replaced at once, when all of it is on the disk. Where owners are not
    named, names and addresses of people and who started a run are left out.

    Raises:
        ConfigError: The folder is something else than an earlier export.
        CheckError: A value does not fit into the types that other tools read.
        PipelineError: The warehouse cannot be read, or the folder cannot be written.
    """
    target = folder.checked(to.path, to.kept)
    try:
        with folder.replacing(target, to.kept) as new:
            found = _written(database, new, are_owners_named=are_owners_named)
            for name, text in (*companions(found).items(), contract(found)):
                (new / name).write_text(text, encoding="utf-8", newline="\n")
            names = sorted(path.name for path in new.iterdir())
    except OSError as exc:
        raise PipelineError(
            f"{exc.filename or target}: {exc.strerror or exc}\n"
            "the marts were not exported; make room, or name another folder"
        ) from exc
    return [to.path / name for name in names]


def _written(database: Path, new: Path, *, are_owners_named: bool) -> list[tables.Mart]:
    with warehouse.read(database, writes=new) as connection:
        try:
            found = tables.marts(connection, are_owners_named=are_owners_named)
            return [tables.write(connection, one, new) for one in found]
        except duckdb.Error as exc:
            raise PipelineError(
                f"{database}: {warehouse.first_line(exc)}\n"
                "run `chargeback build`, and see whether the disk of --out has room"
            ) from exc
