"""`ledger.toml`, which `charge.ledger` names: read when something is booked."""

from collections import Counter
from pathlib import Path

from pipeline.config.decoded import Decoded, decode
from pipeline.config.ledger_keys import (
    LAYOUTS,
    DatevKeys,
    DynamicsKeys,
    LedgerKeys,
    NetsuiteKeys,
)
from pipeline.errors import ConfigError

__all__ = [
    "LAYOUTS",
    "DatevKeys",
    "DynamicsKeys",
    "LedgerKeys",
    "NetsuiteKeys",
    "ledger",
    "ledger_of",
]


def ledger(path: Path | None) -> LedgerKeys:
    """The ledger of the file at *path*; one that says nothing if there is none.

    Raises:
        ConfigError: The file cannot be read, or a key is unknown or malformed; the
            message names file, line and key.
    """
    return LedgerKeys() if path is None else ledger_of(decode(path))


def ledger_of(file: Decoded) -> LedgerKeys:
    """The keys of a file that was read; errors are those of `ledger`."""
    with file.placing():
        keys = file.of_ledger
        _check_tenants(file.path, keys)
        return keys


def _check_tenants(path: Path, keys: LedgerKeys) -> None:
    """Refuse a beginning that two tenants share: their numbers would be the same."""
    counts = Counter(keys.tenants.values())
    for tenant, prefix in keys.tenants.items():
        if counts[prefix] > 1:
            raise ConfigError(
                f"{path}: tenants.{tenant}: {prefix!r} is another tenant's too;"
                " documents of both would have the same numbers"
            )
