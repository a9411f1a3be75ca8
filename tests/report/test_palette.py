"""A company's own colours and logo on pages, in PDFs and in what stands for a key."""

import base64
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline import report
from pipeline.build import standing
from pipeline.config import Logo, Look, Settings
from pipeline.finance import FinanceFiles
from pipeline.formats.colors import DARK_PAPER, PAPER, contrast
from pipeline.report.palette import printed_colors, styled
from pipeline.report.pdf import pdf
from pipeline.resources import resource
from tools.browser import needs_chromium, opened, started
from worlds.report import AS_OF, make_warehouse
from worlds.runs import run_of

OWN = Look(accent="#7a1fa2", accent_dark="#caa7da")
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g/></svg>'
STYLE = (resource("templates") / "_style.css").read_text()
TOKEN = re.compile(r"--((?:accent|series-\d|paper)): (#[0-9a-f]{6});")


def tokens(style: str) -> tuple[dict[str, str], dict[str, str]]:
    """The colours on white and on dark paper."""
    found = TOKEN.findall(style)
    half = len(found) // 2
    return dict(found[:half]), dict(found[half:])


def test_the_shipped_colours_are_those_of_the_style() -> None:
    light, dark = tokens(STYLE)

    assert styled(STYLE, Look()) == STYLE
    assert (light["accent"], dark["accent"]) == (Look().accent, Look().accent_dark)
    assert (light["paper"], dark["paper"]) == (PAPER, DARK_PAPER)


def test_tints_of_an_accent_have_the_contrast_of_those_that_are_shipped() -> None:
    shipped, own = tokens(STYLE), tokens(styled(STYLE, OWN))
    for before, after in zip(shipped, own, strict=True):
        paper = before["paper"]
        assert after["paper"] == paper
        for name in ("series-2", "series-3", "series-4"):
            ratio = contrast(before[name], paper)
            assert after[name] != before[name]
            assert contrast(after[name], paper) == pytest.approx(ratio, abs=0.15)
    assert [one["accent"] for one in own] == [OWN.accent, OWN.accent_dark]


def test_a_pdf_is_drawn_in_the_colours_of_its_page() -> None:
    page = f"<title>:root {{--accent: #111111;}}</title><style>{styled(STYLE, OWN)}"
    colors = printed_colors(f"{page}</style>", STYLE)

    assert colors["series-1"] == OWN.accent
    assert (colors["ink"], colors["paper"]) == ("#000000", PAPER)
    assert printed_colors("<style>old {}</style>", STYLE)["series-1"] == Look().accent


@pytest.mark.slow
def test_all_pages_have_the_logo_once_and_load_nothing(tmp_path: Path) -> None:
    path = tmp_path / "logo.svg"
    logo = Logo(path, "image/svg+xml", DRAWING.encode())
    run = run_of(tmp_path, AS_OF, look=replace(OWN, logo=logo))
    pages = report.render(make_warehouse(tmp_path), tmp_path / "pages", run).parent

    held = f'src="data:image/svg+xml;base64,{base64.b64encode(logo.content).decode()}"'
    for page in (one.read_text() for one in pages.glob("*.html")):
        assert page.count(held) == page.count("<img") == 1
        assert "; img-src data:" in page
        assert f"--accent: {OWN.accent};" in page
    (statement, *_) = pages.glob("statement-*")
    assert pdf(statement.read_bytes()).startswith(b"%PDF")


@pytest.mark.slow
@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_the_logo_and_can_read_the_accent(
    tmp_path: Path, scheme: str
) -> None:
    logo = Logo(tmp_path / "logo.svg", "image/svg+xml", DRAWING.encode())
    run = run_of(tmp_path, AS_OF, look=replace(OWN, logo=logo))
    index = report.render(make_warehouse(tmp_path), tmp_path / "pages", run)

    with started() as browser, opened(browser, index, color_scheme=scheme) as one:
        shown = one.page.locator("img.logo").evaluate("one => one.naturalWidth")
        assert shown > 0
        assert one.said == []
        assert [
            url for url in one.asked if not url.startswith(("file:", "data:"))
        ] == []
        assert one.faults() == []


def test_another_look_is_other_pages(tmp_path: Path) -> None:
    settings = Settings((), tmp_path)
    run = run_of(tmp_path, date(2026, 11, 24))
    logos = [Logo(tmp_path, "image/png", content) for content in (b"a", b"b")]
    looks = [Look(), OWN, *(Look(logo=logo) for logo in logos)]
    runs = [replace(run, settings=replace(settings, look=one)) for one in looks]

    keys = {standing.key_of(one, FinanceFiles("EUR")) for one in runs}
    assert len(keys) == len(looks)
