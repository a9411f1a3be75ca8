"""Closed months and register have to agree: none lacks what the other has."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.closing.manifest import Manifest, Statement
from pipeline.closing.months import ClosedMonth, folder_of
from pipeline.closing.register import BEGINNING, Entry, Register
from pipeline.errors import CheckError


def check_chain(months: Sequence[ClosedMonth]) -> None:
    """Hold each month, by tenant and in order, to the seal that it has of another.

    Raises:
        CheckError: The month that was closed before it is another.
    """
    seals: dict[str, dict[str, set[str]]] = {}
    for one in months:
        own = seals.setdefault(one.tenant, {})
        earlier = [month for month in own if month < one.manifest.month]
        known: set[str | None] = {None}
        if earlier:
            known = {*own[max(earlier)]}
        if one.manifest.previous not in known:
            raise CheckError(
                f"{one.folder.parent}: the month closed before {one.manifest.month} is"
                " not there, or is another\n"
                "a closed month never changes: restore its folder from a backup"
            )
        own.setdefault(one.manifest.month, set()).add(one.manifest.seal)


def check_register(root: Path, found: Register, months: Sequence[ClosedMonth]) -> None:
    """Hold months and register to each other.

    Raises:
        CheckError: One does not know the other.
    """
    unknown = {_key(one.manifest): one for one in months}
    heads = {BEGINNING}
    for entry in found.entries:
        if entry.kind == "closing":
            key = entry.tenant, entry.month, entry.version
            final = folder_of(root, *key)
            _check_closing(entry, final, unknown.pop(key, None), found, heads)
        heads.add(entry.hash)
    for one in unknown.values():
        raise unknown_folder(one.folder)


def unknown_folder(folder: Path) -> CheckError:
    """The error for a folder that the register does not name."""
    return CheckError(
        f"{folder}: the register does not know this month\n"
        "move the folder away, or restore the register from a backup"
    )


def _check_closing(
    entry: Entry,
    final: Path,
    month: ClosedMonth | None,
    found: Register,
    heads: set[str],
) -> None:
    if month is None:
        raise CheckError(
            f"{final}: is not there, though it was closed on {entry.day}\n"
            "a closed month never changes: restore its folder from a backup"
        )
    known = month.manifest.register
    entered = found.statements(month.tenant, entry.month, entry.version)
    is_same = (
        month.manifest.seal == entry.seal
        and (known is None or known in heads)
        and _figures(entered) == _figures(month.manifest.statements)
        and all(
            one.seal in {"", other.seal}
            for one, other in zip(month.manifest.statements, entered, strict=False)
        )
    )
    if not is_same:
        raise CheckError(
            f"{final}: is not what was closed on {entry.day}, as the register has it\n"
            "a closed month never changes: restore its folder from a backup"
        )


def _figures(of: Iterable[Entry | Statement]) -> list[tuple[object, ...]]:
    return [
        (one.number, one.version, one.cost_center, one.amount, one.display_amount)
        for one in of
    ]


def _key(manifest: Manifest) -> tuple[str, str, int]:
    return manifest.tenant, manifest.month, manifest.statement_version
