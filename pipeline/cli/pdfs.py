"""The statements of a month as PDFs: the pages of the last report, as they print."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipeline import warehouse
from pipeline.config import Settings
from pipeline.errors import ConfigError, PipelineError
from pipeline.export import Selection, asked, targets
from pipeline.report.paths import statement_page
from pipeline.report.pdf import check, pdf


def write_pdfs(
    settings: Settings, selection: Selection, out: Path, kept: Sequence[Path]
) -> list[Path]:
    """Write a PDF of each statement of *selection* into the folder *out*; the files.

    What is there is replaced if it is an earlier PDF; what is *kept* never is.

    Raises:
        ConfigError: There are no such statements, *out* is a file, or the package that
            makes PDFs is not installed.
        PipelineError: A statement has no page, or *out* cannot be written.
    """
    if out.exists() and not out.is_dir():
        raise ConfigError(f"--out {out}: a file; pdf needs a folder, to write several")
    check()
    with warehouse.read(settings.warehouse, with_macros=False) as connection:
        names = _pages(connection, selection)
    files = {
        out / f"{name.removesuffix('.html')}.pdf": pdf(_page(settings.reports / name))
        for name in names
    }
    targets.replace(files, kept, out)
    return list(files)


def _pages(connection: duckdb.DuckDBPyConnection, selection: Selection) -> list[str]:
    month = selection.month
    center = asked.on_statements(connection, selection.cost_center)
    asked.currency_of(connection, month, center)  # refuses what is not there
    rows = connection.execute(
        "select tenant, cost_center from marts.statement where month = $1"
        " and cost_center = coalesce($2, cost_center) order by all",
        [month, center],
    ).fetchall()
    return [
        statement_page({"tenant": tenant, "month": month, "cost_center": name})
        for tenant, name in rows
    ]


def _page(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise PipelineError(
            f"{path}: {exc.strerror or exc}\n"
            "a PDF is made of the page: write it with chargeback report"
        ) from exc
