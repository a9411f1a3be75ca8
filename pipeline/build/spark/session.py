"""A session of Spark: local, of a cluster, or of a server that speaks Connect."""

import logging
import os
import re
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from pipeline.config import Engine
from pipeline.errors import ConfigError

# Errors instead of wrong figures, times of UTC, and what DuckDB reads back as it was.
_SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.files.maxRecordsPerFile": "0",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.session.timeZone": "UTC",
}

# What is set before a local Spark starts: nothing is served, and little is logged.
_LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.log.level": "ERROR",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}

_UNITS = {"M": 1, "G": 2**10, "T": 2**20}

# Of a server of Connect whose address says none.
_PORT = 15002

_PATIENCE_SECONDS = 30

# The descriptor of standard error.
_ERRORS = 2

# Below it Spark does not start.
_LEAST_MIB = 1024


@contextmanager
def session(engine: Engine) -> Iterator[Any]:
    """The session to work in; one that is there already is taken, and left.

    Raises:
        ConfigError: Spark does not start, or is not reached.
    """
    existing = SparkSession.getActiveSession()
    where = engine.spark_remote or _master(engine)
    try:
        spark = existing or _begun(engine)
        for name, value in _SETTINGS.items():
            spark.conf.set(name, value)
    except (PySparkException, Py4JError, OSError) as exc:
        raise ConfigError(
            f"engine: Spark at {where.partition(';')[0]} does not start:"
            f" {str(exc).strip().partition(chr(10))[0]}\n"
            "correct engine.spark_master or engine.spark_remote, or set engine.facts"
            " to duckdb"
        ) from exc
    try:
        yield spark
    finally:
        if not existing:
            spark.stop()


def _begun(engine: Engine) -> Any:
    builder: Any = SparkSession.builder.appName("chargeback")
    if engine.spark_remote:
        _reach(engine.spark_remote)
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            return builder.remote(engine.spark_remote).getOrCreate()
    master = _master(engine)
    builder = builder.master(master)
    if master.startswith("local"):
        for name, value in _LOCAL.items():
            builder = builder.config(name, value)
        memory = f"{_mebibytes(engine.memory_limit)}m"
        builder = builder.config("spark.driver.memory", memory)
    # It logs each connection that it closes.
    logging.getLogger("py4j").setLevel(logging.WARNING)
    with _silent_children():
        return builder.getOrCreate()


def _reach(remote: str) -> None:
    """Raise an OSError at once if no server is there; Spark would try for minutes."""
    where = urlsplit(remote.partition(";")[0])
    address = where.hostname or "", where.port or _PORT
    socket.create_connection(address, _PATIENCE_SECONDS).close()


@contextmanager
def _silent_children() -> Iterator[None]:
    """Within it, a process that starts writes no error to the terminal, ever.

    Java and Spark greet there before they can be asked not to. What fails is raised.
    """
    kept = os.dup(_ERRORS)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), _ERRORS)
        yield
    finally:
        os.dup2(kept, _ERRORS)
        os.close(kept)


def _master(engine: Engine) -> str:
    """The master of a configuration; this machine, if it names none."""
    return engine.spark_master or f"local[{engine.threads or '*'}]"


def _mebibytes(limit: str) -> int:
    """A limit of memory: a share of this machine's, or an amount."""
    if limit.endswith("%"):
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        return max(_LEAST_MIB, whole * int(limit[:-1]) // 100)
    amount, unit = re.split(r"\s*(?=[MGT])", limit, maxsplit=1)
    return max(_LEAST_MIB, int(Decimal(amount) * _UNITS[unit[0]]))
