"""A look → the style of pages with its colours, and the colours that a page has."""

import re
from collections.abc import Mapping

from pipeline.config import Look
from pipeline.formats.colors import DARK_PAPER, PAPER, tint

# The contrast of the series on paper, as `_style.css` has it, and what each tends to.
_SERIES = {
    "series-2": (3.4, 4.8),
    "series-3": (2.1, 2.8),
    "series-4": (1.4, 1.8),
}
_TOKEN = re.compile(r"--([a-z0-9-]+): (#[0-9a-f]{6});")
_BLOCK = re.compile(r":root \{(.*?)\}", re.DOTALL)
_OF_SCREEN = "@media screen"


def styled(style: str, look: Look) -> str:
    """*style* with the accent of *look*, and tints of it in place of the shipped ones.

    They have the contrast that those have. The last of them is grey.
    """
    if look.is_shipped:
        return style
    light = {"accent": look.accent, "series-1": look.accent}
    dark = {"accent": look.accent_dark, "series-1": look.accent_dark}
    for name, (on_light, on_dark) in _SERIES.items():
        light[name] = tint(look.accent, PAPER, PAPER, on_light)
        dark[name] = tint(look.accent_dark, DARK_PAPER, DARK_PAPER, on_dark)
    before, mark, after = style.partition(_OF_SCREEN)
    return _set(before, light) + mark + _set(after, dark)


def screen_colors(style: str) -> dict[str, dict[str, str]]:
    """The colours by name that *style* has on a screen, in light and in dark."""
    light, dark, *_ = _BLOCK.findall(style)
    of_light = dict(_TOKEN.findall(light))
    return {"light": of_light, "dark": of_light | dict(_TOKEN.findall(dark))}


def printed_colors(page: str, style: str) -> dict[str, str]:
    """The colours by name that *page* is printed with, or else those of *style*.

    A page of a closed month may be of an earlier version.
    """
    own = page.partition("<style>")[2].partition("</style>")[0]
    colors: dict[str, str] = {}
    for each in (style, own):
        light, *_, printed = [*_BLOCK.findall(each), "", ""][:3]
        colors |= _TOKEN.findall(light)
        colors |= _TOKEN.findall(printed)
    return colors


def _set(style: str, colors: Mapping[str, str]) -> str:
    def color(found: re.Match[str]) -> str:
        name, shipped = found.groups()
        return f"--{name}: {colors.get(name, shipped)};"

    return _TOKEN.sub(color, style)
