"""The seal of a statement: a hash of its figures and of the finance files behind it."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import msgspec
import polars as pl

_FIGURES = ("statement.parquet", "charges.parquet")
FIGURES = frozenset(_FIGURES)


def seals(folder: Path, finance: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The seals of the statements in *folder*, by cost centre.

    What is hashed are the names and hashes of the *finance* files, then the rows of
    the statement and of its charges, each value as text.
    """
    files = [list(pair) for pair in sorted(finance)]
    digests: dict[str, hashlib._Hash] = defaultdict(
        lambda: hashlib.sha256(msgspec.json.encode(files))
    )
    for name in _FIGURES:
        frame = pl.read_parquet(folder / name, glob=False, hive_partitioning=False)
        if name == "charges.parquet":
            frame = frame.sort("line")
        columns = sorted(frame.columns)
        position = columns.index("cost_center")
        for row in frame.select(columns).iter_rows():
            values = [None if value is None else str(value) for value in row]
            line = msgspec.json.encode([name, *zip(columns, values, strict=True)])
            digests[row[position]].update(line)
    return {name: digest.hexdigest() for name, digest in digests.items()}
