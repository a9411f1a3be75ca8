"""Models by month made by Spark, from the SQL that DuckDB has, where it is asked to.

What is imported with this package needs neither pyspark nor sqlglot nor Java: they come
with the extra `spark`, and are looked for before they are needed.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

from pipeline.build.by_month.engine import Engine, Inputs
from pipeline.build.by_month.repeated import TenantMonth
from pipeline.config import Engine as EngineKeys
from pipeline.config import Settings
from pipeline.errors import ConfigError
from pipeline.warehouse import Model

# What pyspark 4 runs on.
_JAVA = 17

_REMEDY = "or set engine.facts to duckdb"


@contextmanager
def started(settings: Settings) -> Iterator[Engine | None]:
    """What makes months of models elsewhere than in DuckDB; None if DuckDB does.

    Raises:
        ConfigError: What Spark needs is not installed, or it cannot be reached.
    """
    if settings.engine.facts != "spark":
        yield None
        return
    check(settings.engine)
    with ExitStack() as open_until_the_end:
        yield _Spark(settings, open_until_the_end)


class _Spark:
    """Makes months by a Spark that starts with the first of them: often none lacks."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        self._settings = settings
        self._stack = stack
        self._engine: Engine | None = None

    def make(
        self, model: Model, months: Sequence[TenantMonth], inputs: Inputs
    ) -> Mapping[TenantMonth, Path] | None:
        self._engine = self._engine or self._started()
        return self._engine.make(model, months, inputs)

    def _started(self) -> Engine:
        from pipeline.build.spark.session import session  # noqa: PLC0415 (of the extra)
        from pipeline.build.spark.tenant_months import SparkEngine  # noqa: PLC0415

        spark = self._stack.enter_context(session(self._settings.engine))
        made = SparkEngine(spark, self._settings.build)
        return self._stack.enter_context(made)


def check(keys: EngineKeys) -> str:
    """What Spark runs with; it is not started.

    Raises:
        ConfigError: Something is not installed.
    """
    modules = ["pyspark", "sqlglot"]
    if keys.spark_remote:
        modules += ["grpc", "pandas", "pyarrow"]
    if lacking := [name for name in modules if not find_spec(name)]:
        raise ConfigError(
            f"engine.facts: spark needs {lacking[0]}, which is not installed\n"
            f"run `pip install 'chargeback[spark]'`, {_REMEDY}"
        )
    if keys.spark_remote:
        return f"Spark at {_without_token(keys.spark_remote)}"
    found = _java_version()
    if found < _JAVA:
        what = f"this is {found}" if found else "which is not installed"
        raise ConfigError(
            f"engine.facts: spark needs Java {_JAVA}, {what}\n"
            f"install it (Debian: openjdk-17-jre-headless), {_REMEDY}"
        )
    return f"Spark at {keys.spark_master or 'local'}, Java {found}"


def _java_version() -> int:
    """The major version of the Java that is found first; 0 if there is none."""
    java = shutil.which("java")
    if not java:
        return 0
    try:
        said = subprocess.run(  # noqa: S603 (no argument is from outside)
            [java, "-version"], capture_output=True, text=True, check=False, timeout=60
        ).stderr
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else 0


def _without_token(url: str) -> str:
    """The address of a server; what follows it may have a token."""
    return url.partition(";")[0]
