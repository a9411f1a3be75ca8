"""Files of closed months without a person's name: the register says which, and since.

A closed month is what was issued, and its bytes do not change, but for this. The
register then has an entry for the month with the hash that each changed file has from
then on. Files are held to the hash with which they were closed, or to this one: what
was closed stays proven, and so does what took its place.
"""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from pipeline.closing import archive, credited
from pipeline.closing.archive import Archive
from pipeline.closing.redacted import redacted
from pipeline.closing.register import Entry
from pipeline.config import Run
from pipeline.errors import CheckError
from pipeline.files import replacing

_Without = Callable[[bytes, str], bytes]


def redact(run: Run, without: _Without) -> int:
    """Replace files of closed months by what *without* makes of them; how many.

    The register has their hashes first, so that a kill leaves old files and new ones,
    both of which it knows. A repeat goes on.

    Raises:
        CheckError: A file or the register is not as it was written.
    """
    root = run.settings.closed
    existing = archive.load(root)
    known = redacted(existing.register)
    entries = []
    for event, files in _files(root, existing):
        hashes = {name: _hash(content) for name, content in _changes(files, without)}
        noted = known.get((event.kind, event.seal), {})
        if any(one not in noted.get(name, ()) for name, one in hashes.items()):
            entries.append(_entry(run, event, hashes))
    if entries:
        extended = existing.register.extended(entries)
        archive.enter(root, extended)
        archive.save(root, extended)
    return sum(
        _replace(folder / name, content)
        for _, (folder, names) in list(_files(root, existing))
        for name, content in _changes((folder, names), without)
    )


def _files(
    root: Path, existing: Archive
) -> Iterator[tuple[Entry, tuple[Path, Iterable[str]]]]:
    """Each closing and reversal with its folder and the names of its files."""
    closings = {one.seal: one for one in existing.register.closings}
    for month in (*existing.months, *existing.reversed):
        yield closings[month.manifest.seal], (month.folder, month.manifest.files)
    for entry in existing.register.entries:
        if entry.kind == "reversal" and entry.files:
            yield entry, (credited.folder_of(root, entry), entry.files)


def _changes(
    files: tuple[Path, Iterable[str]], without: _Without
) -> Iterator[tuple[str, bytes]]:
    folder, names = files
    for name in names:
        content = (folder / name).read_bytes()
        new = without(content, name)
        if new != content:
            yield name, new


def _entry(run: Run, event: Entry, hashes: dict[str, str]) -> Entry:
    return Entry(
        kind="redaction",
        version=event.version,
        tenant=event.tenant,
        month=event.month,
        amount=event.amount - event.amount,
        currency=event.currency,
        issued_at=run.now,
        day=run.as_of,
        seal=event.seal,
        reason=event.kind,
        files=hashes,
    )


def _replace(path: Path, content: bytes) -> int:
    with replacing(path) as partial:
        partial.write_bytes(content)
    if path.read_bytes() != content:
        raise CheckError(f"{path}: is not what was written")
    return 1


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()
