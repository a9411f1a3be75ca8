"""Colours written as `#rrggbb`: their contrast, and tints of one by contrast."""

from functools import partial

PAPER = "#ffffff"
DARK_PAPER = "#0f141a"

# Text on it needs so much, by the accessibility guidelines (WCAG 2, level AA).
LEAST_CONTRAST = 4.5

_CLOSE = 24  # halvings: closer than a colour's 255 steps
_SRGB_LINEAR_END = 0.04045


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 (none) to 21 (black on white)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def tint(color: str, toward: str, paper: str, ratio: float) -> str:
    """*color* mixed with *toward*, as far as its contrast on *paper* is *ratio*.

    It is *color* or *toward* where no mixture of the two has it.
    """
    mixed = partial(_mixed, color, toward)
    is_rising = contrast(toward, paper) > contrast(color, paper)
    low, high = 0.0, 1.0
    for _ in range(_CLOSE):
        middle = (low + high) / 2
        if (contrast(mixed(middle), paper) < ratio) is is_rising:
            low = middle
        else:
            high = middle
    return mixed(high)


def _mixed(one: str, other: str, part: float) -> str:
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    if channel <= _SRGB_LINEAR_END:
        return channel / 12.92
    return float(((channel + 0.055) / 1.055) ** 2.4)


def _channels(color: str) -> bytes:
    return bytes.fromhex(color.removeprefix("#"))
