"""Whether what was made stands: all that went in is as it was, and so is what came out.

Of files of the lake size, time and number are compared, which differ after any change.
"""

import os
from contextlib import suppress
from dataclasses import replace
from hashlib import file_digest, sha256
from pathlib import Path

import duckdb
import msgspec

from pipeline import files, resources, warehouse
from pipeline.config import Run, Settings, TenantAccess
from pipeline.finance import FinanceFiles

_CODE = Path(resources.__file__).parent

_BUILT = "built.json"
_RENDERED = "rendered.json"

_State = tuple[int, int, int]


class _Output(msgspec.Struct, array_like=True, frozen=True):
    """A file as it was made; its hash, where that is compared too."""

    state: _State
    digest: str = ""

    def is_now(self, path: Path) -> bool:
        """Whether *path* is as it was made."""
        is_same = self.state == _state(path)
        return is_same and (not self.digest or self.digest == _digest(path))


class _Made(msgspec.Struct, frozen=True):
    """What went in, and the files that came out."""

    key: str
    outputs: dict[str, _Output]

    @property
    def is_as_made(self) -> bool:
        """Whether all that came out is there and as it was."""
        try:
            return all(one.is_now(Path(path)) for path, one in self.outputs.items())
        except OSError:
            return False


def key_of(run: Run, finance: FinanceFiles) -> str:
    """A hash of all that a build reads; the moment of the run changes no figure."""
    settings = run.settings
    return _hash(
        duckdb.__version__,
        run.version,
        resources.revision(),
        _encoded((_kept(settings), run.as_of, run.lost_days, finance)),
        _states(settings.lake),
        _states(settings.closed),
        _code(),
    )


def key_of_pages(run: Run) -> str | None:
    """A hash of all that the pages show; None if the warehouse does not stand."""
    settings = run.settings
    built = _read(settings.state / _BUILT)
    if built is None or not built.is_as_made:
        return None
    # An open file is read as it stands, and a log beside it may change it later.
    if warehouse.log_of(settings.warehouse).exists():
        return None
    templates = {
        path: one
        for path, one in _states(resources.resource("templates")).items()
        if not path.endswith(".pyc")  # what was compiled of them
    }
    said = _encoded((_kept(settings), run.as_of))
    return _hash(built.key, said, templates, _states(settings.quarantine), _code())


def _code() -> dict[str, _State]:
    """The state of each module: a checkout changes without its version."""
    return {path: one for path, one in _states(_CODE).items() if path.endswith(".py")}


def is_built(run: Run, key: str) -> bool:
    """Whether the warehouse was made of *key*, and is as it was made."""
    settings = run.settings
    has_log = warehouse.log_of(settings.warehouse).exists()
    return not (run.is_full or has_log) and _stands(settings.state / _BUILT, key)


def keep_built(run: Run, key: str) -> None:
    """Say of the warehouse, and the files that its views show, what it was made of."""
    settings = run.settings
    # Whole paths, as in the views: in a folder that was moved nothing stands.
    database = settings.warehouse.absolute()
    months = {
        path: _Output(state)
        for path, state in _states(settings.build.absolute()).items()
        if path.endswith(".parquet")
    }
    made = {str(database): _Output(_state(database), _digest(database)), **months}
    _keep(settings.state / _BUILT, _Made(key, made))


def is_rendered(run: Run, key: str | None) -> bool:
    """Whether the pages were made of *key*, and are as they were made."""
    return key is not None and _stands(run.settings.state / _RENDERED, key)


def keep_rendered(run: Run, key: str | None) -> None:
    """Say of the pages what they were made of, if that is known."""
    record = run.settings.state / _RENDERED
    if key is None:
        record.unlink(missing_ok=True)
        return
    pages = _states(run.settings.reports)
    made = {path: _Output(state, _digest(Path(path))) for path, state in pages.items()}
    _keep(record, _Made(key, made))


def _stands(record: Path, key: str) -> bool:
    made = _read(record)
    return made is not None and made.key == key and made.is_as_made


def _keep(record: Path, made: _Made) -> None:
    with files.replacing(record) as partial:
        partial.write_bytes(msgspec.json.encode(made))


def _states(folder: Path) -> dict[str, _State]:
    """The states of all files below *folder*, in order; none if it is not there.

    A link counts as what it leads to, and a folder that it leads to as a file.
    """
    found, folders = {}, [str(folder)]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    found[entry.path] = _state(entry)
    return dict(sorted(found.items()))


def _state(file: Path | os.DirEntry[str]) -> _State:
    found = file.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _read(record: Path) -> _Made | None:
    try:
        return msgspec.json.decode(record.read_bytes(), type=_Made)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _kept(settings: Settings) -> Settings:
    """*settings* without where tenants are and how they are spoken to: no figure's."""
    nowhere = [
        TenantAccess(one.name, "", first_day=one.first_day, formerly=one.formerly)
        for one in settings.tenants
    ]
    return replace(settings, tenants=tuple(nowhere))


def _encoded(said: object) -> bytes:
    return msgspec.json.encode(said, enc_hook=str, order="deterministic")


def _hash(*inputs: object) -> str:
    return sha256("\n".join(map(repr, inputs)).encode()).hexdigest()
