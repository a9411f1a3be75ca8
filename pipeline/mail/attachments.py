"""The files and pages that go with a statement, in the configured forms."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import duckdb

from pipeline.build import names_today
from pipeline.build.documents import Past
from pipeline.config import Settings
from pipeline.export import Selection, contents
from pipeline.lake import present
from pipeline.report import consolidated_page, month_page, statement_page
from pipeline.report.pdf import pdf


@dataclass(frozen=True)
class Attachments:
    """The files of a month and cost centre (None: of all), in the forms *attach*."""

    settings: Settings
    attach: tuple[str, ...]

    def __call__(
        self, connection: duckdb.DuckDBPyConnection, month: date, center: str | None
    ) -> dict[str, bytes]:
        """The files by name, of *center* or, without one, of the whole *month*."""
        files: dict[str, bytes] = {}
        for form in self.attach:
            if form == "html":
                files |= self._pages(month, center)
            elif form == "pdf":
                pages = self._pages(month, center)
                files |= {_as_pdf(name): pdf(page) for name, page in pages.items()}
            else:
                selection = Selection(
                    month,
                    form,
                    center,
                    self.settings.charge,
                    self.settings.report.language,
                    self.settings.look,
                )
                files |= contents(connection, selection, self._past)
        return files | self._credited(connection, month, center)

    @cached_property
    def _past(self) -> Past:
        return Past.of(self.settings)

    def _credited(
        self, connection: duckdb.DuckDBPyConnection, month: date, center: str | None
    ) -> dict[str, bytes]:
        """The credit notes of a cost centre whose statement was reversed last."""
        was_reversed = connection.execute(
            "select 1 from issued_statements where kind = 'credit note' and month = $1"
            " and cost_center = $2 limit 1",
            [month, center],
        ).fetchall()
        if center is None or not was_reversed:
            return {}
        files = self._past.credited(month, center)
        endings = tuple(f".{form}" for form in self.attach)
        return {name: text for name, text in files.items() if name.endswith(endings)}

    def _pages(self, month: date, center: str | None) -> dict[str, bytes]:
        """The page of the month, or those of the cost centre, as they were rendered."""
        names = [month_page(month)]
        if center is not None:
            of = {"month": month, "cost_center": center}
            former = names_today(self.settings)  # pages keep the names of then
            tenants = sorted(present.counted(self.settings) | former.keys())
            names = [consolidated_page(of)]  # there is none of a single tenant
            names += [statement_page({**of, "tenant": tenant}) for tenant in tenants]
        paths = (self.settings.reports / name for name in names)
        return {path.name: path.read_bytes() for path in paths if path.exists()}


def _as_pdf(name: str) -> str:
    return f"{name.removesuffix('.html')}.pdf"
