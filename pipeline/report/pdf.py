"""The page of a statement → a PDF of it, as it prints; nothing is loaded.

It is made by WeasyPrint, which comes with an extra and needs Pango of the system.
"""

import hashlib
import logging
import re
from typing import Any

from pipeline.errors import ConfigError
from pipeline.report.palette import printed_colors
from pipeline.resources import resource

_COLOR = re.compile(r"var\(--([a-z0-9-]+)\)")
_DRAWING = re.compile(r"(<svg\b[^>]*>)")
_MISSING = (
    "pdf: needs the package weasyprint, and the library Pango of the system: {}\n"
    "pip install 'chargeback[pdf]', and with apt: apt-get install libpango-1.0-0"
    " libpangoft2-1.0-0 libharfbuzz-subset0"
)


def check() -> None:
    """Hold it to what makes PDFs being there.

    Raises:
        ConfigError: The package or the library is not installed.
    """
    _weasyprint()


def pdf(page: bytes) -> bytes:
    """*page*, one of those of the reports folder, as a PDF: each time the same bytes.

    Raises:
        ConfigError: The package or the library is not installed.
    """
    weasyprint = _weasyprint()
    # A page has all that it shows, its logo too: nothing is opened.
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=("data",))
    style = weasyprint.CSS(string=_text("_pdf.css"), url_fetcher=nothing)
    # Each drawing is rendered by itself, without the style of the page.
    html = page.decode()
    colors = printed_colors(html, _text("_style.css"))
    drawn = _COLOR.sub(lambda found: colors[found[1]], _text("_pdf_drawings.css"))
    html = _DRAWING.sub(rf"\1<style>{drawn}</style>", html)
    document = weasyprint.HTML(string=html, url_fetcher=nothing, base_url="")
    made: bytes = document.write_pdf(
        stylesheets=[style],
        pdf_identifier=hashlib.sha256(page).digest()[:16],
        pdf_tags=True,
    )
    return made


def _text(name: str) -> str:
    return (resource("templates") / name).read_text(encoding="utf-8")


def _weasyprint() -> Any:
    """The package, which takes a second to load; it logs what style it passes over."""
    for name in ("weasyprint", "weasyprint.progress", "fontTools"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        import weasyprint  # noqa: PLC0415
    except (ImportError, OSError) as exc:
        raise ConfigError(_MISSING.format(str(exc).partition("\n")[0])) from None
    return weasyprint
