"""The mirror: a folder that has what a bucket has of the lake, for who reads files.

The bucket is what counts. A file that it has not, or has otherwise, is removed or read
again; a change is made in the bucket first, and only to the object that was read.
"""

import logging
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipeline.errors import LockError
from pipeline.files import discard
from pipeline.lake.answers import UnansweredError
from pipeline.lake.compacting import NewMonth
from pipeline.lake.listing import listed_files
from pipeline.lake.month_objects import Months
from pipeline.lake.objects import ConflictError, Listed, Objects
from pipeline.lake.versions import Versions, md5_of

log = logging.getLogger(__name__)

# What is kept beside the tables in a bucket, where tools that read tables skip it.
OWN = "_chargeback"

_MD5 = re.compile("[0-9a-f]{32}")
_AT_ONCE = 8
_MOST_MERGES = 100


class Mirror:
    """The lake of a bucket in the folder *root*."""

    def __init__(
        self,
        root: Path,
        objects: Objects,
        versions: Versions,
        check: Callable[[], None],
    ) -> None:
        self.root = root
        self._objects = objects
        self._versions = versions
        self._check = check  # that the lock of the bucket is still held
        self._etags: dict[str, str] = {}
        self._missed = False
        self.months = Months(objects, self._etags, f"{OWN}/compacting")

    def update(self, tables: Iterable[str], names: Collection[str] | None) -> bool:
        """Read what is new in the bucket; whether it has a lake.

        If *names* are given, only of these tenants, whose *tables* are looked into.

        Raises:
            PipelineError: The bucket cannot be read.
        """
        listed = {one.key: one for one in listed_files(self._objects, tables, names)}
        self._etags.clear()
        self._etags.update((key, one.etag) for key, one in listed.items())
        for path in list(self._present(names)):
            if self._key(path) not in listed:
                self._drop(path)
        new = [one for one in listed.values() if not self._has(one)]
        if new:
            log.info(
                "%s: %d of %d files are new here",
                self._objects.url,
                len(new),
                len(listed),
            )
        with ThreadPoolExecutor(_AT_ONCE) as workers:
            list(workers.map(self._read, new))
        return bool(listed)

    def put(
        self, path: Path, content: bytes, merge: Callable[[bytes], bytes] | None = None
    ) -> None:
        """Replace the object of *path*, and then the file.

        What another machine wrote meanwhile is handed to *merge*, which says what is
        to be written then.

        Raises:
            LockError: Another machine wrote it, or took the lock.
            PipelineError: It cannot be written.
        """
        self._check()
        key = self._key(path)
        for _ in range(_MOST_MERGES):
            try:
                etag = self._objects.put(key, content, self._etags.get(key))
                break
            except ConflictError as exc:
                found = self._objects.get(key) if merge else None
                if found is None or merge is None:
                    raise self._conflict(exc) from exc
                content, self._etags[key] = merge(found.content), found.etag
        else:
            raise self._conflict(key)
        self._etags[key] = etag
        self._write(key, content, etag)

    def remove(self, path: Path) -> None:
        """Remove the object of *path*, and then the file.

        Raises:
            PipelineError: It cannot be removed.
        """
        self._check()
        key = self._key(path)
        self._objects.delete([key])
        self._drop(path)

    def compact(self, month: NewMonth, made: Path) -> None:
        """Let the object of *made* replace those of the days of *month*.

        Raises:
            PipelineError: The bucket cannot be written to.
        """
        self._check()
        days = [self._key(path) for path in month.days]
        self.months.replace(self._key(month.target), days, made.read_bytes())

    def compacted(self, month: NewMonth) -> None:
        """Note that the file of *month* is at its place."""
        for path in month.days:
            if path != month.target:
                self._forget(self._key(path))
        key = self._key(month.target)
        self._versions.add(key, month.target, self._etags[key])

    def check_whole(self) -> None:
        """Refuse what another machine was changing while it was read.

        Raises:
            LockError: It was.
        """
        if self._missed or self.months.is_pending():
            what = "is being changed by another machine"
            raise LockError(f"{self._objects.url}: {what}\nrepeat the command")

    def move(self, source: Path, target: Path) -> None:
        """Let *source*, a file or a folder, be *target*; a repeat completes it.

        Raises:
            PipelineError: It cannot be moved.
        """
        files = [source]
        if source.is_dir():
            files = [one for one in sorted(source.rglob("*")) if one.is_file()]
        for file in files:
            self._check()
            new = target / file.relative_to(source)
            key, name = self._key(file), self._key(new)
            etag = self._objects.put(name, file.read_bytes(), self._etags.get(name))
            self._objects.delete([key])
            self._forget(key)
            new.parent.mkdir(parents=True, exist_ok=True)
            file.replace(new)
            if new.is_relative_to(self.root):
                self._etags[name] = etag
                self._versions.add(name, new, etag)
        if source.is_dir():
            discard(source)

    def fetch(self, path: Path) -> bool:
        """Read the file at *path* again, if the bucket's is another; whether it was.

        Raises:
            PipelineError: It cannot be read.
        """
        key = self._key(path)
        found = self._objects.get(key)
        if found is None or found.content == path.read_bytes():
            return False
        self._write(key, found.content, found.etag)
        self._etags[key] = found.etag
        return True

    def _key(self, path: Path) -> str:
        """The key of what is at *path*: below OWN, if that is not in the lake."""
        if path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()
        return f"{OWN}/{path.relative_to(self.root.parent).as_posix()}"

    def _present(self, names: Collection[str] | None) -> Iterator[Path]:
        """The files of the mirror that *names* have, or all."""
        folders = None if names is None else {f"tenant={name}" for name in names}
        for folder, _, files in os.walk(self.root):
            parts = Path(folder).relative_to(self.root).parts
            if folders is None or (len(parts) > 1 and parts[1] in folders):
                yield from (Path(folder) / name for name in files)

    def _has(self, one: Listed) -> bool:
        return self._versions.is_same(one.key, self.root / one.key, one.etag)

    def _read(self, one: Listed) -> None:
        found = self._objects.get(one.key)
        if found is None:  # removed meanwhile
            self._missed = True
            self._etags.pop(one.key, None)
            return
        if _MD5.fullmatch(found.etag) and md5_of(found.content) != found.etag:
            # Some servers have ETags that look so; then two reads agree.
            again = self._objects.get(one.key)
            if again is None or again.content != found.content:
                raise UnansweredError(
                    f"{self._objects.url}/{one.key}: was not read as it is stored\n"
                    "repeat the command"
                )
        self._etags[one.key] = found.etag
        self._write(one.key, found.content, found.etag)

    def _write(self, key: str, content: bytes, etag: str) -> None:
        """Write a file of the mirror, which is no loss if it is lost."""
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        try:
            partial.write_bytes(content)
        except OSError as exc:
            exc.filename = exc.filename or str(path)
            raise
        partial.replace(path)
        self._versions.add(key, path, etag)

    def _drop(self, path: Path) -> None:
        """Remove a file of the mirror, and folders that are empty then."""
        self._forget(self._key(path))
        path.unlink(missing_ok=True)
        for folder in path.relative_to(self.root).parents[:-1]:
            try:
                (self.root / folder).rmdir()
            except OSError:  # something else is in it
                return

    def _forget(self, key: str) -> None:
        self._etags.pop(key, None)
        self._versions.files.pop(key, None)

    def _conflict(self, exc: ConflictError | str) -> LockError:
        what = (
            f"{self._objects.url}/{exc}: was changed" if isinstance(exc, str) else exc
        )
        return LockError(
            f"{what} by another machine\nnothing of it was overwritten: repeat the"
            " command, which reads it anew"
        )
