"""`[report]`: the logo and the accent of pages and mails, checked before all else."""

import base64
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.config.images import LARGEST, media_type
from pipeline.config.keys import Report
from pipeline.config.paths import resolved
from pipeline.errors import ConfigError
from pipeline.formats.colors import DARK_PAPER, LEAST_CONTRAST, PAPER, contrast, tint

# As in `_style.css`: what pages have without an accent of their own.
_SHIPPED, _SHIPPED_DARK = "#0b5cad", "#7db8f2"
_DARK_CONTRAST = 8.8


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture in the file *path*, of a *media_type* such as `image/png`."""

    path: Path
    media_type: str
    content: bytes = field(repr=False)

    @property
    def url(self) -> str:
        """The picture itself, as a page holds it."""
        text = base64.b64encode(self.content).decode()
        return f"data:{self.media_type};base64,{text}"


@dataclass(frozen=True, slots=True)
class Look:
    """What is a company's own: a logo, the accent on white and on dark paper."""

    logo: Logo | None = None
    accent: str = _SHIPPED
    accent_dark: str = _SHIPPED_DARK

    @property
    def is_shipped(self) -> bool:
        """Whether the colours are those that come with the templates."""
        return (self.accent, self.accent_dark) == (_SHIPPED, _SHIPPED_DARK)

    @property
    def mailed_logo(self) -> Logo | None:
        """The logo, if mails may show it: hardly a mail program shows an SVG."""
        is_shown = self.logo and self.logo.media_type != "image/svg+xml"
        return self.logo if is_shown else None


def look(path: Path, keys: Report) -> Look:
    """The section of the file at *path*, to whose folder its paths are relative.

    An accent alone is lightened for dark paper.

    Raises:
        ConfigError: A colour has too little contrast, or the logo is no safe picture.
    """
    accent = _color(path, "accent", keys.accent, PAPER)
    dark = _color(path, "accent_dark", keys.accent_dark, DARK_PAPER)
    if accent and not dark:
        dark = tint(accent, PAPER, DARK_PAPER, _DARK_CONTRAST)
    logo = None if keys.logo is None else _logo(path, keys.logo)
    return Look(logo, accent or _SHIPPED, dark or _SHIPPED_DARK)


def _color(path: Path, key: str, written: str | None, paper: str) -> str | None:
    if written is None:
        return None
    if (found := contrast(written, paper)) < LEAST_CONTRAST:
        way = "darker" if paper == PAPER else "lighter"
        # Rounded down: 4.49 is not 4.5.
        raise ConfigError(
            f"{path}: report.{key}: {written} has a contrast of"
            f" {int(found * 100) / 100} on {paper}, and text needs {LEAST_CONTRAST}"
            f"\nwrite a {way} colour"
        )
    return written.lower()


def _logo(path: Path, written: str) -> Logo:
    place = resolved(path, "report.logo", written)
    where = f"{path}: report.logo: {place}"
    try:
        # A folder has no bytes, and a pipe might never end.
        if place.exists() and not place.is_file():
            raise ConfigError(f"{where}: not a file that can be read to its end")
        with place.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as exc:
        raise ConfigError(f"{where}: {exc.strerror}") from exc
    if len(content) > LARGEST:
        raise ConfigError(
            f"{where}: has more than {LARGEST // 1000} kB, and each page has it inside"
            "\nsave it smaller, as SVG or as a PNG of 300 pixels"
        )
    return Logo(place, media_type(where, content), content)
