"""The bytes of `chargeback.toml` → its keys; an error names the line and the key."""

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pipeline.config.keys import File, TenantsFile
from pipeline.config.ledger_keys import LedgerKeys
from pipeline.config.wording import explained, placed
from pipeline.errors import ConfigError

_LARGEST = 2**20  # bytes of the file, which may be a pipe
_OPTIONAL = ("mail", "alerts")  # sections with keys that are required in them
_MOST_PARTS = 32
_MOST_LINES = 20_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# A key of many parts takes a time that grows with their square, or worse.
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_DEEP = re.compile(rf"(?<![\w-])(?:{_PART}){{{_MOST_PARTS},}}")

_Kind = TypeVar("_Kind", File, TenantsFile, LedgerKeys)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The *keys* of the file at *path*, and the *text* in which they stand."""

    path: Path
    text: str
    content: dict[str, Any]

    @property
    def keys(self) -> File:
        """The keys, whose types are right; not what they mean.

        Raises:
            ConfigError: A key is unknown, or its type is wrong.
        """
        return self._converted(_without_empty(self.content), File)

    @property
    def of_tenants(self) -> TenantsFile:
        """As *keys*, of a file that has tenants alone."""
        return self._converted(self.content, TenantsFile)

    @property
    def of_ledger(self) -> LedgerKeys:
        """As *keys*, of a file that says how a ledger books."""
        return self._converted(self.content, LedgerKeys)

    def _converted(self, content: dict[str, Any], kind: type[_Kind]) -> _Kind:
        try:
            keys = msgspec.convert(content, kind)
        except msgspec.ValidationError as exc:
            raise ConfigError(f"{self.path}: {explained(str(exc), kind)}") from exc
        if odd := next(_odd(self.content, ""), None):
            what = "holds a line break or a control character"
            raise ConfigError(f"{self.path}: {odd}: {what}")
        return keys

    @contextmanager
    def placing(self) -> Iterator[None]:
        """Within it, an error that begins with a key of the file says its line too."""
        try:
            yield
        except ConfigError as exc:
            begin, message = f"{self.path}: ", str(exc)
            if not message.startswith(begin):
                raise
            where = placed(message.removeprefix(begin), self.content, self.text)
            raise ConfigError(f"{self.path}{where}") from exc


def decode(path: Path) -> Decoded:
    """Read the file at *path*.

    Raises:
        ConfigError: The file is not there or not TOML, or larger than can be meant.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ConfigError(f"{path}: larger than {_LARGEST:,} bytes")
        text = content.decode("utf-8-sig")
        _check_size(path, text)
        return Decoded(path, text, tomllib.loads(text, parse_float=Decimal))
    except FileNotFoundError as exc:
        raise ConfigError(f"{path}: no such file; name it with --config") from exc
    except OSError as exc:
        raise ConfigError(f"{path}: cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path}: not UTF-8, which it must be saved as") from exc
    except RecursionError:
        raise ConfigError(f"{path}: not valid TOML: nested too deep") from None
    except ValueError as exc:  # of a number with thousands of digits too
        raise ConfigError(f"{path}: not valid TOML: {exc}") from exc


def _without_empty(content: dict[str, Any]) -> dict[str, Any]:
    """*content* without a section that says nothing, as `init` writes them."""
    empty = [name for name in _OPTIONAL if content.get(name) == {}]
    return {name: value for name, value in content.items() if name not in empty}


def _check_size(path: Path, text: str) -> None:
    """Refuse what would take minutes to read; no configuration is so large."""
    if text.count("\n") > _MOST_LINES:
        raise ConfigError(f"{path}: more than {_MOST_LINES:,} lines")
    if deep := _DEEP.search(text):
        line = text.count("\n", 0, deep.start()) + 1
        raise ConfigError(
            f"{path}, line {line}: a key of more than {_MOST_PARTS} parts"
        )


def _odd(value: Any, key: str) -> Iterator[str]:
    """The keys of texts that hold a control character, which no path or name has."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _odd(str(name), key)
            yield from _odd(one, f"{key}.{name}".strip("."))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _odd(one, f"{key}[{number}]")
    elif isinstance(value, str) and _CONTROL.search(value):
        yield key or "a key"
