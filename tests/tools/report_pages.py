"""Pages as the tests render and read them: with a stand-in for the chart library."""

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

from pipeline import report
from worlds.report import AS_OF
from worlds.runs import run_of

_BUNDLE = Path(__file__).parent / "report_bundle.js"
FINANCE = "statement-2026-10-cc-100-finance-6729f4ee.html"

Element = tuple[str, dict[str, str | None]]


def render(
    database: Path, pages: Path, *, locale: str = "en", as_of: date = AS_OF
) -> Path:
    """The folder of the pages."""
    run = run_of(database.parent, as_of, locale=locale)
    index = report.render(database, pages, run, plotly=_BUNDLE)
    return index.parent


def text_of(page: Path) -> str:
    """A page's words, without its tags, style, scripts and word joiners."""
    html = page.read_text(encoding="utf-8").replace("\u2060", "")
    body = re.sub(r"<(style|script)\b.*?</\1>", "", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def elements(page: Path) -> list[Element]:
    reader = _Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    """Every element of a page, as a browser would make them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
