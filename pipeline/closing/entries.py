"""What the register says of a closed month: an entry for it, one for each statement."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.closing.manifest import Manifest
from pipeline.closing.register import Entry
from pipeline.closing.seals import seals

_FINANCE = "finance/"
_ISSUED = ("pages/", "issued/")


def entries_of(folder: Path, manifest: Manifest) -> Iterator[Entry]:
    """The entries of the month in *folder*; a seal that it does not name is made."""
    issued = {
        name: file.sha256
        for name, file in manifest.files.items()
        if name.startswith(_ISSUED)
    }
    yield Entry(
        kind="closing",
        version=manifest.statement_version,
        tenant=manifest.tenant,
        month=manifest.month,
        amount=manifest.totals.amount,
        currency=manifest.currency,
        issued_at=manifest.closed_at,
        day=manifest.as_of,
        seal=manifest.seal,
        reason=manifest.reason,
        files=issued,
    )
    made = _made(folder, manifest)
    for one in manifest.statements:
        yield Entry(
            kind="statement",
            number=one.number,
            version=one.version,
            tenant=manifest.tenant,
            month=manifest.month,
            cost_center=one.cost_center,
            amount=one.amount,
            currency=manifest.currency,
            issued_at=manifest.closed_at,
            day=manifest.as_of,
            seal=one.seal or made[one.cost_center],
            booked_month=manifest.month,
            display_amount=one.display_amount,
            display_currency=manifest.display.currency if manifest.display else None,
        )


def _made(folder: Path, manifest: Manifest) -> dict[str, str]:
    """The seals of statements that earlier versions closed without any."""
    if all(one.seal for one in manifest.statements):
        return {}
    hashes = manifest.files.items()
    finance = [(k, file.sha256) for k, file in hashes if k.startswith(_FINANCE)]
    return seals(folder, finance)
