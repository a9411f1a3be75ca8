"""Who makes tenant-months of a model, where the build's own DuckDB does not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb

from pipeline.build.by_month.lake_files import LakeFiles
from pipeline.build.by_month.repeated import TenantMonth
from pipeline.warehouse import Model


@dataclass(frozen=True, slots=True)
class Inputs:
    """What models by month are made of: in a table each, or in files of months.

    *made* has the files of months of a model by month; None if it is none that was
    made. All else is a table of *connection*, or of *lake*.
    """

    connection: duckdb.DuckDBPyConnection
    lake: LakeFiles
    made: Callable[[str, Sequence[TenantMonth]], list[Path] | None]


class Engine(Protocol):
    """Makes tenant-months of models, and proves what their headers say."""

    def make(
        self, model: Model, months: Sequence[TenantMonth], inputs: Inputs
    ) -> Mapping[TenantMonth, Path] | None:
        """The files that have the rows of *months*, to be moved to their places.

        A month without rows has none. None if *model* is to be made by DuckDB.

        Raises:
            CheckError: A grain or a claim does not hold, or a figure is too large.
            PipelineError: The model fails on what it reads.
        """
