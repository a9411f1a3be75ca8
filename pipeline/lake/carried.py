"""What else a bucket keeps of a data folder: closed months, notes of what was sent.

A folder that has lost its machine is thereby whole again. Files of the folder are
copied when a command ends, and read when one begins, if they are newer in the bucket.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.config import Settings
from pipeline.errors import CheckError
from pipeline.files import replacing
from pipeline.lake.mirror import OWN
from pipeline.lake.objects import ConflictError, Listed, Objects
from pipeline.lake.versions import Versions

# What holds for one machine only; and whom a command is forgetting, whose name would
# stay in an earlier version of the object.
_OF_THE_MACHINE = {"lake.json", "bucket.json", "forgetting.json"}

# The register says which folders are closed months: it comes after them. The note of
# its head comes last.
_LAST = ("register", "register.json")


class Carried:
    """The folders of *settings* that a bucket has a copy of."""

    def __init__(
        self,
        settings: Settings,
        objects: Objects,
        versions: Versions,
        record: Path | None = None,
    ) -> None:
        self._root = settings.data_dir
        self._state = settings.state
        # A part of the tenants closes nothing.
        self._folders = [] if settings.part else [settings.closed]
        self._record = record  # of this run, which is not complete yet
        self._objects = objects
        self._versions = versions
        self._etags: dict[str, str] = {}

    def read(self) -> None:
        """Read what is not here, or is newer in the bucket.

        Raises:
            CheckError: A file was changed here and by another machine.
            PipelineError: The bucket cannot be read.
        """
        for folder in (*self._folders, self._state):
            prefix = f"{OWN}/{folder.name}"
            for one in self._objects.list(prefix):
                self._etags[one.key] = one.etag
                path = self._root / Path(one.key).relative_to(OWN)
                if self._is_safe(path) and self._is_newer(one, path):
                    self._read(one.key, path)
        self._drop_runs()

    def has_new_months(self) -> bool:
        """Whether something of closed months is new or changed here."""
        return any(not self._is_copied(one) for one in self._files(self._folders))

    def write(self, *, closed: bool) -> None:
        """Copy what is new or changed here, of *closed* months too if it is so.

        Notes that were removed here are removed there; closed months never are.

        Raises:
            CheckError: A file was changed by another machine.
            PipelineError: The bucket cannot be written to.
        """
        for path in self._files([*(self._folders if closed else []), self._state]):
            if self._is_copied(path):
                continue
            key = self._key(path)
            content = path.read_bytes()
            try:
                etag = self._objects.put(key, content, self._etags.get(key))
            except ConflictError as exc:
                raise self._conflict(key, path) from exc
            self._etags[key] = etag
            self._versions.add(key, path, etag)
        self._remove()

    def _drop_runs(self) -> None:
        """Remove records of runs that another machine removed; nothing else, ever.

        What else is missing in the bucket is copied there again: it is money, or says
        what was sent, and nobody knows why it is not there.
        """
        runs = f"{OWN}/{self._state.name}/runs/"
        for key in [key for key in self._versions.files if key.startswith(runs)]:
            path = self._root / Path(key).relative_to(OWN)
            if key not in self._etags and self._versions.is_unchanged(key, path):
                path.unlink()
                del self._versions.files[key]

    def _remove(self) -> None:
        """Remove notes from the bucket that a command of this machine removed here."""
        state = f"{OWN}/state/"
        removed = [
            key
            for key in self._etags
            if key.startswith(state)
            and key in self._versions.files
            and not (self._root / Path(key).relative_to(OWN)).exists()
        ]
        self._objects.delete(removed)
        for key in removed:
            del self._versions.files[key], self._etags[key]

    def _is_newer(self, one: Listed, path: Path) -> bool:
        """Whether the file at *path* is older than the object.

        Raises:
            CheckError: Both were changed since they were the same.
        """
        if not path.exists():
            return True
        if self._versions.is_same(one.key, path, one.etag):
            return False
        known = self._versions.files.get(one.key)
        if known and known.etag == one.etag:
            return False  # changed here, and not copied yet
        if known and self._versions.is_unchanged(one.key, path):
            return True
        raise self._conflict(one.key, path)

    def _read(self, key: str, path: Path) -> None:
        found = self._objects.get(key)
        if found is None:
            return
        with replacing(path) as partial:
            partial.write_bytes(found.content)
        self._etags[key] = found.etag
        self._versions.add(key, path, found.etag)

    def _key(self, path: Path) -> str:
        return f"{OWN}/{path.relative_to(self._root).as_posix()}"

    def _is_copied(self, path: Path) -> bool:
        etag = self._etags.get(key := self._key(path))
        return etag is not None and self._versions.is_same(key, path, etag)

    def _files(self, folders: Iterable[Path]) -> Iterator[Path]:
        """The files to copy, in the order in which they need each other."""
        for folder in folders:
            found = [
                path
                for path in sorted(folder.rglob("*"))
                if path.is_file()
                and not path.is_symlink()
                and self._is_safe(path)
                and path != self._record
            ]
            yield from sorted(found, key=lambda path: path.stem in _LAST)

    def _is_safe(self, path: Path) -> bool:
        """Whether it is a file that is kept: no draft, nothing of this machine only."""
        parts = path.relative_to(self._root).parts
        is_hidden = any(part.startswith(".") for part in parts)
        return not is_hidden and parts[1:] not in {(one,) for one in _OF_THE_MACHINE}

    def _conflict(self, key: str, path: Path) -> CheckError:
        return CheckError(
            f"{path}: was changed here, and otherwise in {self._objects.url}/{key}\n"
            "two machines wrote it: keep the right one of both, and remove the other"
        )
