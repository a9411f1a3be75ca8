"""Bytes of a picture → its type by content, if it is one that can do no harm.

Pages show a logo by `<img>`, where browsers run no script and load nothing. An SVG is
held to it all the same: it has only what draws, and refers only to itself.
"""

import re
from collections.abc import Mapping
from xml.parsers import expat

from pipeline.errors import ConfigError

LARGEST = 100_000
_MOST_PIXELS = 4096  # of a side: a small file may be a picture of gigabytes

# The markers of segments that begin a picture, and are no tables.
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}

_SVG = "http://www.w3.org/2000/svg"
_DRAWING = {
    *("svg", "g", "defs", "symbol", "use", "style", "title", "desc", "metadata"),
    *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
    *("text", "tspan", "clipPath", "mask", "pattern", "marker"),
    *("linearGradient", "radialGradient", "stop"),
}
# What drawing programs say of a file, and no browser shows.
_METADATA = (
    "http://sodipodi.sourceforge.net/",
    "http://www.inkscape.org/",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://creativecommons.org/ns#",
    "http://web.resource.org/cc/",
    "http://purl.org/dc/",
)
# Styles that load, or that write their signs otherwise.
_LOADS = re.compile(
    r"\\|@import|@font-face|image\(|image-set\(|src\(|javascript:"
    r"|url\(\s*[\"']?\s*(?!#|\s|[\"'])",
    re.IGNORECASE,
)


def media_type(where: str, content: bytes) -> str:
    """The type of the picture *content*, whose place an error names by *where*.

    Raises:
        ConfigError: It is no SVG, PNG or JPEG, is huge, or an SVG does more than draw.
    """
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        _check_size(where, content[16:20], content[20:24])
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        _check_size(where, *_jpeg_size(where, content))
        return "image/jpeg"
    _check_svg(where, content)
    return "image/svg+xml"


def _check_size(where: str, *sides: bytes) -> None:
    pixels = [int.from_bytes(side) for side in sides]
    if not all(0 < side <= _MOST_PIXELS for side in pixels):
        raise ConfigError(
            f"{where}: is {pixels[0]} by {pixels[1]} pixels; a side has 1 to"
            f" {_MOST_PIXELS}"
        )


def _jpeg_size(where: str, content: bytes) -> tuple[bytes, bytes]:
    """Width and height, which stand in the segment of the frame."""
    place = 2
    while content[place : place + 1] == b"\xff" and place + 9 <= len(content):
        if content[place + 1] in _FRAMES:
            return content[place + 7 : place + 9], content[place + 5 : place + 7]
        place += 2 + int.from_bytes(content[place + 2 : place + 4])
    raise ConfigError(f"{where}: is a JPEG that is cut off or damaged")


def _check_svg(where: str, content: bytes) -> None:
    """Hold the SVG to elements that draw, and to references into itself."""
    drawing = _Drawing(where)
    parser = drawing.parser
    parser.StartElementHandler = drawing.element
    parser.CharacterDataHandler = drawing.said.append
    parser.StartDoctypeDeclHandler = lambda *_: drawing.reject("a DOCTYPE")
    parser.ProcessingInstructionHandler = lambda name, _: drawing.reject(f"<?{name}?>")
    try:
        parser.Parse(content, True)  # noqa: FBT003 (it takes no keywords)
    except (expat.ExpatError, ValueError, LookupError) as exc:
        raise ConfigError(f"{where}: is no SVG, PNG or JPEG: {exc}") from None
    if _LOADS.search("".join(drawing.said)):
        drawing.reject("a style that loads something")


class _Drawing:
    """What is read of an SVG; *where* it is, as errors name it."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._is_begun = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.said: list[str] = []

    def element(self, name: str, attributes: Mapping[str, str]) -> None:
        """Reject an element that does more than draw."""
        space, _, local = name.rpartition(" ")
        if not self._is_begun and (space, local) != (_SVG, "svg"):
            raise ConfigError(f"{self._where}: is no SVG, PNG or JPEG")
        self._is_begun = True
        is_drawn = space == _SVG and local in _DRAWING
        if not (is_drawn or space.startswith(_METADATA)):
            self.reject(f"<{local}>")
        for key, value in attributes.items():
            attribute = key.rpartition(" ")[2].lower()
            is_outside = attribute == "href" and not value.startswith("#")
            is_unsafe = attribute.startswith("on") or attribute == "base"
            if is_outside or is_unsafe or _LOADS.search(value):
                self.reject(f'{attribute}="{value[:40]}"')

    def reject(self, what: str) -> None:
        """Say *what* a logo may not have, and in which line."""
        raise ConfigError(
            f"{self._where}: line {self.parser.CurrentLineNumber}: has {what}, which a"
            " logo may not have\nsave it as plain SVG, or as PNG"
        )
